"""The pages of an order: entered by one at night, looked at by another, opened at a door, hidden from the other side."""

import re
import zlib
from datetime import UTC, datetime, timedelta
from struct import pack

import pytest
import requests

from tests.insider.cases import viewer_of
from tests.pages.house import Browser, House, Organisation
from tocsin.flow.keep_draft import keep_draft
from tocsin.registry.store_papers import MAX_DRAFTS
from tocsin.runtime.database import viewing
from tocsin.runtime.ids import uuid7

CASE = re.compile(r"/cases/([0-9a-f-]{36})/orders")


def png(note: bytes = b"", wide: int = 1, high: int = 1) -> bytes:
    """Return a white picture, of one dot unless said, with `note` beside it in a text chunk."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return pack(">I", len(data)) + name + data + pack(">I", zlib.crc32(name + data))

    head = chunk(b"IHDR", pack(">IIBBBBB", wide, high, 8, 0, 0, 0, 0))
    side = chunk(b"tEXt", b"Comment\0" + note) if note else b""
    return b"\x89PNG\r\n\x1a\n" + head + side + chunk(b"IDAT", zlib.compress((b"\0" + b"\xff" * wide) * high)) + chunk(b"IEND", b"")  # fmt: skip


def typed(org: Organisation, **changes: object) -> dict[str, object]:
    """Return what a shift lead types at 02:00: who, whom, and little else."""
    fields: dict[str, object] = {
        "protected": str(org.people["responder"]),
        "respondent_name": "Rex Notreal",
        "family": "temporary",
        "court": "Circuit Court of Nowhere",
        "docket": "DR-2025-1",
        "court_time_zone": "America/Chicago",
        "conditions": ["01", "04", "05"],
        "others": "Wanda Sample, 2019-01-02, child",
        "elsewhere": "her home at 7 Hidden Lane, 500 ft",
        "findings": "He held a knife to the door",
        "do": "enter",
    }
    return fields | changes


def send(
    browser: Browser, path: str, fields: dict[str, object], files: dict[str, bytes] | None = None
) -> requests.Response:
    """Send the form of the page at `path`."""
    shown = browser.get(path)
    data = {"csrfmiddlewaretoken": browser.token(shown), **fields}
    found = re.search(r'name="draft" value="([^"]+)"', shown.text)
    if found and "draft" not in data:
        data["draft"] = found[1]
    given = {name: (name, raw) for name, raw in (files or {}).items()}
    return browser.session.post(
        browser.base + path, data=data, files=given or None, headers={"Referer": browser.base + path}, timeout=20
    )  # fmt: skip


def act(browser: Browser, shown: requests.Response, path: str, **fields: str) -> requests.Response:
    """Press a button of a page that is shown."""
    return browser.post_to(path, browser.token(shown), **fields)


@pytest.fixture
def lead(house: House, org: Organisation) -> Browser:
    """Return the shift lead's browser."""
    return house.signed_in(org, "shift_lead")


def entered(lead: Browser, org: Organisation, files: dict[str, bytes] | None = None, **changes: object) -> str:  # fmt: skip
    """Enter an order and return its case."""
    shown = send(lead, "/orders/new", typed(org, **changes), files)
    assert shown.status_code == 200, shown.text
    found = CASE.search(shown.url)
    assert found, re.findall(r'class="problem".*', shown.text)
    return found[1]


def test_an_order_is_entered_with_little_and_says_what_it_means(
    lead: Browser, org: Organisation
) -> None:
    twelve = "\n".join(f"Wanda {n}" for n in range(12))
    case_id = entered(lead, org, others=twelve, elsewhere=twelve)
    page = lead.get(f"/cases/{case_id}/orders").text
    assert "valid, not served: do not be the one who tells him" in page
    assert "nobody has said when it ends: it stays open" in page
    assert "You entered it: somebody else has to look." in page


def test_what_contradicts_itself_is_said_at_its_field_and_all_of_it_stays_a_draft_with_its_files(
    lead: Browser, org: Organisation
) -> None:
    wrong = typed(
        org,
        issued_on="2025-03-09",
        ends_on="2025-03-01",
        conditions=["01", "42"],
        plates="ABC 123, TX\n🚗🚗",
        badges="00815\n0000",
        elsewhere_area='{"type":"Polygon","coordinates":[[[0,0],[4,4],[4,0],[0,2],[0,0]]]}',
    )
    shown = send(lead, "/orders/new", wrong, {"document": b"%PDF-1.7 the paper"})
    assert shown.status_code == 400
    assert "There is no condition 42" in shown.text
    assert "“🚗🚗”:" in shown.text
    assert "A badge of zeros alone matches nobody" in shown.text
    assert "Meets the side that starts at" in shown.text
    drafts = lead.get("/orders").text
    draft = re.search(r"/orders/new\?draft=([0-9a-f-]{36})", drafts)
    assert draft
    again = lead.get(f"/orders/new?draft={draft[1]}").text
    assert "🚗🚗" in again
    assert "you need not choose them again" in again
    mended = typed(org, issued_on="2025-03-01", ends_on="2025-03-09", draft=draft[1])
    shown = send(lead, f"/orders/new?draft={draft[1]}", mended)
    found = CASE.search(shown.url)
    assert found, shown.text
    assert "Open the document" in shown.text
    assert draft[1] not in lead.get("/orders").text


def drafts_before(house: House, org: Organisation, count: int, *, since: timedelta) -> None:
    """Keep drafts of the shift lead's, a minute apart, the first of them so long ago."""
    at = datetime.now(UTC) - since
    with viewing(house.conn, org.id):
        lead = viewer_of(house, org, "shift_lead")
        for n in range(count):
            fields = {"respondent_name": [f"Draft {n:02}"]}
            keep_draft(house.conn, house.ring, lead, uuid7(), (fields, {}), at=at + timedelta(minutes=n))  # fmt: skip


FULL = "one more takes the place of the oldest"


@pytest.mark.parametrize("hours", [24, -24])
def test_one_draft_more_than_are_kept_takes_the_place_of_the_oldest_never_of_itself_and_that_is_said(house: House, org: Organisation, lead: Browser, hours: int) -> None:  # fmt: skip
    # A negative age: the clock was set back since they were kept.
    drafts_before(house, org, MAX_DRAFTS - 1, since=timedelta(hours=hours))
    assert FULL not in lead.get("/orders").text + lead.get("/orders/new").text
    shown = send(lead, "/orders/new", typed(org, do="draft", respondent_name="Rex Twentieth")).text
    kept = re.findall(r"Draft \d\d|Rex Twentieth", shown)
    assert (len(kept), FULL in shown) == (MAX_DRAFTS, True)
    assert FULL in lead.get("/orders/new").text
    # Going on with one of them takes the place of none.
    (own, *_) = re.findall(r"/orders/new\?draft=([0-9a-f-]{36})", shown)
    assert FULL not in lead.get(f"/orders/new?draft={own}").text
    shown = send(lead, "/orders/new", typed(org, do="draft", respondent_name="Rex Newest")).text
    gone = kept[-1]
    assert gone == ("Draft 00" if hours > 0 else "Rex Twentieth")
    assert (shown.count("?draft="), "Rex Newest" in shown, gone in shown) == (MAX_DRAFTS, True, False)  # fmt: skip
    wrong = typed(org, respondent_name="Rex Wrong", issued_on="2025-03-09", ends_on="2025-03-01")
    assert "had to make room for this one" in send(lead, "/orders/new", wrong).text
    shown = lead.get("/orders").text
    assert (shown.count("?draft="), "Rex Wrong" in shown) == (MAX_DRAFTS, True)


def test_where_a_guard_shows_police_what_was_typed_it_says_what_does_not_belong_there(
    lead: Browser,
) -> None:
    shown = lead.get("/orders/new").text
    hints = {
        name: re.search(rf'id="id_{name}_helptext">([^<]*)<', shown)
        for name in ("description", "caution")
    }
    for name, hint in hints.items():
        assert hint, name
        assert "shows this to police as it is typed: no address, no child and no finding" in hint[1]


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("issued_on", "3/4/2025", "Write the date like"),
        ("court_time_zone", "Mars/Base", "There is no such time zone"),
        ("away_metres", "far", "Write the distance like"),
        ("phones", "12", "is no number with its country"),
        ("issued_on", "0026-03-09", "Write a year from 1900 to 2200"),
        ("ends_on", "9999-12-31", "Write a year from 1900 to 2200"),
        ("respondent_born_on", "2199-01-01", "in the future"),
        ("others", "Wanda Sample, May 30 2016", "write the name, then the date of birth"),
        ("others", "Wanda Sample, 2016-05-30, kid", "write the name, then the date of birth"),
        ("others", "Sample, Wanda, 2016-05-30, child", "write the name, then the date of birth"),
        ("others", ", 2016-05-30, child", "write the name, then the date of birth"),
        ("others", "Wanda Sample, 2199-01-01, child", "A date of birth here is in the future"),
        ("others", "\n".join(["Wanda Sample"] * 13), "More than 12 lines."),
        ("elsewhere", "\n".join(["the school"] * 13), "More than 12 lines."),
        ("protected", "", "Say whom it protects"),
        ("respondent_name", "", "Say whom the order restrains"),
    ],
)
def test_each_wrong_value_has_its_words(
    lead: Browser, org: Organisation, field: str, value: str, said: str
) -> None:
    # Their times, too: of a date that is none, and of an evening that is no instant in America.
    times = {"issued_time": "16:58", "ends_time": "23:59"}
    shown = send(lead, "/orders/new", typed(org, **{field: value}, **times))
    assert (shown.status_code, said in shown.text) == (400, True)


def test_a_file_is_what_its_bytes_say_and_a_masked_page_is_no_pdf(
    lead: Browser, org: Organisation
) -> None:
    shown = send(
        lead, "/orders/new", typed(org), {"document": b"<html>", "first_page": b"%PDF-1.7"}
    )
    assert "This is no PDF, PNG or JPEG, whatever its name says." in shown.text
    assert "A PDF keeps what lies under the boxes" in shown.text


def test_a_second_person_takes_the_review_on_and_says_that_the_entry_is_right(
    house: House, lead: Browser, org: Organisation
) -> None:
    case_id = entered(lead, org)
    sefa = house.signed_in(org, "safety_lead")
    asked = sefa.get("/orders")
    take = re.search(r"/orders/reviews/[0-9a-f-]{36}", asked.text)
    assert take
    assert sefa.get(f"/cases/{case_id}/orders").status_code == 404
    page = act(sefa, asked, take[0])
    review = re.search(r"/cases/[0-9a-f-]+/orders/[0-9a-f-]+/review", page.text)
    assert review
    page = act(sefa, page, review[0], seen=facts_shown(page.text))
    assert "looked at by" in page.text


def facts_shown(page: str) -> str:
    """Return how many facts the page says that it shows with the button."""
    found = re.search(r'name="seen" value="([0-9]+)"', page)
    assert found
    return found[1]


@pytest.mark.guarantee("I17")
def test_what_one_person_tells_later_is_shown_with_what_it_does_not_do_until_somebody_else_has_looked(
    house: House, lead: Browser, org: Organisation
) -> None:
    case_id = entered(lead, org, colleague=str(org.people["guard"]))
    sefa = house.signed_in(org, "safety_lead")
    asked = sefa.get("/orders")
    take = re.search(r"/orders/reviews/[0-9a-f-]{36}", asked.text)
    assert take
    page = act(sefa, asked, take[0])
    review = re.search(r"/cases/[0-9a-f-]+/orders/[0-9a-f-]+/review", page.text)
    assert review
    act(sefa, page, review[0], seen=facts_shown(page.text))
    before = sefa.get(f"/cases/{case_id}/orders").text
    assert "review" not in "".join(re.findall(r'action="([^"]+)"', before))
    told = lead.get(f"/cases/{case_id}/orders")
    own = act(lead, told, review[0].removesuffix("review") + "tell", kind="served", source="police")
    assert "Told since by one person; a second has not looked yet:" in own.text
    assert "it keeps him from nothing at his own work place" in own.text
    assert "You told it: somebody else has to look." in own.text
    assert "waits for a second person" in lead.get("/orders").text
    refused = act(lead, own, review[0], seen="2")
    assert (refused.status_code, "not the one who told it" in refused.text) == (400, True)
    page = sefa.get(f"/cases/{case_id}/orders")
    assert "one person's word" in page.text
    stale = act(sefa, page, review[0], seen="1")
    assert (stale.status_code, "look again" in stale.text) == (400, True)
    page = act(sefa, page, review[0], seen=facts_shown(page.text))
    assert "Told since by one person" not in page.text
    assert page.text.count("looked at by") == 2


@pytest.mark.guarantee("I19")
def test_a_guard_opens_the_first_page_for_police_and_it_shows_no_address_child_or_finding(
    house: House, lead: Browser, org: Organisation
) -> None:
    case_id = entered(
        lead, org, {"document": png(b"7 Hidden Lane"), "first_page": png(b"7 Hidden Lane")}
    )
    gus = house.signed_in(org, "guard")
    assert gus.get(f"/cases/{case_id}/orders").status_code == 404
    before = gus.get(f"/cases/{case_id}/first-page")
    assert "Notreal" not in before.text
    page = act(gus, before, f"/cases/{case_id}/first-page")
    assert "Rex Notreal" in page.text
    assert "DR-2025-1" in page.text
    # What is said to police of several cases is said by their words: which number is whose stands here alone.
    row = house.engine.execute("select word from registry_case where id = %s", (case_id,)).fetchone()  # fmt: skip
    assert row
    assert all(f'<span class="word">{row[0]}</span>' in each.text for each in (before, page))
    briefing = lead.get(f"/briefings/{case_id}").text
    assert f"/cases/{case_id}/first-page" in briefing
    assert "DR-2025-1" not in briefing
    assert "data:image/png" in page.text
    for hidden in ("Hidden Lane", "Wanda", "knife"):
        assert hidden not in page.text
    assert b"Hidden Lane" not in png_of(page.text)
    looked = lead.get(f"/cases/{case_id}/access").text
    assert "the first page for police" in looked


def png_of(page: str) -> bytes:
    """Return the bytes of the picture in a page."""
    import base64

    found = re.search(r'data:image/png;base64,([^"]+)"', page)
    assert found
    return base64.b64decode(found[1])


@pytest.mark.guarantee("I11")
def test_the_respondent_finds_nothing_under_any_of_the_addresses(
    house: House, lead: Browser, org: Organisation
) -> None:
    case_id = entered(lead, org, colleague=str(org.people["guard"]))
    rex = house.signed_in(org, "guard")
    paths = [f"/cases/{case_id}/orders", f"/cases/{case_id}/first-page", f"/cases/{case_id}/access"]
    unknown = rex.get("/cases/0199e000-0000-7000-8000-00000000dead/orders")
    for path in paths:
        found = rex.get(path)
        assert (found.status_code, len(found.content)) == (404, len(unknown.content))
    assert "Notreal" not in rex.get("/orders").text


def test_what_happened_is_told_and_taken_back_and_both_stay_to_be_seen(
    lead: Browser, org: Organisation
) -> None:
    case_id = entered(lead, org, issued_on="2025-03-01")
    page = lead.get(f"/cases/{case_id}/orders")
    tell = re.search(r"/cases/[0-9a-f-]+/orders/[0-9a-f-]+/tell", page.text)
    assert tell
    page = act(
        lead,
        page,
        tell[0],
        kind="served",
        when_on="2025-03-02",
        when_time="16:57:59",
        source="police",
    )
    assert "possible breach, for police" in page.text
    served = page.text.split("<strong>Served</strong>")[1]
    fact = re.search(r'name="retracts" value="([0-9a-f-]{36})"', served)
    assert fact
    page = act(lead, page, tell[0], retracts=fact[1], words="another man")
    assert "valid, not served" in page.text
    assert "taken back" in page.text
    then = lead.get(f"/cases/{case_id}/orders?at=2025-03-02T16:58:00")
    assert "How it stood at" in then.text


def test_a_reinstatement_of_what_was_never_recalled_is_refused_at_its_field(
    lead: Browser, org: Organisation
) -> None:
    case_id = entered(lead, org)
    page = lead.get(f"/cases/{case_id}/orders")
    tell = re.search(r"/cases/[0-9a-f-]+/orders/[0-9a-f-]+/tell", page.text)
    assert tell
    page = act(lead, page, tell[0], kind="reinstated")
    assert (page.status_code, "nothing can be reinstated" in page.text) == (400, True)
    # A time alone would count from now, and be lost.
    page = act(lead, page, tell[0], kind="served", when_time="16:58")
    assert (page.status_code, "There is a time without its date." in page.text) == (400, True)
    page = act(lead, page, tell[0], kind="modified", has_open_end="on", ends_on="2027-03-09")
    assert (page.status_code, "It cannot have an end and none." in page.text) == (400, True)


def test_the_duty_manager_sets_a_house_rule_with_an_end_and_a_contact(
    lead: Browser, org: Organisation
) -> None:
    case_id = entered(lead, org, colleague=str(org.people["guard"]))
    page = lead.get(f"/cases/{case_id}/orders")
    assert "Let him pass." in page.text
    rule = {"rule_ground": "threat", "rule_notice": "delayed", "rule_delay_days": "3"}
    refused = act(lead, page, f"/cases/{case_id}/rules", rule_days="91", **rule)
    assert "ends within 90 days" in refused.text
    assert "to contest it" in refused.text
    page = act(lead, page, f"/cases/{case_id}/rules", rule_days="30", rule_contest="hr@house.example", rule_reason="service is on its way", **rule)  # fmt: skip
    assert "Do not admit." in page.text
    assert "Ask to lift it" in page.text


def test_a_guard_has_no_page_to_enter_an_order(house: House, org: Organisation) -> None:
    assert house.signed_in(org, "guard").get("/orders/new").status_code == 404


def test_what_becomes_known_of_him_is_at_the_doors_at_once_and_nothing_is_lost(
    lead: Browser, org: Organisation
) -> None:
    case_id = entered(lead, org, plates="ABC 123, TX")
    page = lead.get(f"/cases/{case_id}/orders")
    data = {"csrfmiddlewaretoken": lead.token(page), "plates": "XYZ 9, AR", "aliases": "Rexy"}
    shown = lead.session.post(
        f"{lead.base}/cases/{case_id}/respondent",
        data=data,
        files={"photo": ("him.png", png())},
        headers={"Referer": lead.base},
        timeout=20,
    )
    assert shown.status_code == 200
    for known in ("ABC 123", "XYZ 9", "Rexy"):
        assert known in shown.text


def test_more_names_than_the_doors_can_hold_are_said_at_their_field_and_not_kept(
    lead: Browser, org: Organisation
) -> None:
    case_id = entered(lead, org, aliases="\n".join(f"First {number}" for number in range(12)))
    page, path = lead.get(f"/cases/{case_id}/orders"), f"/cases/{case_id}/respondent"
    more = "\n".join(f"Second {number}" for number in range(12))
    refused = act(lead, page, path, aliases=more)
    assert "more than the doors can hold of one person" in refused.text
    assert "Second 1" not in lead.get(f"/cases/{case_id}/orders").text
    long = act(lead, page, path, description="t" * 1_200)
    assert "t" * 1_200 in long.text
    assert "Say it shorter" in act(lead, page, path, description="u" * 1_200).text


def test_what_is_done_without_her_needs_a_ground_and_her_word_is_asked_for(
    lead: Browser, org: Organisation
) -> None:
    refused = send(lead, "/orders/new", typed(org, her_word="objects"))
    assert "What is done without her has a ground: write it down." in refused.text
    case_id = entered(lead, org)
    assert (
        "She has not been asked about this entry yet" in lead.get(f"/cases/{case_id}/orders").text
    )


def test_that_nobody_can_look_at_an_entry_is_said_at_once_and_loudly(
    house: House, org: Organisation, lead: Browser
) -> None:
    case_id = entered(lead, org)
    page = lead.get(f"/cases/{case_id}/orders").text
    assert "who can:" in page
    assert "NOBODY CAN LOOK" not in page
    house.engine.execute(
        """update registry_person set is_active = false where organisation_id = %s and id <> %s
        and role in ('safety_lead', 'admin', 'shift_lead', 'manager')""",
        (org.id, org.people["shift_lead"]),
    )
    page = lead.get(f"/cases/{case_id}/orders").text
    assert "NOBODY CAN LOOK AT THIS ENTRY" in page


def test_what_nobody_has_drawn_is_said_and_can_be_drawn_there_once(
    lead: Browser, org: Organisation
) -> None:
    case_id = entered(lead, org, away_from=[f"site:{org.site_id}"], away_metres="100 m")
    path = f"/cases/{case_id}/orders"
    shown = lead.get(path)
    assert "Depot: 100 m (nobody has drawn it: a position there is not seen)" in shown.text
    assert "Draw her home at 7 Hidden Lane" in shown.text
    found = re.search(r'action="(/cases/[^"]+/places/0)"', shown.text)
    assert found
    crossed = '{"type":"Polygon","coordinates":[[[0,0],[4,4],[4,0],[0,2],[0,0]]]}'
    refused = act(lead, shown, found[1], area=crossed)
    assert refused.status_code == 400
    assert "Meets the side that starts at" in refused.text
    assert "[4,4],[4,0]" in refused.text
    drawn = '{"type":"Polygon","coordinates":[[[0,0],[0.01,0],[0.01,0.01],[0,0]]]}'
    done = act(lead, refused, found[1], area=drawn)
    assert "Draw her home" not in done.text
    again = act(lead, done, found[1], area=drawn)
    assert "it is drawn already" in again.text


def test_each_place_to_draw_has_a_field_of_its_own(lead: Browser, org: Organisation) -> None:
    case_id = entered(lead, org, elsewhere="her home\nthe school")
    path = f"/cases/{case_id}/orders"
    shown = lead.get(path)
    draw = re.findall(r'action="(/cases/[^"]+/places/[0-9])"', shown.text)
    refused = act(lead, shown, draw[1], area="nowhere")
    for page in (shown.text, refused.text):
        fields = re.findall(r'<textarea name="area"[^>]* id="([^"]+)"', page)
        assert len(set(fields)) == len(fields) == 2
        assert all(f'<label for="{field}">' in page for field in fields)
    assert refused.text.count("nowhere</textarea>") == 1


ZIGZAG = ",".join(f"[{-87.6 + n / 1000:.12f},{41.8 + n % 2 / 10_000:.12f}]" for n in range(1, 99))
# Of 3 KB.
AS_A_MAP_DRAWS_IT = f'{{"type":"Polygon","coordinates":[[[-87.6,41.8],{ZIGZAG},[-87.5,41.9],[-87.6,41.9],[-87.6,41.8]]]}}'


@pytest.mark.parametrize(
    ("elsewhere", "area", "says"),
    [
        ("her home, 500 ft", '{"type":"Point","coordinates":[-87.6,41.8]}', None),
        ("her home", '{"type":"Point","coordinates":[-87.6,41.8]}', "needs a distance"),
        ("her home, 500 ft\nher school", '{"type":"Point","coordinates":[-87.6,41.8]}', "needs a distance"),
        ("her home, 500 ft", '{"type":"FeatureCollection","features":[]}', "Nothing is drawn"),
        ("her school", AS_A_MAP_DRAWS_IT, None),
    ],
)  # fmt: skip
def test_a_point_is_enough_with_a_distance_and_what_is_none_is_said_at_its_field(
    lead: Browser, org: Organisation, elsewhere: str, area: str, says: str | None
) -> None:
    said = typed(org, elsewhere=elsewhere, elsewhere_area=area)
    shown = send(lead, "/orders/new", said)
    assert shown.status_code == (400 if says else 200)
    if says:
        assert says in shown.text.partition('id="id_elsewhere_area_error"')[2][:300]
    else:
        assert "nobody has drawn it" not in shown.text
