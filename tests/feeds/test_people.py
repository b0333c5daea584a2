"""Badges, calls, visitors, and whatever another system says in our own form."""

from datetime import UTC, date, datetime, timedelta

from tests.feeds.messages import AT, GATE, MONITOR, read, whys
from tocsin.signals.feeds.badge import reader as badge
from tocsin.signals.feeds.contact import reader as contact
from tocsin.signals.feeds.reading import MAX_EVENTS
from tocsin.signals.feeds.signed_json import reader as signed_json
from tocsin.signals.feeds.visitor_list import reader as visitor_list
from tocsin.signals.rules.seen import PlateRead, Source


def test_a_badge_keeps_its_zeros_and_says_the_way() -> None:
    said = {"id": "e1", "badge": " 00 42a ", "at": "2026-11-06T05:29:59Z", "direction": "IN"}
    (seen,) = read(badge.read, said).seen
    assert (seen.source, seen.badge, seen.codes) == (Source.BADGE, "0042A", ("in",))
    assert seen.seen_at == datetime(2026, 11, 6, 5, 29, 59, tzinfo=UTC)


def test_a_card_that_could_not_be_read_is_set_aside() -> None:
    assert whys(read(badge.read, {"id": "e1", "badge": ""})) == ["no badge in it"]
    assert read(badge.read, {}).bad == ()
    for zeros in ("0", "0000000000", "00:00", 0):
        reading = read(badge.read, {"id": "e1", "badge": zeros})
        assert (whys(reading), reading.seen) == (["no badge in it"], ())


def test_what_stands_beside_a_badge_or_a_plate_that_was_not_read_is_taken_all_the_same() -> None:
    for unread in ({"badge": "0000"}, {"plates": ["UNKNOWN", "?", ""]}, {"plates": ["000000"]}):
        reading = read(signed_json.read, {"name": "Rex Notreal", **unread})
        assert [seen.name for seen in reading.seen] == ["Rex Notreal"]
        assert len(whys(reading)) == 1
    assert whys(read(signed_json.read, {"plates": ["N/A"]})) == ["no plate in it that could be one"]
    reading = read(visitor_list.read, b"name,plate\nRex Notreal,none\nAnn Sample,-\n,n/a\n")
    assert [seen.name for seen in reading.seen] == ["Rex Notreal", "Ann Sample"]
    assert whys(reading) == ["no plate in it that could be one"] * 3


def test_a_reader_hands_in_what_it_kept_while_it_was_cut_off() -> None:
    events = [{"badge": str(n), "at": (AT - timedelta(minutes=n)).isoformat()} for n in (1, 30)]
    reading = read(badge.read, {"events": [*events, {"badge": None}]})
    assert [(seen.badge, seen.codes) for seen in reading.seen] == [("1", ()), ("30", ("late",))]
    assert whys(reading) == ["no badge in it"]


def test_so_many_events_are_taken_at_once_and_the_rest_is_said_to_be_too_many() -> None:
    events = [{"badge": str(n)} for n in range(1, MAX_EVENTS + 1)]
    assert read(badge.read, {"events": events}).bad == ()
    reading = read(badge.read, {"events": [*events, {"badge": "x"}, {"badge": "y"}]})
    assert len(reading.seen) == MAX_EVENTS
    assert whys(reading) == ["too many in one message"]


def test_a_call_is_by_its_number_and_a_mail_by_its_words() -> None:
    call = {
        "kind": "call",
        "from": "+1 312 555 0177",
        "at": "2026-11-06T05:00:00Z",
        "words": "hung up",
    }
    mail = {
        "kind": "mail",
        "from": "rex@elsewhere.example",
        "name": "Rex Notreal",
        "at": 1793943000,
    }
    seen = read(contact.read, {"events": [call, mail]}).seen
    assert [(one.phone, one.address, one.name, one.words) for one in seen] == [
        ("+1 312 555 0177", "", "", "hung up"),
        ("", "rex@elsewhere.example", "Rex Notreal", "rex@elsewhere.example"),
    ]
    assert seen[0].codes == ("late", "call")
    shown = {"kind": "mail", "from": "Rex Notreal <Rex.N84@mail.example>"}
    app = {"kind": "message", "from": "rexn84"}
    seen = read(contact.read, {"events": [shown, app]}).seen
    assert [(one.phone, one.address, one.name) for one in seen] == [
        ("", "Rex.N84@mail.example", "Rex Notreal"),
        ("", "rexn84", ""),
    ]


def test_a_contact_that_names_nobody_or_no_kind_is_set_aside() -> None:
    reading = read(contact.read, {"events": [{"kind": "call"}, {"from": "1", "kind": "smoke"}]})
    assert whys(reading) == ["nobody named in it", "a field that is not what it should be"]


def test_a_list_of_visitors_is_read_from_a_table() -> None:
    table = 'Name,born_on,plate,at,words\nRex Notreal,1984-03-02,abc 123,2026-11-06T14:00Z,"visits Wren, desk"\n,,,,\nNova Sample,,,,\n'
    reading = read(visitor_list.read, table.encode())
    first, second = reading.seen
    assert (first.name, first.born_on, first.words) == (
        "Rex Notreal",
        date(1984, 3, 2),
        "visits Wren, desk",
    )
    assert first.plates == (PlateRead("ABC123"),)
    # Expected later today: known now.
    assert (first.seen_at, first.codes) == (AT, ("expected",))
    assert (second.name, second.born_on) == ("Nova Sample", None)
    assert reading.bad == ()


def test_so_many_visitors_are_taken_at_once_and_that_there_are_more_is_said() -> None:
    names = [f"Ann Sample {n}" for n in range(visitor_list.MAX_VISITORS + 2)]
    for count in (len(names) - 2, len(names) - 1, len(names)):
        table = "name\n" + "\n".join(names[:count])
        lines = [{"name": name} for name in names[:count]]
        for reading in (read(visitor_list.read, table.encode()), read(visitor_list.read, lines)):
            assert len(reading.seen) == visitor_list.MAX_VISITORS
            is_more = count > visitor_list.MAX_VISITORS
            assert whys(reading) == ["too many in one message"] * is_more


def test_a_list_of_visitors_is_read_from_json_and_a_bad_line_costs_nothing() -> None:
    lines = [{"name": "Rex Notreal"}, {"name": "X", "born_on": "soon"}, {"phone": "1"}]
    for said in (lines, {"visitors": lines}):
        reading = read(visitor_list.read, said)
        assert [seen.name for seen in reading.seen] == ["Rex Notreal"]
        assert whys(reading) == ["a field that is not what it should be", "nobody named in it"]


def test_the_same_list_twice_a_day_has_the_same_tracks() -> None:
    once, twice = (
        read(visitor_list.read, [{"name": "Rex Notreal"}], at=AT + timedelta(hours=n)).seen[0]
        for n in (0, 3)
    )
    assert once.track == twice.track


def test_a_table_without_the_columns_it_needs_is_set_aside() -> None:
    assert whys(read(visitor_list.read, b"firm,at\nx,y\n")) == ["no column that this list needs"]
    assert whys(read(visitor_list.read, b"name\n\xff")) == ["not text in UTF-8"]


def test_any_other_system_says_it_in_our_own_form() -> None:
    said = {
        "id": "7", "at": "2026-11-06T05:29:00Z", "name": "Rex  Notreal", "born_year": 1984,
        "phone": "+13125550177", "badge": "0042", "plates": ["abc123", {"plate": "abc128", "score": 0.4, "region": "US-IL"}],
        "words": "asked for\x00 her",
    }  # fmt: skip
    (seen,) = read(signed_json.read, said).seen
    assert (seen.source, seen.name, seen.born_year, seen.badge) == (
        Source.FEED,
        "Rex Notreal",
        1984,
        "0042",
    )
    assert seen.plates == (PlateRead("ABC123", 1.0), PlateRead("ABC128", 0.4, "us-il"))
    assert seen.words == "asked for her"
    assert (seen.site_id, seen.track) == (GATE.site_id, f"{GATE.sender_id.hex}:7")


def test_a_monitor_s_own_centre_says_positions_in_our_own_form() -> None:
    said = {
        "position": {
            "lat": 41.88,
            "lon": -87.63,
            "fixed_at": "2026-11-06T05:29:30Z",
            "accuracy_m": 12,
            "speed_m_s": 3.5,
        }
    }
    (seen,) = read(signed_json.read, said, MONITOR).seen
    assert (seen.source, seen.case_id, seen.codes) == (Source.MONITOR, MONITOR.case_id, ())
    assert whys(read(signed_json.read, {"position": {"lat": 1, "lon": 2}}, MONITOR)) == [
        "no time in it"
    ]


def test_an_event_that_names_nobody_is_set_aside() -> None:
    assert whys(read(signed_json.read, {"words": "somebody"})) == ["nobody named in it"]
