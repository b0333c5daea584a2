"""Does whoever has chosen Spanish read Spanish, on every page that she comes to, whatever her browser asks for?"""

import html
import re
from pathlib import Path
from typing import Final
from urllib.parse import urljoin, urlsplit
from uuid import UUID

import pytest

from tests.pages.house import Browser, House, Organisation
from tests.pages.test_orders import send, typed
from tests.pages.test_words import written
from tocsin.runtime.database import viewing

pytestmark = pytest.mark.pages

SOURCE: Final = Path(__file__).parents[2] / "src" / "tocsin"
MOST: Final = 120
HREF = re.compile(r'<a\b[^>]*?\bhref="([^"#?]+)"')
NOT_SHOWN = re.compile(r"<(script|style|template)\b.*?</\1>|<textarea\b.*?</textarea>", re.DOTALL)
TAG = re.compile(r"<[^>]+>")
# English months and days, and Spanish months as a name in English is written.
ENGLISH_DATE = re.compile(
    r"\b(Mon|Tue|Wed|Thu|Fri|Sat|Sun)(day|sday|nesday|rsday|urday)?\b \d"
    r"|\b\d{1,2} (January|February|March|April|June|July|August|September|October|November|December)\b"
    r"|\b\d{1,2} (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec|Ene|Abr|Ago|Dic)[a-z]*\b"
    r"|\b\d{1,2}:\d\d ?([ap]\.?m\.?)\b",
)
SPANISH_TIME = re.compile(
    r"\b(lun|mar|mié|jue|vie|sáb|dom) \d{1,2} (ene|feb|mar|abr|may|jun|jul|ago|sep|oct|nov|dic) \d\d:\d\d"
)


def spanish(house: House, org: Organisation, role: str) -> Browser:
    """Return a browser that asks for English, and in it somebody who has chosen Spanish."""
    with viewing(house.conn, org.id):
        house.conn.execute(
            "update registry_person set language = 'es' where id = %s", (org.people[role],)
        )
    browser = house.signed_in(org, role)
    browser.session.headers["Accept-Language"] = "en-US,en;q=0.9"
    return browser


def words_of(text: str) -> str:
    """Return what people read of a page, its spaces made one."""
    return " ".join(html.unescape(TAG.sub(" ", NOT_SHOWN.sub(" ", text))).split())


def walked(browser: Browser) -> dict[str, str]:
    """Return every page that can be come to by links from the board, by its address: of one kind with a number one or two."""
    found: dict[str, str] = {}
    kinds: dict[str, list[str]] = {}
    waiting = ["/", "/account/password", "/account/second/recovery", "/sign-out"]
    while waiting and len(found) < MOST:
        path = waiting.pop(0)
        shown = browser.get(path)
        if "text/html" not in shown.headers.get("Content-Type", ""):
            continue
        found[path] = shown.text
        for link in HREF.findall(shown.text):
            target = urlsplit(urljoin(browser.base + path, html.unescape(link)))
            kind = re.sub(r"[0-9a-f-]{36}", "ID", target.path)
            if target.netloc != urlsplit(browser.base).netloc or target.path in kinds.setdefault(kind, []):  # fmt: skip
                continue
            if len(kinds[kind]) < 2:
                kinds[kind].append(target.path)
                waiting.append(target.path)
    return found


@pytest.fixture
def pages(house: House, org: Organisation) -> dict[str, str]:
    """Return every page of a lead who reads Spanish, of an organisation with an incident, a drill and an order."""
    house.sos(org)
    lead = spanish(house, org, "safety_lead")
    send(lead, "/orders/new", typed(org))
    return walked(lead)


def test_no_page_of_hers_names_a_day_in_english(pages: dict[str, str]) -> None:
    assert len(pages) > 40
    days = {path: ENGLISH_DATE.findall(words_of(text)) for path, text in pages.items()}
    assert {path: found for path, found in days.items() if found} == {}
    assert any(SPANISH_TIME.search(words_of(text)) for text in pages.values())


def test_days_are_named_in_one_place_and_in_no_message() -> None:
    named = re.compile(r"\bdateformat\b|\bdate_format\b|%[aAbBp]\b[^:]|strftime")
    letters = re.compile(r"\|(date|time):[\"'](?![cYmd-]+[\"'])")
    assert [
        str(f) for f in (SOURCE / "console").rglob("*.html") if letters.search(f.read_text())
    ] == []
    for part in ("console", "notifications", "carrier"):
        files = [f for f in (SOURCE / part).rglob("*.py") if named.search(f.read_text())]
        # Of the store `%b` asks PostgreSQL for binary values.
        assert {f.name for f in files} <= {"tags.py", "store.py"}, part
    scripts = re.compile(r"\.toLocale\w+\(|\bIntl\.")
    assert [
        str(f) for f in (SOURCE / "console").rglob("*.js") if scripts.search(f.read_text())
    ] == []


def test_no_page_of_hers_has_a_sentence_of_ours_in_english(pages: dict[str, str]) -> None:
    pieces = {
        piece.strip()
        for english, said in written().items()
        if english != said
        for piece in re.split(r"%\(\w+\)[sd]|%%", english)
        if len(piece.split()) > 2
    }
    assert len(pieces) > 1000
    for path, text in pages.items():
        read = words_of(text)
        assert '<html lang="es">' in text, path
        assert [piece for piece in pieces if piece in read] == [], path


def test_what_is_not_found_is_said_in_her_language_too(house: House, org: Organisation) -> None:
    shown = spanish(house, org, "safety_lead").get(f"/incidents/{UUID(int=7)}")
    assert shown.status_code == 404
    assert '<html lang="es">' in shown.text
