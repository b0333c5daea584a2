"""Do the parts of the demo hold by themselves: the sample, its roster at any hour, its settings, its keepsakes?"""

import shutil
import socket
import stat
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from uuid import UUID

import pytest

from tests import cast
from tocsin.demo import at_the_door, installation, keepsakes, rostering
from tocsin.demo.command import why_it_ends
from tocsin.demo.installation import DemoRuns, NoRoom
from tocsin.demo.keepsakes import Player, Workplace
from tocsin.demo.reference import examples_folder
from tocsin.demo.sample import Sample, SampleRefused, read_sample
from tocsin.demo.totp import code_at
from tocsin.demo.watching import wave_of
from tocsin.notifications.rules.delivery import Delivery, State
from tocsin.record.rules.entries import Entry
from tocsin.registry.rules.duty import gaps, on_duty
from tocsin.registry.rules.roster import Pattern, Roster, shifts
from tocsin.runtime import settings

CARRIER = "http://127.0.0.1:8200"
FOLDERS = ("harbour_county", "orchard_stores")
HOURS = [datetime(2026, 11, 5, hour, 7, tzinfo=UTC) for hour in range(0, 24, 3)]
CHANGE_NIGHTS = [datetime(2026, 3, 8, 7, 59, tzinfo=UTC), datetime(2026, 11, 1, 6, 30, tzinfo=UTC)]


def sample_of(folder: str) -> Sample:
    return read_sample(examples_folder() / folder, carrier=CARRIER)


def workplace_of(sample: Sample) -> Workplace:
    players = {
        row.staff_number: Player(
            staff_number=row.staff_number,
            id=cast.number(0x5000 + index),
            name=row.name,
            short_name=row.short_name,
            role=row.role,
            site_id=cast.number(0x6000),
        )
        for index, row in enumerate(sample.people)
    }
    return Workplace(
        id=cast.HARBOUR_EMS,
        slug=sample.slug,
        name=sample.name,
        carrier=CARRIER,
        sites={},
        people=players,
    )


def patterns_at(sample: Sample, workplace: Workplace, at: datetime) -> tuple[Pattern, ...]:
    site = sample.body["site"][0]
    return tuple(rostering._pattern(s, workplace, {}, at, site) for s in site["shift"])


@pytest.mark.parametrize("folder", FOLDERS)
@pytest.mark.parametrize("at", [*HOURS, *CHANGE_NIGHTS], ids=str)
def test_the_night_shift_is_on_duty_whatever_the_hour(folder: str, at: datetime) -> None:
    sample = sample_of(folder)
    workplace, site = workplace_of(sample), sample.body["site"][0]
    roster = Roster(
        id=cast.number(1),
        name="",
        zone=site["time_zone"],
        patterns=patterns_at(sample, workplace, at),
    )
    planned = shifts(roster, at.date() - timedelta(days=2), at.date() + timedelta(days=2))

    tonight = {
        workplace.people[number].id
        for shift in site["shift"]
        if shift["began_min_ago"] >= 0
        for number in shift["people"]
    }
    assert tonight <= {shift.person_id for shift in on_duty(planned, at)}
    required = site["policy"][0].get("required_proven", 1)
    assert gaps(planned, required, starts_at=at, ends_at=at + timedelta(hours=13)) == ()


@pytest.mark.parametrize("folder", FOLDERS)
def test_the_people_of_the_samples_cannot_be_anybodys_neighbours(folder: str) -> None:
    for contact in sample_of(folder).contacts:
        if contact.channel == "sms":
            assert contact.address.startswith("+131255501")
        elif contact.channel == "email":
            assert contact.address.endswith(".example.org")
        else:
            assert contact.address.startswith(f"{CARRIER}/hook/")


def test_a_sample_with_a_wrong_line_is_refused_with_its_place(tmp_path: Path) -> None:
    for name in ("workplace.toml", "people.csv", "contacts.csv"):
        text = (examples_folder() / "orchard_stores" / name).read_text(encoding="utf-8")
        (tmp_path / name).write_text(text.replace("+1 312 555 0152", "12"), encoding="utf-8")

    with pytest.raises(SampleRefused, match=r"contacts\.csv, line 3: address"):
        read_sample(tmp_path, carrier=CARRIER)


def test_the_crews_calendar_covers_every_day_of_a_year() -> None:
    sample = sample_of("harbour_county")
    rows = sample.calendar(sample.body["site"][1], date(2026, 11, 22))

    assert {row.person for row in rows} == {"H-009", "H-010", "H-013"}
    assert len({row.starts.date() for row in rows}) > 365


def test_codes_are_those_of_an_authenticator_app() -> None:
    key = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"  # RFC 6238, appendix B: the ASCII secret of its SHA-1 vectors
    vectors = {59: "287082", 1111111109: "081804", 1234567890: "005924", 20000000000: "353130"}

    assert {at: code_at(key, datetime.fromtimestamp(at, UTC)) for at in vectors} == vectors


def test_what_is_kept_comes_back_and_is_its_owners_alone(tmp_path: Path) -> None:
    kept = {"orchard-stores": workplace_of(sample_of("orchard_stores"))}
    keepsakes.keep(tmp_path, kept)

    assert keepsakes.load(tmp_path) == kept
    assert stat.S_IMODE((tmp_path / keepsakes.FILE).stat().st_mode) == 0o600


def test_keepsakes_that_are_none_are_refused(tmp_path: Path) -> None:
    (tmp_path / keepsakes.FILE).write_text('{"x": {"id": 1}}', encoding="utf-8")

    with pytest.raises(ValueError, match="is not what the demo wrote"):
        keepsakes.load(tmp_path)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as one:
        return int(one.getsockname()[1])


def test_a_taken_port_is_left_to_whoever_has_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = int(taken.getsockname()[1])
        monkeypatch.setenv("TOCSIN_DATA", str(tmp_path))
        monkeypatch.setenv("TOCSIN_WEB_BIND", f"127.0.0.1:{port}")
        # Any free one: the usual ports may be another demo's.
        for name in ("TOCSIN_GATE_BIND", "TOCSIN_CARRIER_BIND", "TOCSIN_CARRIER_SMTP_BIND"):
            monkeypatch.setenv(name, f"127.0.0.1:{free_port()}")
        with installation.held_folder() as data:
            found = installation.set_up(data)

    assert f"Port {port} is taken (web)" in found.moved[0]
    assert found.config.web_bind[1] != port
    assert found.config.public_url == f"http://127.0.0.1:{found.config.web_bind[1]}"
    assert [gateway.organisation for gateway in found.config.gateways] == [
        "harbour-county-ems",
        "orchard-stores",
    ]


def test_a_demo_on_a_machine_that_is_in_use_touches_nothing_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_use = {
        "TOCSIN_DATA": str(tmp_path),
        "TOCSIN_DATABASE_URL": "postgresql://db.example.org/tocsin",
        "TOCSIN_KEYS": str(tmp_path / "keys"),
        "TOCSIN_SPOOL": str(tmp_path / "spool"),
        "TOCSIN_RUN": str(tmp_path / "run"),
        "TOCSIN_HEARTBEAT_URL": "https://watch.example.org/ping",
        "TOCSIN_MQTT_URL": "mqtts://tocsin:word@broker.example.org",
    }
    for name, value in in_use.items():
        monkeypatch.setenv(name, value)

    with installation.held_folder() as data:
        found = installation.set_up(data)

    config = settings.load(settings.environment(found.changes))
    assert (config.database_url, config.heartbeat_url, config.mqtt_url) == (None, None, None)
    assert {config.keys_dir.parent, config.spool_dir.parent, config.run_dir.parent} == {data}
    assert f"TOCSIN_DATABASE_URL is not used: the demo keeps to {data}." in found.moved
    assert len([words for words in found.moved if "is not used" in words]) == len(in_use) - 1


def test_a_disk_that_is_too_full_is_said_before_anything_starts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOCSIN_DATA", str(tmp_path))
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=249 * 2**20))

    with (
        installation.held_folder() as data,
        pytest.raises(NoRoom, match="249 MB free, and the demo needs 250"),
    ):
        installation.set_up(data)


def test_two_demos_do_not_share_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOCSIN_DATA", str(tmp_path))
    with installation.held_folder(), pytest.raises(DemoRuns, match="another demo"):
        installation.held_folder().__enter__()


def test_a_wave_without_messages_has_no_times() -> None:
    wave = wave_of([], datetime(2026, 11, 5, tzinfo=UTC))

    assert (wave.people, wave.first_ms, wave.last_ms) == (0, None, None)


CONFIRMED, AGAIN = (
    datetime(2026, 11, 5, 2, 0, tzinfo=UTC),
    datetime(2026, 11, 5, 2, 0, 5, tzinfo=UTC),
)
OFFSETS_S = (0, 0, 4)


def an_entry(kind: str, at: datetime) -> Entry:
    return Entry(cast.number(1), cast.HARBOUR_EMS, at, kind, cast.number(2), None, {})


def a_screen(step: int, made_at: datetime, template: str = "sighting") -> Delivery:
    return Delivery(
        id=cast.number(3),
        organisation_id=cast.HARBOUR_EMS,
        incident_id=cast.number(2),
        person_id=cast.SHIFT_LEAD.id,
        contact_id=cast.number(4),
        channel="live",
        template=template,
        step=step,
        reference="",
        code="",
        state=State.SENT,
        made_at=made_at,
        due_at=made_at,
        deadline_at=made_at,
    )


@pytest.mark.parametrize(
    ("message", "is_for_it"),
    [
        (a_screen(-1, AGAIN, "sighting_again"), True),
        (a_screen(1, AGAIN), True),
        (a_screen(2, AGAIN), False),
        (a_screen(3, AGAIN, "sighting_again"), False),
        (a_screen(2, CONFIRMED + timedelta(seconds=4)), False),
        (a_screen(-1, AGAIN, "call_unclaimed"), False),
    ],
    ids=[
        "called again",
        "ladder begun anew",
        "its later step, due now",
        "whole ladder once more",
        "its later step, before",
        "nobody owns the call",
    ],
)
def test_what_the_ladder_calls_meanwhile_is_no_second_call_of_a_sighting(
    message: Delivery, is_for_it: bool
) -> None:
    again = an_entry("incident.seen_again", AGAIN)

    assert at_the_door.is_for_this(message, again, OFFSETS_S) is is_for_it
    assert not at_the_door.is_for_this(message, None, OFFSETS_S)


@pytest.mark.parametrize(
    ("since_s", "calls", "is_kept"),
    [
        (5.0, 0, True), (5.0, 5, False), (9.999, 5, False), (10.0, 5, True), (10.0, 0, False),
        (None, 0, False), (None, 5, False),
    ],
)  # fmt: skip
def test_that_people_are_called_twice_within_ten_seconds_is_a_broken_promise(
    since_s: float | None, calls: int, is_kept: bool
) -> None:
    assert at_the_door.is_as_promised(since_s, calls) is is_kept


def test_a_story_that_ends_early_does_not_say_that_somebody_took_part() -> None:
    assert "If nobody did, this machine was too busy, or something is wrong" in why_it_ends(
        Path("demo.log")
    )


def test_a_player_is_found_by_her_first_name() -> None:
    workplace = workplace_of(sample_of("harbour_county"))

    assert workplace.named("Wren").id == UUID(int=cast.number(0x5000).int)
    with pytest.raises(KeyError):
        workplace.named("Nobody")
