"""Does the registry keep, seal and load what it is given, for its own organisation only?"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import psycopg
import pytest

from tests.builders import AT
from tocsin.registry import store, store_calling, store_people, store_sites
from tocsin.registry.rules.duty import Shift
from tocsin.registry.rules.rows import ContactRow, PersonRow, SiteRow, TeamRow
from tocsin.runtime import outside_database, settings
from tocsin.runtime.database import Connection, viewing
from tocsin.runtime.encryption import KeyRing
from tocsin.runtime.ids import uuid7
from tocsin.runtime.postgres import Cluster

ORG, OTHER = UUID(int=0x0199 << 112 | 1), UUID(int=0x0199 << 112 | 2)


@pytest.fixture
def database(new_database: Callable[..., str], alarms_template: str) -> str:
    """Return the name of a migrated database."""
    return new_database(alarms_template)


@pytest.fixture
def conn(cluster: Cluster, database: str) -> Iterator[Connection]:
    """Return a connection as the pages have it."""
    with psycopg.connect(cluster.url("web", database=database), autocommit=True) as found:
        for organisation in (ORG, OTHER):
            with viewing(found, organisation):
                store_sites.insert_organisation(found, organisation, f"o{organisation.int & 7}", "O", at=AT)  # fmt: skip
        yield found


def a_person(conn: Connection, ring: KeyRing, organisation_id: UUID = ORG, **values: object) -> PersonRow:  # fmt: skip
    person_id = uuid7()
    known = {"staff_number": str(person_id)[-8:], "name": "Nova Sample", "short_name": "N. Sample", "role": "guard"}  # fmt: skip
    person = PersonRow(id=person_id, organisation_id=organisation_id, **(known | values))  # type: ignore[arg-type]
    store_people.insert_person(conn, ring, person)
    return person


def a_site(conn: Connection) -> UUID:
    site = SiteRow(id=uuid7(), organisation_id=ORG, name=str(uuid7()), time_zone="America/Chicago")
    store_sites.save_site(conn, site)
    return site.id


def a_contact(conn: Connection, ring: KeyRing, person: PersonRow, **values: object) -> ContactRow:
    known = {"channel": "sms", "address": "+13125550177", "position": 1, "verified_at": AT}
    contact = ContactRow(id=uuid7(), person_id=person.id, **(known | values))  # type: ignore[arg-type]
    store_people.insert_contact(conn, ring, person.organisation_id, contact, secret="s3")
    return contact


def on_shift(conn: Connection, site_id: UUID, person: PersonRow, role: str, hours: int = 1) -> None:
    wall = AT.replace(tzinfo=None)
    shift = Shift(person_id=person.id, role=role, starts_at=AT - timedelta(hours=1), ends_at=AT + timedelta(hours=hours), local_start=wall, local_end=wall, source="pattern")  # fmt: skip
    store_sites.insert_shifts(conn, ORG, site_id, [shift])


def test_names_and_addresses_lie_there_sealed(conn: Connection, ring: KeyRing) -> None:
    with viewing(conn, ORG):
        person = a_person(conn, ring)
        contact = a_contact(conn, ring, person)
        rows = conn.execute("select name_sealed, short_name_sealed from registry_person where id = %s", (person.id,)).fetchall()  # fmt: skip
        rows += conn.execute("select address_sealed, secret_sealed from registry_contactmethod").fetchall()  # fmt: skip
        assert not any(word in bytes(cell) for row in rows for cell in row for word in (b"Sample", b"555", b"s3"))  # fmt: skip
        assert store_people.find_people(conn, ring, [person.id])[person.id] == person
        assert store_people.load_contacts(conn, ring, person.id) == [
            replace(contact, has_secret=True)
        ]
        (reach,) = store_calling.load_addresses(conn, ring, [contact.id])
        assert (reach.address, reach.secret) == ("+13125550177", "s3")


def test_a_person_whose_key_is_gone_has_no_name(
    conn: Connection, ring: KeyRing, cluster: Cluster
) -> None:
    with viewing(conn, ORG):
        person = a_person(conn, ring)
    # The pages destroy no key; the engine does.
    with psycopg.connect(cluster.url("engine", database=conn.info.dbname)) as engine:
        engine.execute("delete from registry_personkey where person_id = %s", (person.id,))
    with viewing(conn, ORG):
        found = store_people.find_people(conn, ring, [person.id])[person.id]
        assert (found.name, found.short_name) == ("(erased)", "(erased)")
        assert store.load_short_names(conn, ring, [person.id]) == {}


@pytest.mark.guarantee("I12")
def test_the_database_itself_shows_nothing_of_others(conn: Connection, ring: KeyRing) -> None:
    with viewing(conn, OTHER):
        theirs = a_person(conn, ring, OTHER)
    with viewing(conn, ORG):
        assert store_people.find_people(conn, ring, [theirs.id]) == {}
        assert conn.execute("update registry_person set role = 'admin'").rowcount == 0
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            a_person(conn, ring, OTHER)


def test_without_a_viewer_there_is_nothing_at_all(conn: Connection, ring: KeyRing) -> None:
    with viewing(conn, ORG):
        a_person(conn, ring)
    for table in ("registry_person", "registry_contactmethod", "registry_codepair", "decisions_incident", "record_entry"):  # fmt: skip
        assert conn.execute(f"select count(*) from {table}").fetchone() == (0,)


def test_an_address_is_found_again_and_belongs_to_one(conn: Connection, ring: KeyRing) -> None:
    with viewing(conn, ORG):
        person, second = a_person(conn, ring), a_person(conn, ring)
        contact = a_contact(conn, ring, person)
        found = store.find_by_address(conn, ring, ORG, "sms", "+13125550177")
        assert found
        assert (found.person_id, found.contact_id) == (person.id, contact.id)
        assert store.find_by_address(conn, ring, ORG, "sms", "+13125550178") is None
        with pytest.raises(psycopg.errors.UniqueViolation), conn.transaction():
            a_contact(conn, ring, second)
        # Given back, it may be somebody else's.
        store_people.revoke_contact(conn, person.id, contact.id, AT)
        a_contact(conn, ring, second)


def test_who_may_be_called_is_who_is_on_duty_or_stands_for_it(conn: Connection, ring: KeyRing) -> None:  # fmt: skip
    with viewing(conn, ORG):
        site = a_site(conn)
        guard, off = a_person(conn, ring), a_person(conn, ring)
        lead = a_person(conn, ring, role="safety_lead")
        member, gone = a_person(conn, ring), a_person(conn, ring, is_active=False)
        team = TeamRow(uuid7(), None, "night", False, (member.id,))
        store_sites.insert_team(conn, ORG, team)
        on_shift(conn, site, guard, "guard")
        on_shift(conn, site, gone, "guard")
        on_shift(conn, site, off, "guard", hours=0)
        contact = a_contact(conn, ring, guard, is_work=False)
        facts = store.load_site_facts(conn, ORG, [site, uuid7()], at=AT)
    assert list(facts) == [site]
    assert set(facts[site].people) == {guard.id, lead.id, member.id}
    assert [duty.person_id for duty in facts[site].on_duty] == [guard.id]
    assert facts[site].people[lead.id].roles == {"safety_lead"}
    assert facts[site].people[guard.id].roles == frozenset()
    assert [(c.id, c.channel, c.is_work) for c in facts[site].people[guard.id].contacts] == [(contact.id, "sms", False)]  # fmt: skip
    assert facts[site].teams[team.id].members == (member.id,)


def test_somebody_asked_for_is_there_with_the_line_above_her(conn: Connection, ring: KeyRing) -> None:  # fmt: skip
    with viewing(conn, ORG):
        site = a_site(conn)
        chief = a_person(conn, ring)
        manager = a_person(conn, ring, manager_id=chief.id)
        raiser = a_person(conn, ring, manager_id=manager.id)
        facts = store.load_site_facts(conn, ORG, [site], at=AT, also=[raiser.id])[site]
    assert set(facts.people) == {raiser.id, manager.id, chief.id}
    assert facts.people[raiser.id].manager_id == manager.id


def test_shifts_planned_anew_leave_history_and_calendars_alone(conn: Connection, ring: KeyRing) -> None:  # fmt: skip
    with viewing(conn, ORG):
        site, person = a_site(conn), a_person(conn, ring)
        on_shift(conn, site, person, "now")
        on_shift(conn, site, person, "past", hours=0)
        conn.execute("update registry_shift set source = 'feed' where role = 'now' and site_id = %s", (site,))  # fmt: skip
        on_shift(conn, site, person, "planned")
        until = AT + timedelta(days=60)
        store_sites.replace_shifts(conn, ORG, site, [], AT, until)
        left = conn.execute("select role from registry_shift where site_id = %s order by 1", (site,)).fetchall()  # fmt: skip
    assert left == [("now",), ("past",)]


def test_the_doctor_reads_the_short_name_of_every_organisation(
    cluster: Cluster, database: str
) -> None:
    url = cluster.url("owner", database=database)
    config = settings.load({"TOCSIN_DATABASE_URL": url})
    assert outside_database.organisations(config) == {"harbour", "orchard"}
    with pytest.raises(psycopg.Error):
        outside_database.organisations(
            settings.load({"TOCSIN_DATABASE_URL": cluster.url("owner", database="template1")})
        )
