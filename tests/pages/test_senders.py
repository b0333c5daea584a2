"""Who lets a machine report, and how does a person report what she saw?"""

import re
from uuid import UUID

import pytest

from tests.pages.house import Browser, House, Organisation
from tests.pages.senders import Machine
from tocsin.console.pages.sender_words import WHY_WORDS
from tocsin.flow.take_message import MAX_BAD_KEPT
from tocsin.runtime.ids import uuid7
from tocsin.signals.rules.quarantine import Why
from tocsin.signals.rules.seen import Seen
from tocsin.signals.store_reports import take_reports

KEY = re.compile(r'<dd><code class="break">([^<]+)</code></dd>')
TRACK = re.compile(r'name="track" value="([^"]+)"')


@pytest.fixture(scope="module")
def org(house: House) -> Organisation:
    """Return an employer of this file."""
    return house.new_organisation()


@pytest.fixture(scope="module")
def lead(house: House, org: Organisation) -> Browser:
    """Return the safety lead's browser."""
    return house.signed_in(org, "safety_lead")


@pytest.fixture(scope="module")
def guard(house: House, org: Organisation) -> Browser:
    """Return the guard's browser."""
    return house.signed_in(org, "guard")


def waiting(house: House, org: Organisation) -> list[Seen]:
    """Return what people of this employer reported, and forget it."""
    with house.engine.transaction():
        taken = take_reports(house.engine, house.ring, limit=1_000)
        mine = [one for one in taken if one.organisation_id == org.id and one.sender_id is None]
        house.engine.execute(
            "delete from signals_report where id = any(%s)", ([one.id for one in mine],)
        )
    return [one.seen for one in mine if one.seen]


def enrolled(lead: Browser, org: Organisation, **said: str) -> tuple[UUID, str, str]:
    """Return id, key and page of a sender that was just enrolled."""
    given = {"kind": "signed_json", "name": f"feed {uuid7().hex[-8:]}", "where": str(org.site_id), "interval_s": "300"}  # fmt: skip
    page = lead.post_form("/senders/new", **given | said)
    assert page.status_code == 200, page.text
    key, address = KEY.findall(page.text)[:2]
    return UUID(address.rpartition("/")[2]), key, page.text


def test_a_key_is_shown_once_opens_the_door_and_a_new_one_shuts_out_the_old(
    house: House, org: Organisation, lead: Browser
) -> None:
    sender_id, key, _page = enrolled(lead, org)
    machine = object.__new__(Machine)
    machine.house, machine.org, machine.id, machine.key = house, org, sender_id, key
    assert machine.posts({"name": "Nova"}).status_code == 200
    assert key not in lead.get(f"/senders/{sender_id}").text
    page = lead.post_form(f"/senders/{sender_id}/change", f"/senders/{sender_id}", do="key")
    other = KEY.findall(page.text)[0]
    assert machine.posts({"name": "Nova"}).status_code == 401
    machine.key = other
    assert machine.posts({"name": "Nova"}).status_code == 200
    lead.post_form(f"/senders/{sender_id}/change", f"/senders/{sender_id}", do="revoke")
    assert machine.posts({"name": "Nova"}).status_code == 401
    assert "revoked" in lead.get("/senders").text


def test_what_was_set_aside_is_shown_with_its_reason_and_removed_when_looked_at(
    house: House, org: Organisation, lead: Browser
) -> None:
    feed = Machine(house, org, "signed_json")
    feed.posts(b"{<b>")
    page = lead.get(f"/senders/{feed.id}").text
    assert "not JSON" in page
    raw = re.search(rf"/senders/{feed.id}/aside/[0-9a-f-]+", page)
    assert raw is not None
    assert "{&lt;b&gt;" in lead.get(raw.group()).text
    lead.post_form(f"/senders/{feed.id}/change", f"/senders/{feed.id}", do="clear")
    assert "Nothing: everything from it could be read." in lead.get(f"/senders/{feed.id}").text


@pytest.mark.guarantee("I25")
def test_of_many_bad_lines_a_few_are_shown_and_how_many_there_were_is_said_in_both_places(
    house: House, org: Organisation, lead: Browser
) -> None:
    feed = Machine(house, org, "signed_json")
    feed.posts({"events": ["x"] * 50 + [{"name": "Nova"}]})
    page = lead.get(f"/senders/{feed.id}").text
    lines = re.findall(r"<tr><td>not the form that this feed has</td><td>(\d+)</td>", page)
    assert sum(map(int, lines)) == 50
    assert len(lines) <= MAX_BAD_KEPT
    of_it = lead.get("/senders").text.partition(f"/senders/{feed.id}")[2]
    assert "50 messages could not be read" in of_it


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"name": ""}, "missing"),
        ({"kind": "frigate"}, "one topic"),
        ({"kind": "owntracks"}, "There is no such case"),
        ({"case": "XXXX", "kind": "osmand"}, "There is no such case"),
        ({"interval_s": "1"}, "30"),
    ],
)
def test_a_sender_that_cannot_be_is_refused_at_its_field(
    org: Organisation, lead: Browser, said: dict[str, str], field: str
) -> None:
    given = {"kind": "signed_json", "name": "x", "where": str(org.site_id), "interval_s": "300"}
    page = lead.post_form("/senders/new", **given | said)
    assert page.status_code == 400
    assert field in page.text


def test_only_administrators_see_what_reports(guard: Browser) -> None:
    for path in ("/senders", "/senders/new", f"/senders/{uuid7()}"):
        assert guard.get(path).status_code == 404


def test_everybody_may_let_her_own_phone_be_followed_and_end_it(
    guard: Browser, lead: Browser, org: Organisation
) -> None:
    page = guard.post_form("/my-position", do="owntracks")
    assert "owntracks" in page.text or "OwnTracks" in page.text
    assert "Nothing has come from it yet." in guard.get("/my-position").text
    # An administrator sees that a tracker exists, and cannot enrol one for her.
    assert "phone " in lead.get("/senders").text
    guard.post_form("/my-position", do="stop")
    assert ">Off<" in guard.get("/my-position").text


def report(browser: Browser, path: str, **said: str) -> str:
    """Send the form of this page, and return the answer."""
    track = TRACK.search(browser.get(path).text)
    assert track is not None
    return browser.post_form(path, track=track.group(1), **said).text


def test_a_guard_reports_a_plate_in_a_few_taps(
    house: House, org: Organisation, guard: Browser
) -> None:
    page = report(guard, "/seen", plate="abc 12?", where=str(org.site_id), before_s="120")
    assert "Kept at" in page
    (seen,) = waiting(house, org)
    assert (seen.source, seen.plates[0].text, seen.site_id) == ("guard", "ABC12?", org.site_id)
    assert (seen.heard_at - seen.seen_at).total_seconds() == 120
    assert seen.reported_by_id == org.people["guard"]


def test_a_plate_of_emoji_is_refused_at_its_field_and_the_rest_stays(
    house: House, org: Organisation, guard: Browser
) -> None:
    page = report(
        guard, "/seen", plate="\U0001f697", words="red car", where=str(org.site_id), before_s="0"
    )
    assert "A plate has letters, figures, spaces and hyphens" in page
    assert 'value="red car"' in page
    assert waiting(house, org) == []


def test_a_report_of_nothing_is_refused(org: Organisation, guard: Browser) -> None:
    page = report(guard, "/seen", where=str(org.site_id), before_s="0")
    assert "Say a plate, a name, or what you saw." in page


def test_a_call_is_reported_with_its_number(
    house: House, org: Organisation, guard: Browser
) -> None:
    page = report(
        guard, "/seen/contact", kind="call", phone="+1 312 555 0177", hours="1", is_he="on"
    )
    assert "Kept at" in page
    (seen,) = waiting(house, org)
    # Who has no case of her own names none, whatever she ticks.
    assert (seen.source, seen.phone, seen.codes, seen.case_id) == ("contact", "+1 312 555 0177", ("call",), None)  # fmt: skip


def test_a_list_of_visitors_is_taken_and_its_bad_line_is_said(
    house: House, org: Organisation, guard: Browser, lead: Browser
) -> None:
    text = "name,born_on\nNova Sample,\nRex Notreal,soon\n"
    page = guard.post_form("/visitors", where=str(org.site_id), text=text).text
    assert "1 visitor is compared now." in page
    assert "a field that is not what it should be" in page
    assert [(seen.name, seen.sender_id) for seen in waiting(house, org)] == [("Nova Sample", None)]
    assert "Came in by hand or by mail" in lead.get("/senders").text


def test_every_reason_has_its_words() -> None:
    assert set(WHY_WORDS) == set(Why)
