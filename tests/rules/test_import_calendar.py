"""Do the shifts of a calendar come out as they stand on the wall, on every night of the year?"""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.builders import a_roster, an_override, utc, wall
from tocsin.registry.feeds.icalendar_roster import reader
from tocsin.registry.feeds.icalendar_roster.blocks import MAX_ENTRY_LINES
from tocsin.registry.rules.imports import MAX_FILE_BYTES
from tocsin.registry.rules.roster import shifts

CHICAGO = ZoneInfo("America/Chicago")
GUS = "gus@harbour.example"
NIGHT = (
    "DTSTART;TZID=America/Chicago:20261030T180000",
    "DTEND;TZID=America/Chicago:20261031T060000",
)


def an_entry(*lines, uid="1", who=f"ATTENDEE;CN=Gus:mailto:{GUS}"):
    return "\r\n".join(["BEGIN:VEVENT", f"UID:{uid}", who, *lines, "END:VEVENT"])


def read(*entries, first="2026-10-01", last="2026-12-01", zone=CHICAGO):
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//test//EN", *entries, "END:VCALENDAR", ""]
    return reader.read(
        "\r\n".join(lines).encode(),
        zone=zone,
        from_date=date.fromisoformat(first),
        until_date=date.fromisoformat(last),
    )


def spans(result):
    assert result.refused == ()
    return [f"{row.starts:%d %H:%M} {row.ends:%d %H:%M}" for row in result.rows]


def said(result):
    return [(one.line, one.field, one.problem) for one in result.refused]


def test_a_shift_is_read_with_person_role_and_post():
    (row,) = read(an_entry(*NIGHT, "CATEGORIES:guard,night", "LOCATION:Front door")).rows
    assert (row.line, row.person, row.role, row.post) == (4, GUS, "guard", "Front door")
    assert (row.starts, row.ends) == (wall("2026-10-30 18:00"), wall("2026-10-31 06:00"))


def test_a_series_of_twelve_hour_nights_stays_twelve_hours_on_the_wall_when_the_clocks_change():
    series = an_entry(NIGHT[0], "DURATION:PT12H", "RRULE:FREQ=DAILY;COUNT=3")
    assert spans(read(series)) == ["30 18:00 31 06:00", "31 18:00 01 06:00", "01 18:00 02 06:00"]


def test_the_change_night_s_shift_lasts_thirteen_real_hours_once_it_is_on_the_roster():
    (row,) = read(an_entry(NIGHT[0], "DURATION:PT12H"), first="2026-10-01").rows
    day = timedelta(days=1)
    added = an_override(f"{row.starts + day}", f"{row.ends + day}")
    roster = a_roster(patterns=(), overrides=(added,))
    (shift,) = shifts(roster, date(2026, 10, 31), date(2026, 11, 2))
    assert (shift.starts_at, shift.ends_at) == (utc("2026-10-31 23:00"), utc("2026-11-01 12:00"))


def test_a_time_without_a_zone_is_the_site_s():
    floating = an_entry("DTSTART:20261105T180000", "DTEND:20261106T060000")
    assert spans(read(floating)) == ["05 18:00 06 06:00"]


def test_a_time_in_utc_or_in_another_zone_is_told_by_the_site_s_clock():
    in_utc = an_entry("DTSTART:20261106T000000Z", "DTEND:20261106T120000Z")
    madrid = an_entry(
        "DTSTART;TZID=Europe/Madrid:20261106T010000", "DTEND;TZID=Europe/Madrid:20261106T130000"
    )
    assert spans(read(in_utc)) == spans(read(madrid)) == ["05 18:00 06 06:00"]


def test_a_short_shift_in_utc_across_the_repeated_hour_never_becomes_a_gap():
    short = an_entry("DTSTART:20261101T061000Z", "DTEND:20261101T070500Z")
    (row,) = read(short).rows
    added = an_override(f"{row.starts}", f"{row.ends}")
    (shift,) = shifts(
        a_roster(patterns=(), overrides=(added,)), date(2026, 11, 1), date(2026, 11, 2)
    )
    assert shift.starts_at <= utc("2026-11-01 06:10")
    assert utc("2026-11-01 07:05") <= shift.ends_at


def test_a_series_in_utc_is_warned_about():
    series = an_entry("DTSTART:20261106T000000Z", "DURATION:PT12H", "RRULE:FREQ=DAILY;COUNT=2")
    (warning,) = read(series).warned
    assert (warning.line, warning.field) == (4, "DTSTART")


def test_a_windows_name_of_a_zone_is_understood():
    night = an_entry("DTSTART;TZID=Central Standard Time:20261105T180000", "DURATION:PT12H")
    assert spans(read(night)) == ["05 18:00 06 06:00"]


def test_a_zone_that_only_the_file_knows_is_refused_instead_of_guessed():
    night = an_entry("DTSTART;TZID=Our Own Time:20261105T180000", "DURATION:PT12H")
    (refused,) = read(night).refused
    assert (refused.field, refused.given) == ("DTSTART", "Our Own Time")


def test_exceptions_and_additions_are_taken_on_the_wall():
    series = an_entry(
        *NIGHT,
        "RRULE:FREQ=DAILY;COUNT=3",
        "EXDATE;TZID=America/Chicago:20261031T180000",
        "RDATE;TZID=America/Chicago:20261107T180000,20261108T180000",
    )
    assert [row.starts.day for row in read(series).rows] == [30, 1, 7, 8]


def test_an_exception_given_in_utc_hits_the_same_shift():
    series = an_entry(*NIGHT, "RRULE:FREQ=DAILY;COUNT=3", "EXDATE:20261031T230000Z")
    assert [row.starts.day for row in read(series).rows] == [30, 1]


def test_an_exception_that_hits_no_shift_is_said_since_whoever_wrote_it_believes_that_nobody_works():
    # Written at midnight, as some programs do: the night of 31 October is worked all the same.
    series = an_entry(*NIGHT, "RRULE:FREQ=DAILY;COUNT=3", "EXDATE:20261031T000000")
    result = read(series)
    assert len(result.rows) == 3
    assert warned(result) == [(4, "takes away a shift that the series does not have")]


def test_exceptions_by_a_rule_of_their_own_are_refused_and_not_passed_over():
    result = read(an_entry(*NIGHT, "RRULE:FREQ=DAILY;COUNT=3", "EXRULE:FREQ=DAILY;COUNT=2"))
    assert [(one.field, one.problem[:30]) for one in result.refused] == [
        ("EXRULE", "repeats in a way that is not r")
    ]


def moved(*lines, when="20261031T180000"):
    return an_entry(f"RECURRENCE-ID;TZID=America/Chicago:{when}", *lines)


SERIES = an_entry(*NIGHT, "RRULE:FREQ=DAILY;COUNT=3")


def test_one_shift_of_a_series_can_be_moved_or_given_to_somebody_else():
    other = an_entry(
        "RECURRENCE-ID;TZID=America/Chicago:20261031T180000",
        "DTSTART;TZID=America/Chicago:20261031T200000",
        "DURATION:PT8H",
        who="ATTENDEE:mailto:lea@harbour.example",
    )
    result = read(SERIES, other)
    assert [(row.person[:3], f"{row.starts:%d %H}") for row in result.rows] == [
        ("gus", "30 18"),
        ("lea", "31 20"),
        ("gus", "01 18"),
    ]


def test_one_shift_of_a_series_can_be_cancelled_and_so_can_all_of_it():
    gone = moved(
        "DTSTART;TZID=America/Chicago:20261031T180000", "DURATION:PT1H", "STATUS:CANCELLED"
    )
    assert [row.starts.day for row in read(SERIES, gone).rows] == [30, 1]
    all_gone = an_entry(*NIGHT, "RRULE:FREQ=DAILY;COUNT=3", "STATUS:CANCELLED")
    assert read(all_gone).rows == ()


def warned(result):
    return [(one.line, one.problem) for one in result.warned]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("STATUS:CANCELLED", "is cancelled (STATUS) and is left out"),
        ("STATUS:TENTATIVE", "is only tentative (STATUS) and is left out"),
        ("TRANSP:TRANSPARENT", "is marked as free time (TRANSP) and is left out"),
    ],
)
def test_a_shift_that_nobody_is_sure_to_work_is_left_out_and_said(line, words):
    result = read(an_entry(*NIGHT, uid="2"), an_entry(*NIGHT, line))
    assert spans(result) == ["30 18:00 31 06:00"]
    assert warned(result) == [(10, words)]


def test_a_shift_that_is_confirmed_and_busy_is_taken():
    result = read(an_entry(*NIGHT, "STATUS:CONFIRMED", "TRANSP:OPAQUE"))
    assert (len(result.rows), result.warned) == (1, ())


@pytest.mark.parametrize(
    ("method", "said_of_it"), [("CANCEL", "takes shifts back"), ("REPLY", "is no roster")]
)
def test_a_file_that_takes_shifts_back_or_answers_is_refused_aloud(method, said_of_it):
    result = read(f"METHOD:{method}", an_entry(*NIGHT))
    assert result.rows == ()
    assert [(one.line, one.field, one.given) for one in result.refused] == [(4, "METHOD", method)]
    assert said_of_it in result.refused[0].problem


@pytest.mark.parametrize("method", ["PUBLISH", "request", "ADD"])
def test_a_file_that_publishes_shifts_is_taken(method):
    assert len(read(f"METHOD:{method}", an_entry(*NIGHT)).rows) == 1


def test_a_calendar_without_a_shift_says_so():
    words = "holds no shift that begins from 2026-10-01 up to 2026-12-01; nothing is taken"
    assert warned(read()) == [(1, words)]


def test_what_is_no_shift_is_passed_over_aloud_and_what_stands_inside_of_it_is_a_part_of_it():
    task = ("BEGIN:VTODO", "UID:9", "SUMMARY:Lamps", "BEGIN:VALARM", "ACTION:DISPLAY", "END:VALARM", "END:VTODO")  # fmt: skip
    zone = ("BEGIN:VTIMEZONE", "TZID:Here", "BEGIN:STANDARD", "END:STANDARD", "END:VTIMEZONE")
    alarm = ("BEGIN:VALARM", "END:VALARM")
    result = read(*zone, *task, an_entry(*NIGHT, *alarm), "BEGIN:VJOURNAL", "END:VJOURNAL")
    assert spans(result) == ["30 18:00 31 06:00"]
    assert [(one.line, one.field) for one in result.warned] == [(9, "VTODO"), (24, "VJOURNAL")]
    assert {one.problem for one in result.warned} == {"is no shift (VEVENT) and is left out"}


GOES_ON = "goes on after 2026-11-30: what comes then is not read; bring the file again"


@pytest.mark.parametrize(
    ("day", "rule", "words"),
    [
        ("20261130", "", None),
        ("20261201", "", "begins after 2026-11-30 and is not read; bring the file again"),
        ("20271130", "", "begins after 2026-11-30 and is not read; bring the file again"),
        ("20261001", "", None),
        ("20260930", "", "lies before 2026-10-01 and is left out"),
        ("20260901", "RRULE:FREQ=DAILY;COUNT=3", "lies before 2026-10-01 and is left out"),
        ("20260929", "RRULE:FREQ=DAILY;COUNT=3", None),
        ("20261128", "RRULE:FREQ=DAILY;COUNT=3", None),
        ("20261128", "RRULE:FREQ=DAILY;COUNT=4", GOES_ON),
        ("20261124", "RRULE:FREQ=WEEKLY", GOES_ON),
        ("20260901", "RRULE:FREQ=DAILY;UNTIL=20271231", GOES_ON),
        ("20270101", "RRULE:FREQ=DAILY", "begins after 2026-11-30 and is not read; bring the file again"),
    ],
)  # fmt: skip
def test_every_entry_of_which_shifts_lie_outside_of_the_days_that_are_read_is_named(day, rule, words):  # fmt: skip
    entry = an_entry(f"DTSTART;TZID=America/Chicago:{day}T180000", "DURATION:PT8H", *([rule] if rule else []))  # fmt: skip
    result = read(an_entry(*NIGHT, uid="2"), entry)
    assert warned(result) == ([(10, words)] if words else [])


def test_a_change_to_a_shift_or_a_series_that_does_not_exist_is_refused():
    lost = moved(*NIGHT, when="20261031T190000")
    assert said(read(SERIES, lost)) == [
        (11, "RECURRENCE-ID", "stands in for a shift that the series does not have")
    ]
    assert said(read(lost)) == [
        (4, "RECURRENCE-ID", "stands in for a shift of a series that is not in the file")
    ]


def test_a_change_to_all_later_shifts_at_once_is_refused():
    later = an_entry(
        "RECURRENCE-ID;RANGE=THISANDFUTURE;TZID=America/Chicago:20261031T180000", *NIGHT
    )
    assert [one.field for one in read(SERIES, later).refused] == ["RECURRENCE-ID"]


@pytest.mark.parametrize(
    ("rule", "days"),
    [
        ("FREQ=DAILY;INTERVAL=2;COUNT=3", [30, 1, 3]),
        ("FREQ=DAILY;BYDAY=FR,SA;COUNT=3", [30, 31, 6]),
        ("FREQ=WEEKLY;COUNT=3", [30, 6, 13]),
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=FR,SU;WKST=MO;COUNT=4", [30, 1, 13, 15]),
        ("FREQ=MONTHLY;BYMONTHDAY=30;COUNT=2", [30, 30]),
        ("FREQ=MONTHLY;BYDAY=-1FR;COUNT=2", [30, 27]),
        ("FREQ=DAILY;UNTIL=20261031T230000Z", [30, 31]),
        ("FREQ=DAILY;UNTIL=20261031T225959Z", [30]),
        ("FREQ=DAILY;UNTIL=20261101", [30, 31, 1]),
    ],
)
def test_series_that_rosters_need_are_expanded(rule, days):
    assert [row.starts.day for row in read(an_entry(*NIGHT, f"RRULE:{rule}")).rows] == days


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=SECONDLY",
        "FREQ=HOURLY;INTERVAL=12",
        "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=MONTHLY;BYMONTHDAY=31;BYSETPOS=2",
        "FREQ=MONTHLY;BYMONTHDAY=99",
        "FREQ=MONTHLY;INTERVAL=12;BYMONTHDAY=31",
        "FREQ=DAILY;INTERVAL=7;BYDAY=MO",
        "FREQ=DAILY;BYHOUR=6,18",
        "FREQ=DAILY;COUNT=3;UNTIL=20261101",
        "FREQ=WEEKLY;BYDAY=MO",
        "FREQ=SOMETIMES",
        "COUNT=3",
    ],
)
def test_any_other_series_is_refused_and_never_searched_for(rule):
    result = read(an_entry(*NIGHT, f"RRULE:{rule}"))
    assert [one.line for one in result.refused] == [4]
    assert result.rows == ()


def test_only_shifts_that_start_inside_the_window_come_out():
    series = an_entry(*NIGHT, "RRULE:FREQ=DAILY")
    assert len(read(series, first="2026-11-02", last="2026-11-05").rows) == 3
    assert read(series, first="2026-09-01", last="2026-10-30").rows == ()


def test_a_window_has_at_most_400_days_and_a_file_at_most_ten_thousand_shifts():
    series = [an_entry(*NIGHT, "RRULE:FREQ=DAILY", uid=str(number)) for number in range(26)]
    people = [one.replace("gus@", f"p{number}@") for number, one in enumerate(series)]
    full = read(*people, first="2026-10-30", last="2027-12-04")
    assert len(full.rows) == 10_000
    assert [one.problem for one in full.refused] == [
        "makes more than 10000 shifts in all; the rest was not read"
    ]
    with pytest.raises(ValueError, match="400 days"):
        read(series[0], first="2026-10-30", last="2027-12-05")


@pytest.mark.parametrize(
    ("lines", "field", "problem"),
    [
        (("DTSTART;VALUE=DATE:20261105",), "DTSTART", "is a whole day, which is no shift"),
        ((NIGHT[0],), "DTEND", "is missing"),
        ((NIGHT[1],), "DTSTART", "is missing"),
        ((NIGHT[0], "DURATION:PT0S"), "DURATION", "ends the shift before it begins"),
        ((NIGHT[0], "DTEND:20261030T180000"), "DTEND", "ends the shift before it begins"),
        ((NIGHT[0], "DURATION:PT49H"), "DURATION", "makes a shift of more than 48 hours"),
        ((*NIGHT, NIGHT[0]), "DTSTART", "is there more than once"),
        ((*NIGHT, "RDATE;VALUE=PERIOD:20261101T180000/PT5H"), "RDATE", "is no time"),
        (("DTSTART:2026", "DURATION:PT12H"), "DTSTART", "cannot be read"),
        ((*NIGHT, "NONSENSE"), "VEVENT", "cannot be read"),
        (("DTSTART;TZID=America:20261105T180000",), "VEVENT", "cannot be read"),
    ],
)
def test_an_entry_that_is_no_shift_is_refused_with_its_line(lines, field, problem):
    assert said(read(an_entry(*lines))) == [(4, field, problem)]


def test_what_cannot_be_read_is_shown_as_it_stands_in_the_file():
    (refused,) = read(an_entry("DTSTART;TZID=America/Chicago:rubbish", "DURATION:PT12H")).refused
    assert (refused.line, refused.field, refused.given) == (4, "DTSTART", "rubbish")


def test_an_entry_without_an_identity_is_refused():
    words = (
        "is missing: without it, nobody knows which entries of the file are about the same shift"
    )
    assert said(read(an_entry(*NIGHT, uid=""))) == [(4, "UID", words)]


def test_one_broken_entry_costs_only_itself():
    result = read(an_entry("DTSTART:2026", uid="1"), an_entry(*NIGHT, uid="2"))
    assert len(result.rows) == 1
    assert [one.line for one in result.refused] == [4]


def test_the_same_entry_or_the_same_shift_twice_is_refused():
    assert said(read(an_entry(*NIGHT), an_entry(*NIGHT))) == [(10, "UID", "is also that of line 4")]
    other = read(an_entry(*NIGHT), an_entry(*NIGHT, uid="2"))
    assert said(other) == [(10, "VEVENT", "says the same as line 4")]
    assert len(other.rows) == 1


def test_the_title_names_the_person_where_nobody_is_invited():
    titled = read(an_entry(*NIGHT, who="SUMMARY:H-003 | H-004"))
    assert [row.person for row in titled.rows] == ["H-003", "H-004"]
    assert said(read(an_entry(*NIGHT, who="SUMMARY:"))) == [
        (4, "SUMMARY", "names nobody, and there is no ATTENDEE")
    ]


def test_rooms_are_no_people_and_whoever_declined_is_left_out_and_said():
    room = "ATTENDEE;CUTYPE=ROOM:mailto:room@harbour.example"
    declined = "ATTENDEE;PARTSTAT=DECLINED:mailto:lea@harbour.example"
    result = read(an_entry(*NIGHT, room, declined))
    assert [row.person for row in result.rows] == [GUS]
    assert [(one.field, one.given) for one in result.warned] == [
        ("ATTENDEE", "lea@harbour.example")
    ]


@pytest.mark.parametrize(
    ("said_of_her", "problem"),
    [
        ("PARTSTAT=TENTATIVE", "only may come (PARTSTAT) and is left out"),
        ("PARTSTAT=DELEGATED", "sends somebody else (PARTSTAT) and is left out"),
        ("ROLE=NON-PARTICIPANT", "is only told of it (ROLE) and is left out"),
    ],
)
def test_whoever_only_may_come_is_not_counted_on_and_that_is_said(said_of_her, problem):
    result = read(an_entry(*NIGHT, f"ATTENDEE;{said_of_her}:mailto:lea@harbour.example"))
    assert [row.person for row in result.rows] == [GUS]
    assert [one.problem for one in result.warned] == [problem]


@pytest.mark.parametrize(
    "said_of_her", ["PARTSTAT=NEEDS-ACTION", "PARTSTAT=ACCEPTED", "ROLE=CHAIR"]
)
def test_whoever_has_not_answered_yet_is_on_the_roster(said_of_her):
    result = read(an_entry(*NIGHT, f"ATTENDEE;{said_of_her}:mailto:lea@harbour.example"))
    assert [row.person for row in result.rows] == [GUS, "lea@harbour.example"]
    assert result.warned == ()


@pytest.mark.parametrize(
    ("raw", "problem"),
    [
        (b"", "is no calendar: it does not begin with BEGIN:VCALENDAR"),
        (b"hello", "is no calendar: it does not begin with BEGIN:VCALENDAR"),
        (b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n", "does not end: the file was cut off"),
        (b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:1", "does not end: the file was cut off"),
        (
            b"BEGIN:VCALENDAR\r\nX:\xff\r\nEND:VCALENDAR",
            "line 2 is not UTF-8: save the file as UTF-8",
        ),
        (b" " * (MAX_FILE_BYTES + 1), "the file is larger than 5 MB"),
        (b"BEGIN:VCALENDAR\r\n" * 50_001, "there are more than 50000 lines; nothing was read"),
    ],
)
def test_a_file_that_is_no_whole_calendar_is_refused(raw, problem):
    result = reader.read(raw, zone=CHICAGO, from_date=date(2026, 1, 1), until_date=date(2026, 2, 1))
    assert [one.problem for one in result.refused] == [problem]


def test_an_entry_of_more_than_500_lines_is_refused():
    padding = ["X-PAD:1"] * (MAX_ENTRY_LINES - 6)
    assert read(an_entry(*NIGHT, *padding)).refused == ()
    refused = read(an_entry(*NIGHT, *padding, "X-PAD:1")).refused
    assert [one.problem for one in refused] == ["has more than 500 lines"]


def test_a_long_line_that_is_folded_is_read_whole():
    folded = "ATTENDEE;CN=Gus:mailto:gus@harbour\r\n .example"
    assert read(an_entry(*NIGHT, who=folded)).rows[0].person == GUS


LINES = st.sampled_from(
    [
        *NIGHT,
        "DTSTART:20261105T180000",
        "DURATION:PT12H",
        "DURATION:P9999999D",
        "DTEND:99991231T235959",
        "RRULE:FREQ=DAILY",
        "RRULE:FREQ=DAILY;UNTIL=99991231",
        "RRULE:",
        "EXDATE:20261106T180000",
        "RDATE:00010101T000000Z",
        "RECURRENCE-ID:20261106T180000",
        "STATUS:CANCELLED",
        "ATTENDEE:",
        "CATEGORIES:",
        "SUMMARY;LANGUAGE=\xff:x",
        "BEGIN:VALARM",
        "END:VALARM",
        "BEGIN:VEVENT",
        "DTSTART;TZID=../../etc/passwd:20261105T180000",
        "DTSTART;TZID=:20261105T180000",
        "DTSTART;TZID=America:20261105T180000",
    ]
)


@given(st.lists(LINES, max_size=8), st.text(max_size=20))
def test_no_entry_whatever_makes_the_reader_fail(lines, text):
    read(an_entry(*lines, f"X-ANY:{text}"), an_entry(*lines, text, uid=text))


@given(
    starts=st.datetimes(min_value=datetime(2026, 1, 1), max_value=datetime(2026, 12, 1)),
    minutes=st.integers(1, 2880),
)
def test_a_shift_in_another_zone_covers_at_least_its_own_time(starts, minutes):
    madrid, starts = ZoneInfo("Europe/Madrid"), starts.replace(microsecond=0)
    entry = an_entry(f"DTSTART;TZID=Europe/Madrid:{starts:%Y%m%dT%H%M%S}", f"DURATION:PT{minutes}M")
    (row,) = read(entry, first="2025-12-30", last="2026-12-03").rows
    added = an_override(f"{row.starts}", f"{row.ends}")
    found = shifts(a_roster(patterns=(), overrides=(added,)), date(2025, 12, 1), date(2026, 12, 31))
    ends = starts + timedelta(minutes=minutes)
    assert found[0].starts_at <= min(starts.replace(tzinfo=madrid, fold=f) for f in (0, 1))
    assert max(ends.replace(tzinfo=madrid, fold=f) for f in (0, 1)) <= found[0].ends_at


WHOLE = "\r\n".join(
    [
        "BEGIN:VCALENDAR",
        an_entry(
            *NIGHT,
            "RRULE:FREQ=WEEKLY;BYDAY=FR,SU;UNTIL=20261201T000000Z",
            "EXDATE;TZID=America/Chicago:20261101T180000",
            "CATEGORIES:a,b",
        ),
        "END:VCALENDAR",
    ]
).encode()
CHANGES = st.tuples(
    st.integers(0, len(WHOLE) - 1), st.integers(0, 8), st.sampled_from(list(b';:,="\r\n09AZ-/'))
)


@given(st.lists(CHANGES, min_size=1, max_size=6))
def test_no_damage_to_a_calendar_makes_the_reader_fail(changes):
    raw = bytearray(WHOLE)
    for place, cut, letter in changes:
        raw[place : place + cut] = bytes([letter])
    window = {"from_date": date(2026, 10, 1), "until_date": date(2026, 12, 1)}
    reader.read(bytes(raw), zone=CHICAGO, **window)
