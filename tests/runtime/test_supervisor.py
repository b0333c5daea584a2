"""Does the supervisor keep everything alive, and end it all when told to?"""

import os
import signal
import socket
import time

import pytest

from tests.runtime.conftest import Installation, is_alive, until
from tocsin.runtime import postgres_home, prepare, tables


@pytest.mark.night
def test_a_part_that_will_not_go_keeps_nothing_up_for_ten_seconds(
    installation: Installation,
) -> None:
    installation.has_stubborn_engine = True
    test_all_parts_become_ready_and_all_end_together(installation)


def test_all_parts_become_ready_and_all_end_together(installation: Installation) -> None:
    run = installation.start("gate", "engine")
    until(lambda: installation.ready_pid("supervisor") == run.pid, within_s=20)
    pids = [installation.ready_pid(name) for name in ("gate", "engine", "postgres")]
    assert all(is_alive(pid) for pid in pids)

    run.terminate()

    assert run.wait(timeout=10) == 0
    assert not any(is_alive(pid) for pid in pids)


def test_the_gate_takes_connections_before_there_is_a_database(installation: Installation) -> None:
    installation.start("gate", "engine")
    until(installation.accepts, within_s=5)
    assert not postgres_home.is_running(postgres_home.base_folder(installation.config) / "data")


def test_a_killed_gate_accepts_again_within_a_second(installation: Installation) -> None:
    installation.start("gate")
    until(installation.accepts, within_s=5)
    for _ in range(3):
        until(lambda: is_alive(installation.ready_pid("gate")), within_s=2)
        os.kill(installation.ready_pid("gate"), signal.SIGKILL)
        assert until(installation.accepts, within_s=1) <= 1


def test_a_killed_server_is_up_again_by_itself(installation: Installation) -> None:
    run = installation.start("gate")
    until(lambda: installation.ready_pid("postgres") > 0, within_s=20)
    killed = installation.ready_pid("postgres")

    os.kill(killed, signal.SIGKILL)

    until(lambda: installation.ready_pid("postgres") not in {0, killed}, within_s=5)
    assert run.poll() is None


def test_after_a_killed_supervisor_the_next_takes_over_within_four_seconds(
    installation: Installation,
) -> None:
    first = installation.start("gate", "engine")
    until(lambda: installation.ready_pid("supervisor") == first.pid, within_s=20)
    gate, engine, server = (installation.ready_pid(n) for n in ("gate", "engine", "postgres"))

    first.kill()
    second = installation.start("gate", "engine")

    until(lambda: installation.ready_pid("supervisor") == second.pid, within_s=4)
    assert not is_alive(gate)
    assert not is_alive(engine)
    assert installation.ready_pid("postgres") == server, "the server outlives and is adopted"
    assert installation.accepts()


def test_a_second_supervisor_on_the_same_folder_is_refused_by_name(
    installation: Installation,
) -> None:
    first = installation.start("gate")
    until(installation.accepts, within_s=5)

    second = installation.start("gate")

    _, said = second.communicate(timeout=10)
    assert second.returncode == 1
    assert f"another Tocsin (process {first.pid}) runs on {installation.folder}" in said
    assert installation.accepts()


def test_a_taken_port_stops_the_start_with_its_setting(installation: Installation) -> None:
    with socket.create_server(("127.0.0.1", installation.gate_port)):
        run = installation.start("gate")
        _, said = run.communicate(timeout=15)
    assert run.returncode == 1
    bind = f"TOCSIN_GATE_BIND=127.0.0.1:{installation.gate_port}: Address already in use."
    assert f"{bind} Stop what uses it, or set another." in said


def test_a_part_that_cannot_live_is_told_rarely_and_costs_the_gate_nothing(
    installation: Installation,
) -> None:
    run = installation.start("gate", "broken")
    until(installation.accepts, within_s=5)
    time.sleep(1.5)
    assert installation.accepts()
    run.terminate()
    _, said = run.communicate(timeout=10)
    assert said.count("part.died") == 1


def test_with_the_tables_known_the_engine_waits_for_no_database(
    installation: Installation,
) -> None:
    first = installation.start("gate", "engine")
    until(lambda: installation.ready_pid("supervisor") == first.pid, within_s=20)
    first.terminate()
    first.wait(timeout=10)
    config = installation.config
    prepare.note_up_to_date(config)
    # The server cannot come up: its programs are not where the setting says.
    installation.programs = "/nowhere"

    installation.start("gate", "engine")

    until(lambda: is_alive(installation.ready_pid("engine")), within_s=5)
    until(installation.accepts, within_s=5)


@pytest.mark.parametrize("had_tables", [True, False])
def test_with_newer_code_and_no_database_what_stands_by_runs_and_uses_no_table(
    installation: Installation, had_tables: bool
) -> None:
    config = installation.config
    config.data_dir.mkdir(parents=True)
    if had_tables:
        (config.data_dir / "migrated").write_text("of older code", encoding="utf-8")
    base = postgres_home.base_folder(config)
    (base / "data").mkdir(parents=True)
    (base / "data" / "PG_VERSION").write_text("15", encoding="utf-8")
    installation.programs = "/nowhere"

    run = installation.start("gate", "standing")

    until(installation.accepts, within_s=5)
    until(lambda: not tables.may_be_used(config), within_s=5)
    if had_tables:
        until(lambda: is_alive(installation.ready_pid("engine")), within_s=5)
    run.kill()
    run.wait(5)
    assert tables.may_be_used(config), "nobody holds them back who is gone"
    assert (
        installation.ready_pid("engine") > 0 if had_tables else not installation.ready_pid("engine")
    )
