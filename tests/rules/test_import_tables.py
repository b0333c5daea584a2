"""Is every line of a table taken or refused with its number, whatever program wrote it?"""

from time import process_time
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.builders import wall
from tocsin.registry.feeds.csv_contacts import reader as contacts
from tocsin.registry.feeds.csv_people import reader as people
from tocsin.registry.feeds.csv_roster import reader as roster
from tocsin.registry.rules.imports import MAX_FIELD, MAX_FILE_BYTES, MAX_LINES, PersonRow, shown

CHICAGO = ZoneInfo("America/Chicago")
STAFF = "staff_number,name,role\nH-003,Gus Placeholder,guard\n"


def said(result):
    return [(one.line, one.field, one.problem) for one in result.refused]


def people_in(*lines, header="staff_number,name,role"):
    return people.read("\n".join([header, *lines]).encode())


def shifts_in(*lines, header="staff_number,date,start,end"):
    return roster.read("\n".join([header, *lines]).encode(), zone=CHICAGO)


# --- any table --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "raw",
    [
        STAFF.encode(),
        STAFF.encode("utf-8-sig"),
        STAFF.encode("utf-16"),
        STAFF.encode("utf-16-le"),
        STAFF.encode("utf-16-be"),
        STAFF.replace(",", ";").encode(),
        STAFF.replace(",", "\t").encode(),
        STAFF.replace("\n", "\r\n").encode(),
        STAFF.replace("\n", "\r").encode(),
        b"sep=;\r\n" + STAFF.replace(",", ";").encode(),
        b"Staff number,NAME, Role \nH-003,Gus Placeholder,guard",
        STAFF.replace("\n", "\n\n").encode(),
    ],
)
def test_a_table_of_any_program_says_the_same(raw):
    result = people.read(raw)
    assert result.is_clean
    (gus,) = result.rows
    assert (gus.staff_number, gus.name, gus.role) == ("H-003", "Gus Placeholder", "guard")


def test_a_file_that_is_neither_utf_8_nor_utf_16_is_refused_with_the_line():
    raw = STAFF.encode() + "H-004,Lea Núñez,guard\n".encode("latin-1")
    assert said(people.read(raw)) == [(1, "", "line 3 is not UTF-8: save the file as UTF-8")]


@pytest.mark.parametrize("raw", [b"", b"\n\n", b"\xef\xbb\xbf"])
def test_an_empty_file_is_refused(raw):
    assert said(people.read(raw)) == [(1, "", "the file is empty")]


def test_a_file_of_more_than_five_megabytes_is_refused():
    full = STAFF.encode().ljust(MAX_FILE_BYTES)
    too_large = [(1, "", "the file is larger than 5 MB")]
    assert said(people.read(full)) != too_large
    assert said(people.read(full + b" ")) == too_large


def test_a_table_has_at_most_fifty_thousand_lines_and_what_was_not_read_is_said():
    lines = [f"H-{number},Gus Placeholder,guard" for number in range(MAX_LINES)]
    result = people_in(*lines)
    assert len(result.rows) == MAX_LINES - 1
    assert said(result) == [
        (MAX_LINES + 1, "", "there are more than 50000 lines; the rest was not read")
    ]


def test_a_field_of_more_than_a_thousand_characters_is_refused():
    taken = people_in(f'H-003,Gus,"{"x" * 40}"')
    assert taken.is_clean
    refused = people_in(f'H-003,"{"x" * (MAX_FIELD + 1)}",guard')
    assert said(refused) == [(2, "name", "is longer than 1000 characters")]


def test_unknown_double_and_missing_columns_are_named():
    result = people_in("1,2,3,4", header="staff_number,name,religion,name")
    known = "staff_number, name, role, short_name, language, site, manager, teams"
    assert said(result) == [
        (1, "religion", f"is no column that is read here ({known})"),
        (1, "name", "this column is there twice"),
        (1, "role", "this column is missing"),
    ]


def test_a_head_line_as_long_as_a_file_may_be_holds_nobody_up():
    # Compared with all that stand before it, each of these columns once held up every page for a minute.
    began = process_time()
    result = people.read(b"name," * 119_000)
    assert process_time() - began < 15
    assert (1, "name", "this column is there twice") in said(result)
    assert not result.rows


def test_every_refused_line_is_reported_whole_and_the_others_are_still_read():
    result = people_in("H-001,Wren,dispatcher", "x,,", "H-002,Dara", ",,", "H-003,Gus,guard")
    assert [person.staff_number for person in result.rows] == ["H-001", "H-003"]
    assert said(result) == [
        (3, "name", "is empty"),
        (3, "role", "is empty"),
        (4, "", "number of cells here: 2, in the header: 3"),
    ]


def test_a_quote_that_never_ends_says_from_where_on_nothing_was_read():
    result = people_in("H-001,Wren,dispatcher", 'H-002,"Dara,dispatcher', "H-003,Gus,guard")
    assert [person.staff_number for person in result.rows] == ["H-001"]
    ((line, _, problem),) = said(result)
    assert line == 3
    assert problem.startswith("is no table from here on, the rest was not read")


def test_a_line_break_inside_a_field_keeps_the_line_numbers_right():
    result = people_in('H-001,"Wren\nSample",dispatcher', "H-002,,dispatcher")
    assert [(line, field) for line, field, _ in said(result)] == [(2, "name"), (4, "name")]


def test_what_stood_there_is_shown_short_and_printable():
    assert shown("a\x00b\u202ec") == "a?b?c"
    assert len(shown("x" * 61)) == 60
    assert shown("x" * 60) == "x" * 60


@given(st.binary(max_size=300))
def test_no_bytes_whatever_make_the_readers_fail(raw):
    people.read(raw)
    contacts.read(raw, region="US", zone=CHICAGO)
    roster.read(raw, zone=CHICAGO)


@given(st.lists(st.text(max_size=12), min_size=4, max_size=4))
def test_no_cells_whatever_make_the_readers_fail(cells):
    line = ",".join('"' + cell.replace('"', '""') + '"' for cell in cells)
    text = f"{line}\n".encode("utf-8", "surrogatepass")
    roster.read(b"staff_number,date,start,end\n" + text, zone=CHICAGO)
    contacts.read(b"staff_number,channel,address,order\n" + text, region="US", zone=CHICAGO)
    people.read(b"staff_number,name,role,language\n" + text)


# --- people -----------------------------------------------------------------------------


def test_a_person_is_read_with_everything_that_is_there():
    result = people_in(
        "H-004,Lea Mockup,Lea,Shift lead,es,Depot North,H-005,Night | Door",
        header="staff_number,name,short_name,role,language,site,manager,teams",
    )
    assert result.rows == (
        PersonRow(
            line=2,
            staff_number="H-004",
            name="Lea Mockup",
            short_name="Lea",
            role="shift_lead",
            language="es",
            site="Depot North",
            manager="H-005",
            teams=("Night", "Door"),
        ),
    )


def test_an_empty_short_name_is_the_first_word_of_the_name():
    assert people_in("H-003,Gus Placeholder,guard").rows[0].short_name == "Gus"


def test_the_same_staff_number_twice_is_refused_and_the_first_line_named():
    result = people_in("H-003,Gus,guard", "H-003,Gus again,guard", "h-003,Gus small,guard")
    assert len(result.rows) == 1
    assert said(result) == [(3, "", "says the same as line 2"), (4, "", "says the same as line 2")]


@pytest.mark.parametrize("name", ["=1+1", "+Gus", "-Gus", "@Gus"])
def test_a_name_that_a_spreadsheet_would_run_is_kept_and_warned_about(name):
    result = people_in(f"H-003,{name},guard")
    assert result.rows[0].name == name
    assert [(one.line, one.field, one.given) for one in result.warned] == [(2, "name", name)]


@pytest.mark.parametrize("name", ["Gus\x07", "Gus\u202eredlohecalP", "Gus\x00"])
def test_a_name_with_hidden_characters_is_refused(name):
    assert said(people_in(f"H-003,{name},guard")) == [
        (2, "name", "holds a line break or a control character")
    ]


def test_names_are_kept_in_one_composed_form():
    assert people_in("H-003,Jose\u0301,guard").rows[0].name == "José"


def test_nobody_is_her_own_manager():
    result = people_in("H-003,Gus,guard,h-003", header="staff_number,name,role,manager")
    assert said(result) == [(2, "manager", "is the person herself")]
    assert result.rows == ()


@pytest.mark.parametrize(
    ("column", "value", "problem"),
    [
        ("role", "gu:ard", "is not made of letters, digits and spaces"),
        ("language", "e1", "is not a language code like en or es"),
        ("teams", "|".join(f"t{number}" for number in range(21)), "names more than 20 teams"),
        ("teams", "x" * 121, "holds a name of more than 120 characters"),
        ("staff_number", "x" * 41, "is longer than 40 characters"),
    ],
)
def test_a_wrong_cell_of_a_person_is_said(column, value, problem):
    cells = {"staff_number": "H-003", "name": "Gus", "role": "guard", "language": "", "teams": ""}
    line = ",".join((cells | {column: value}).values())
    assert said(people_in(line, header=",".join(cells))) == [(2, column, problem)]


# --- shifts -----------------------------------------------------------------------------


def test_a_shift_that_ends_before_it_begins_ends_on_the_next_day():
    (row,) = shifts_in("H-003,2026-11-05,18:00,06:00").rows
    assert (row.person, row.starts, row.ends) == (
        "H-003",
        wall("2026-11-05 18:00"),
        wall("2026-11-06 06:00"),
    )


@pytest.mark.parametrize(
    ("line", "field", "problem"),
    [
        ("H-003,11/05/2026,18:00,06:00", "date", "is not a date like 2026-11-01"),
        ("H-003,2026-W45-4,18:00,06:00", "date", "is not a date like 2026-11-01"),
        ("H-003,2026-02-29,18:00,06:00", "date", "is not a date like 2026-11-01"),
        ("H-003,1926-11-05,18:00,06:00", "date", "is not between 2000 and 2100"),
        ("H-003,9999-12-31,18:00,06:00", "date", "is not between 2000 and 2100"),
        ("H-003,2026-11-05,6 pm,06:00", "start", "is not a time like 22:30"),
        ("H-003,2026-11-05,18:00,24:00", "end", "is not a time like 22:30"),
        ("H-003,2026-11-05,18:00,", "end", "is empty"),
        (",2026-11-05,18:00,06:00", "staff_number", "is empty"),
    ],
)
def test_a_wrong_cell_of_a_shift_is_said(line, field, problem):
    assert said(shifts_in(line)) == [(2, field, problem)]


def test_the_same_shift_twice_is_refused():
    result = shifts_in("H-003,2026-11-05,18:00,06:00", "H-003,2026-11-05,18:00,23:00")
    assert said(result) == [(3, "", "says the same as line 2")]


def test_shifts_of_one_person_that_overlap_are_warned_about():
    result = shifts_in("H-003,2026-11-05,18:00,06:00", "H-003,2026-11-06,05:00,09:00")
    assert len(result.rows) == 2
    assert [(one.line, one.problem) for one in result.warned] == [(3, "overlaps with line 2")]


@pytest.mark.parametrize(
    ("line", "field", "happens"),
    [
        ("H-003,2026-11-01,01:30,09:30", "start", "twice"),
        ("H-003,2026-10-31,17:30,01:30", "end", "twice"),
        ("H-003,2026-03-08,02:30,10:30", "start", "not at all"),
    ],
)
def test_a_time_that_the_clock_skips_or_repeats_is_warned_about(line, field, happens):
    (warning,) = shifts_in(line).warned
    assert warning.field == field
    assert warning.problem.startswith(f"happens {happens} on this date")


def test_a_shift_of_more_than_sixteen_hours_is_warned_about():
    assert shifts_in("H-003,2026-11-05,06:00,22:00").warned == ()
    assert len(shifts_in("H-003,2026-11-05,06:00,22:01").warned) == 1
