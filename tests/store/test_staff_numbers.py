"""Two who give one staff number, one roster or one address in one moment: the second waits, and finds what the first has written."""

import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import timedelta
from typing import TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

import psycopg
import pytest

from tests import cast
from tests.builders import AT
from tests.store.stores import Store
from tocsin.flow.change_contacts import Added, add_contact
from tocsin.flow.change_registry import save_person
from tocsin.flow.import_people import import_contacts, import_people
from tocsin.flow.import_report import Report
from tocsin.flow.import_roster import import_roster
from tocsin.flow.plan_shifts import add_roster_lines, plan_all, remove_roster_line
from tocsin.flow.postgres_alarms import PostgresAlarms
from tocsin.flow.respond import Refused
from tocsin.registry.access import Viewer
from tocsin.registry.rules.loosening import Loosening
from tocsin.registry.rules.roster import ADD, Override
from tocsin.registry.rules.rows import ContactRow, PersonRow
from tocsin.registry.store_people import (
    among,
    find_by_staff_number,
    load_contacts,
    load_staff_numbers,
)
from tocsin.registry.store_sites import load_roster_lines, load_shifts
from tocsin.runtime.database import Connection, set_viewer
from tocsin.runtime.encryption import KeyRing
from tocsin.runtime.ids import uuid7
from tocsin.runtime.postgres import Cluster

HERE = cast.HARBOUR_EMS
T = TypeVar("T")
FILE = b"staff_number,name,role\nx-77,Nova Sample,guard\n"


@pytest.fixture
def two(cluster: Cluster, postgres_store: Store) -> Iterator[tuple[Connection, Connection]]:
    """Return two connections of the web's role to one database."""
    assert isinstance(postgres_store.alarms, PostgresAlarms)
    url = cluster.url("web", database=postgres_store.alarms.conn.info.dbname)
    with (
        psycopg.connect(url, autocommit=True) as one,
        psycopg.connect(url, autocommit=True) as other,
    ):
        yield one, other


def waits(conn: Connection, running: Future[object]) -> bool:
    """Return whether somebody waits for what this connection holds."""
    until = time.monotonic() + 20
    while time.monotonic() < until and not running.done():
        row = conn.execute("select 1 from pg_locks where not granted")
        if row.fetchone():
            return True
        time.sleep(0.02)
    return False


def save(conn: Connection, ring: KeyRing, number: str) -> object:
    """Save a new person with this number as the administrator."""
    person = PersonRow(
        id=uuid7(), organisation_id=HERE, staff_number=number, name="Nova Sample", short_name="N. Sample", role="guard",
    )  # fmt: skip
    return save_person(conn, ring, admin(), person, at=AT)


def admin() -> Viewer:
    """Return who may change the registry."""
    return Viewer(HERE, cast.SAFETY_LEAD.id, "admin")


def while_kept(
    one: Connection, first: Callable[[], object], is_said: object, second: Callable[[], object]
) -> object:
    """Return what `second` is answered, which began while `first` was not committed, and waited for that."""
    with ThreadPoolExecutor() as pool:
        with one.transaction():
            set_viewer(one, HERE, cast.SAFETY_LEAD.id)
            assert first() == is_said
            running = pool.submit(second)
            assert waits(one, running)
        return running.result(20)


def test_the_second_person_with_the_number_in_other_letters_is_refused(
    two: tuple[Connection, Connection], ring: KeyRing
) -> None:
    one, other = two

    def second() -> object:
        with other.transaction():
            set_viewer(other, HERE, cast.SAFETY_LEAD.id)
            return save(other, ring, "x-77")

    refused = while_kept(one, lambda: save(one, ring, "X-77"), None, second)
    assert refused == Refused("another person has this staff number")


def test_a_file_with_the_number_in_other_letters_says_so_at_its_line(
    two: tuple[Connection, Connection], ring: KeyRing
) -> None:
    one, other = two

    def second() -> object:
        with other.transaction():
            set_viewer(other, HERE, cast.SAFETY_LEAD.id)
            found = import_people(other, ring, admin(), FILE, at=AT, save=True)
            return [line.problem for line in found.refused], load_staff_numbers(other, HERE)

    said, known = while_kept(one, lambda: save(one, ring, "X-77"), None, second)  # type: ignore[misc]
    assert said == ["is known here as X-77: write it in the same letters"]
    assert "X-77" in known
    assert "x-77" not in known


def test_a_roster_that_is_taken_twice_in_one_moment_is_there_once(
    two: tuple[Connection, Connection], ring: KeyRing
) -> None:
    one, other = two
    shift = f"staff_number,date,start,end\nx-77,{AT:%Y-%m-%d},10:00,18:00\n".encode()

    def take(conn: Connection) -> int:
        return import_roster(conn, ring, admin(), cast.HARBOUR.id, shift, at=AT, save=True).new

    def second() -> object:
        with other.transaction():
            set_viewer(other, HERE, cast.SAFETY_LEAD.id)
            return take(other)

    with one.transaction():
        set_viewer(one, HERE, cast.SAFETY_LEAD.id)
        assert save(one, ring, "x-77") is None
        before = len(load_roster_lines(one, cast.HARBOUR.id))
    assert while_kept(one, lambda: take(one), 1, second) == 0
    with one.transaction():
        set_viewer(one, HERE, cast.SAFETY_LEAD.id)
        assert len(load_roster_lines(one, cast.HARBOUR.id)) == before + 1


@pytest.mark.parametrize(
    ("known", "asked"),
    [
        ("X-77", "x-77"),
        ("x-77", "X-77"),
        ("x-77", "x-78"),
        ("strasse 1", "Straße 1"),
        ("STRAßE 1", "strasse 1"),
        ("Ärzte-3", "ärzte-3"),
        ("k-1", "\N{KELVIN SIGN}-1"),
        ("\N{KELVIN SIGN}-1", "K-1"),
        ("İ-1", "i-1"),
    ],
)
def test_a_staff_number_is_found_as_where_all_of_them_are_compared(
    two: tuple[Connection, Connection], ring: KeyRing, known: str, asked: str
) -> None:
    conn, _other = two
    with conn.transaction():
        set_viewer(conn, HERE, cast.SAFETY_LEAD.id)
        assert save(conn, ring, known) is None
        found = find_by_staff_number(conn, HERE, [asked])
        assert found == among(load_staff_numbers(conn, HERE), [asked])
    assert bool(found) == (known.casefold() == asked.casefold())


ADDRESSES = b"""staff_number,channel,address
x-77,sms,+13125550177
x-77,email,nova@harbour.example
"""


def take_addresses(conn: Connection, ring: KeyRing) -> Report:
    """Take a file with two addresses of the new person."""
    return import_contacts(
        conn, ring, admin(), ADDRESSES, region="US", zone="America/Los_Angeles", at=AT, save=True
    )


def new_person(conn: Connection, ring: KeyRing) -> PersonRow:
    """Return a new person with the number of the file."""
    person = PersonRow(
        id=uuid7(), organisation_id=HERE, staff_number="x-77", name="Nova Sample", short_name="N. Sample", role="guard",
    )  # fmt: skip
    with conn.transaction():
        set_viewer(conn, HERE, cast.SAFETY_LEAD.id)
        assert save_person(conn, ring, admin(), person, at=AT) is None
    return person


def addresses_of(conn: Connection, ring: KeyRing, person: PersonRow) -> list[str]:
    """Return where this person is reached."""
    with conn.transaction():
        set_viewer(conn, HERE, cast.SAFETY_LEAD.id)
        return sorted(contact.address for contact in load_contacts(conn, ring, person.id))


def test_a_file_of_addresses_that_is_taken_twice_in_one_moment_is_there_once(
    two: tuple[Connection, Connection], ring: KeyRing
) -> None:
    one, other = two
    person = new_person(one, ring)

    def take(conn: Connection) -> tuple[int, bool]:
        done = take_addresses(conn, ring)
        return done.new, done.is_saved

    def second() -> object:
        with other.transaction():
            set_viewer(other, HERE, cast.SAFETY_LEAD.id)
            return take(other)

    assert while_kept(one, lambda: take(one), (2, True), second) == (0, True)
    assert addresses_of(one, ring, person) == ["+13125550177", "nova@harbour.example"]


def test_an_address_that_comes_in_on_a_page_in_that_moment_refuses_the_file_at_its_line(
    two: tuple[Connection, Connection], ring: KeyRing
) -> None:
    one, other = two
    person = new_person(one, ring)
    contact = ContactRow(
        id=uuid7(), person_id=person.id, channel="email", address="nova@harbour.example", position=0,
        is_work=True, safe_rule={}, verified_at=None,
    )  # fmt: skip

    def second() -> Report:
        with other.transaction():
            set_viewer(other, HERE, cast.SAFETY_LEAD.id)
            return take_addresses(other, ring)

    with ThreadPoolExecutor() as pool:
        with one.transaction():
            set_viewer(one, HERE, cast.SAFETY_LEAD.id)
            added = add_contact(one, ring, admin(), contact, at=AT)
            assert added == Added(contact.id)
            running = pool.submit(second)
            assert waits(one, running)
        done = running.result(20)
    (line,) = done.refused
    assert (line.line, line.field, done.is_saved) == (3, "address", False)
    assert addresses_of(one, ring, person) == ["nova@harbour.example"]


DAY = (AT + timedelta(days=1)).replace(tzinfo=None, hour=0, minute=0, second=0, microsecond=0)


def on_duty(player: cast.Player, action: str = ADD) -> Override:
    """Return a line that puts somebody on duty tomorrow from ten to six, or takes her out."""
    start, end = DAY + timedelta(hours=10), DAY + timedelta(hours=18)
    role = "guard" if action == ADD else ""
    return Override(id=uuid7(), action=action, person_id=player.id, starts=start, ends=end, role=role)  # fmt: skip


def as_admin(conn: Connection, what: Callable[[], T]) -> T:
    """Return what this returns, in a transaction of its own."""
    with conn.transaction():
        set_viewer(conn, HERE, cast.SAFETY_LEAD.id)
        return what()


def planned(conn: Connection) -> Counter[UUID]:
    """Return how many shifts each person has at the site tomorrow."""
    zone = ZoneInfo("America/Chicago")
    start = DAY.replace(tzinfo=zone)
    found = as_admin(conn, lambda: load_shifts(conn, HERE, start, start + timedelta(days=1)))
    return Counter(shift.person_id for shift in found if shift.site_id == cast.HARBOUR.id)


def add(conn: Connection, *lines: Override) -> object:
    """Add these lines as the administrator."""
    return add_roster_lines(conn, admin(), cast.HARBOUR.id, lines, at=AT)


def one_of_two(conn: Connection) -> Callable[[], bool]:
    """Write the guard and the shift lead on duty; return what takes the guard out again."""
    hers = on_duty(cast.GUARD)
    as_admin(conn, lambda: add(conn, hers, on_duty(cast.SHIFT_LEAD)))
    return lambda: remove_roster_line(conn, admin(), cast.HARBOUR.id, hers.id, at=AT) is not None


def test_two_who_change_one_roster_in_one_moment_leave_what_both_have_written(
    two: tuple[Connection, Connection],
) -> None:
    one, other = two
    take_out = one_of_two(one)
    while_kept(one, take_out, True, lambda: as_admin(other, lambda: add(other, on_duty(cast.DISPATCHER))))  # fmt: skip
    assert planned(one) == {cast.SHIFT_LEAD.id: 1, cast.DISPATCHER.id: 1}


@pytest.mark.guarantee("I17")
def test_two_who_take_the_last_two_off_duty_in_one_moment_do_not_empty_the_roster(
    two: tuple[Connection, Connection],
) -> None:
    one, other = two
    first, last = on_duty(cast.GUARD), on_duty(cast.SHIFT_LEAD)
    as_admin(one, lambda: add(one, first, last))

    def take_out(conn: Connection, line: Override) -> bool:
        done = remove_roster_line(conn, admin(), cast.HARBOUR.id, line.id, at=AT)
        return isinstance(done, Loosening)

    waits_for_a_second = while_kept(
        one, lambda: take_out(one, first), False, lambda: as_admin(other, lambda: take_out(other, last))
    )  # fmt: skip
    assert waits_for_a_second is True
    assert planned(one) == {cast.SHIFT_LEAD.id: 1}


def test_a_planning_of_all_sites_waits_for_whoever_changes_one(
    two: tuple[Connection, Connection],
) -> None:
    one, other = two
    take_out = one_of_two(one)
    while_kept(one, take_out, True, lambda: as_admin(other, lambda: plan_all(other, HERE, at=AT)))
    assert planned(one) == {cast.SHIFT_LEAD.id: 1}
