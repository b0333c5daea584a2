"""A document that came as a PDF: its first page is drawn to be masked, and what cannot be drawn says why."""

import base64
import html
import re
from pathlib import Path

import pytest

from tests import paper
from tests.pages.house import Browser, House, Organisation
from tests.pages.test_orders import entered, lead, png  # noqa: F401 - a fixture
from tests.paper import pdf
from tocsin.registry.rules.paper import PNG, kind_of
from tocsin.runtime.database import viewing
from tocsin.runtime.drawing import LONGER_SIDE_PX, Undrawn

CONSOLE = Path(__file__).parents[2] / "src" / "tocsin" / "console"
MASK = re.compile(r"/cases/[0-9a-f-]+/papers/[0-9a-f-]+/mask")
PICTURE = re.compile(r'src="data:image/png;base64,([^"]+)"')


def mask_of(lead: Browser, org: Organisation, document: bytes) -> str:  # noqa: F811 - the fixture
    """Enter an order with this document; return where its first page is masked."""
    case_id = entered(lead, org, {"document": document})
    found = MASK.search(lead.get(f"/cases/{case_id}/orders").text)
    assert found
    return found[0]


def test_the_first_page_of_a_pdf_is_shown_as_a_picture_to_draw_on_and_each_look_is_on_record(
    house: House,
    lead: Browser,  # noqa: F811 - the fixture
    org: Organisation,
) -> None:
    mask = mask_of(lead, org, pdf("TEMPORARY ORDER", "7 Hidden Lane"))
    page = lead.get(mask)
    found = PICTURE.search(page.text)
    assert found
    assert kind_of(base64.b64decode(found[1])) == PNG
    assert "This picture was drawn here from the PDF" in page.text
    lead.get(mask)
    looks = house.engine.execute(
        "select what, person_id from registry_reading where case_id = %s and what = 'document'",
        (mask.split("/")[2],),
    ).fetchall()
    assert looks == [("document", org.people["shift_lead"])] * 2


@pytest.mark.parametrize(
    ("document", "why"),
    [
        (paper.locked(), "This PDF asks for a password"),
        (paper.without_pages(), "This PDF is broken or has no page"),
        (b"%PDF-1.7 the paper", "This PDF is broken or has no page"),
        (pdf(size=(72, 14_401)), "has no size of a paper"),
        (pdf(drawn=b"0 0 m 612 792 l 100 3 l f\n" * 4_000_000), "takes too long or too much memory"),
    ],
    ids=["locked", "without a page", "broken", "no paper", "heavy"],
)  # fmt: skip
def test_a_pdf_that_cannot_be_drawn_says_why_and_a_picture_of_its_page_is_taken_as_before(
    house: House,
    lead: Browser,  # noqa: F811 - the fixture
    org: Organisation,
    document: bytes,
    why: str,
) -> None:
    mask = mask_of(lead, org, document)
    page = lead.get(mask)
    assert (page.status_code, why in page.text, "Give a picture" in page.text) == (200, True, True)
    assert "data:image" not in page.text
    sent = lead.session.post(
        lead.base + mask,
        data={"csrfmiddlewaretoken": lead.token(page), "is_approved": "on"},
        files={"first_page": ("page.png", png())},
        headers={"Referer": lead.base + mask},
        timeout=20,
    )
    assert "first page masked" in sent.text
    assert lead.get(mask.removesuffix("/mask")).content == document


def test_each_reason_has_its_words() -> None:
    words = (CONSOLE / "pages" / "order_words.py").read_text(encoding="utf-8")
    said = re.findall(r"Undrawn\.([A-Z_]+): gettext_lazy", words)
    assert said == [why.name for why in Undrawn]


def test_what_is_drawn_is_kept_dot_for_dot() -> None:
    script = (CONSOLE / "static" / "mask.js").read_text(encoding="utf-8")
    assert f"MOST_PIXELS = {LONGER_SIDE_PX};" in script


def test_whoever_reads_spanish_reads_why_in_spanish(
    house: House,
    lead: Browser,  # noqa: F811 - the fixture
    org: Organisation,
) -> None:
    mask = mask_of(lead, org, paper.locked())
    with viewing(house.conn, org.id):
        house.conn.execute("update registry_person set language = 'es' where role = 'shift_lead'")
    assert "Este PDF pide una contraseña" in html.unescape(lead.get(mask).text)
