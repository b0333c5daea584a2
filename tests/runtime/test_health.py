"""Does the doctor find what is wrong, and say what to do?"""

import os
import pwd
import socket
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import psycopg
import pytest

from tests.runtime.conftest import Installation
from tocsin.runtime import doorbell, health, outside_database, postgres_home, settings
from tocsin.runtime.health import Finding
from tocsin.runtime.outside_database import Answer
from tocsin.runtime.postgres import Cluster
from tocsin.runtime.postgres_make import ROLES
from tocsin.runtime.settings import Settings

NOBODY = 65_534


def findings(config: Settings, what: str) -> list[Finding]:
    return [finding for finding in health.examine(config) if finding.what == what]


def test_a_fresh_folder_is_not_wrong_only_unfinished(installation: Installation) -> None:
    states = {finding.state for finding in health.examine(installation.config)}
    assert states == {"ok", "warning"}


def test_where_no_embedded_database_runs_it_says_where_it_looked(installation: Installation) -> None:  # fmt: skip
    [found] = findings(installation.config, "database")
    assert f"no embedded PostgreSQL runs in {postgres_home.base_folder(installation.config)} (" in found.text  # fmt: skip


def test_the_database_that_another_account_has_of_this_folder_is_pointed_to(installation: Installation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    monkeypatch.setattr(postgres_home, "ROOT_HOME", tmp_path / "root")
    is_root = os.geteuid() == 0
    other = postgres_home._base(installation.config, is_root=not is_root)
    other.mkdir(parents=True)
    if is_root:
        os.chown(other, NOBODY, NOBODY)
    whose = pwd.getpwuid(NOBODY).pw_name if is_root else "root"
    [found] = findings(installation.config, "database")
    assert f"; {whose} has one in {other}: run the doctor as {whose}." in found.text


def test_the_spool_is_timed(installation: Installation) -> None:
    [spool] = findings(installation.config, "spool")
    assert "ms a sync (mean of 100)" in spool.text


def test_keys_that_others_may_read_are_wrong(installation: Installation) -> None:
    keys = installation.config.keys_dir
    keys.mkdir(parents=True)
    keys.chmod(0o700)
    (keys / "master.key").touch(mode=0o644)
    [found] = findings(installation.config, "keys")
    assert found.state == "wrong"
    assert "master.key" in found.text


def test_keys_beside_the_data_are_a_warning_and_elsewhere_fine(tmp_path: Path) -> None:
    for name, state in (("data/keys", "warning"), ("keys", "ok")):
        keys = tmp_path / name
        keys.mkdir(parents=True, mode=0o700)
        environment = {"TOCSIN_DATA": str(tmp_path / "data"), "TOCSIN_KEYS": str(keys)}
        [found] = findings(settings.load(environment), "keys")
        assert found.state == state


def _become_nobody() -> None:
    if os.geteuid() == 0:
        os.setgroups([])
        os.setgid(NOBODY)
        os.setuid(NOBODY)


def _everything(config: Settings) -> list[Finding]:
    return list(health.examine(config))


def test_what_is_closed_to_this_account_is_said_and_not_called_well(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0)
    config = settings.load({"TOCSIN_DATA": str(closed / "data")})

    with get_context("fork").Pool(1, _become_nobody) as another:
        found = another.apply(_everything, (config,))

    closed.chmod(0o700)
    states = {one.what: one.state for one in found if "closed to this account" in one.text}
    assert states == dict.fromkeys(
        ("disk data", "disk spool", "spool", "keys", "custody mail", "parts"), "wrong"
    )


def test_an_address_that_is_not_this_machines_is_not_called_used_by_others() -> None:
    # RFC 5737: nobody's.
    config = settings.load({"TOCSIN_GATE_BIND": "203.0.113.9:8100"})

    [found] = [one for one in health.examine(config) if one.what == "port 8100"]

    assert found.state == "wrong"
    assert "cannot listen at 203.0.113.9" in found.text
    assert "Set TOCSIN_GATE_BIND" in found.text


def test_a_port_that_a_stranger_holds_is_wrong_and_names_its_setting(
    installation: Installation,
) -> None:
    with socket.create_server(("127.0.0.1", installation.gate_port)):
        [found] = findings(installation.config, f"port {installation.gate_port}")
    assert found.state == "wrong"
    assert "TOCSIN_GATE_BIND" in found.text


def test_a_port_that_a_stranger_holds_is_wrong_though_our_part_lives_at_another(
    installation: Installation,
) -> None:
    ready = installation.config.run_dir / "gate.ready"
    ready.parent.mkdir(parents=True, exist_ok=True)
    with socket.create_server(("127.0.0.1", installation.gate_port)):
        # Our gate lives, and listens nowhere: it is somebody else who answers.
        with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as gate:
            ready.write_text(str(gate.pid), encoding="utf-8")
            [strange] = findings(installation.config, f"port {installation.gate_port}")
            gate.communicate(b"\n")
        # This process listens there itself.
        ready.write_text(str(os.getpid()), encoding="utf-8")
        [ours] = findings(installation.config, f"port {installation.gate_port}")
    ready.unlink()
    assert (strange.state, ours.state) == (health.WRONG, health.OK)


def test_the_roles_of_the_embedded_server_are_bound_by_row_security(
    cluster: Cluster, cluster_settings: Settings
) -> None:
    assert cluster.pid
    assert [found.state for found in findings(cluster_settings, "role")] == ["ok"] * len(ROLES)


def test_a_role_above_row_security_is_wrong() -> None:
    answer = Answer(
        "tocsin_web", 180006, is_superuser=False, bypasses_row_security=True, may_create=True
    )
    found = health.judge_role(answer)
    assert found.state == "wrong"
    assert "ALTER ROLE tocsin_web NOSUPERUSER NOBYPASSRLS;" in found.text


def test_versions_are_judged_by_major_and_minor() -> None:
    states = [
        health.judge_version(version).state for version in (140020, 150019, 150020, 180006, 190000)
    ]
    assert states == ["wrong", "warning", "ok", "ok", "ok"]


def test_nobody_watching_from_outside_is_said(installation: Installation) -> None:
    [found] = findings(installation.config, "watcher")
    assert found.state == "warning"
    assert "TOCSIN_HEARTBEAT_URL" in found.text


def test_a_watcher_is_looked_for_and_not_told_that_all_is_well(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as watcher:
        address = f"http://127.0.0.1:{watcher.getsockname()[1]}/ping/7f3a"
        config = settings.load({"TOCSIN_DATA": str(tmp_path), "TOCSIN_HEARTBEAT_URL": address})
        [there] = findings(config, "watcher")
        with watcher.accept()[0] as asked:
            assert asked.recv(100) == b""
    [away] = findings(config, "watcher")

    assert (there.state, away.state) == ("ok", "warning")
    assert "it is not told" in away.text
    assert "7f3a" not in away.text


def test_a_part_that_does_not_run_is_said(installation: Installation) -> None:
    [found] = findings(installation.config, f"port {installation.gate_port}")

    assert (found.state, "the gate does not run" in found.text) == ("warning", True)


def test_a_part_that_does_not_run_while_another_does_is_wrong_and_says_what_that_means(
    installation: Installation,
) -> None:
    run_dir = installation.config.run_dir
    run_dir.mkdir(parents=True, exist_ok=True)
    (run_dir / "web.ready").write_text(str(os.getpid()), encoding="utf-8")
    gate = f"port {installation.gate_port}"

    def said(what: str) -> tuple[str, bool]:
        [found] = findings(installation.config, what)
        return found.state, "nobody is called" in found.text

    [closed_door] = findings(installation.config, gate)
    assert (closed_door.state, "no SOS is taken" in closed_door.text) == ("wrong", True)
    assert said("engine") == ("wrong", True)
    # A mark whose process lives, and nobody at the bell: its number is somebody else's by now.
    (run_dir / "engine.ready").write_text(str(os.getpid()), encoding="utf-8")
    assert said("engine") == ("wrong", True)
    bell = doorbell.Listener(run_dir, doorbell.ENGINE)
    try:
        assert said("engine") == ("ok", False)
        (run_dir / doorbell.HELD).write_text("2026-11-27T20:16:48+00:00")
        runs, holds = findings(installation.config, "engine")
        assert (runs.state, holds.state) == ("ok", "wrong")
        assert "2026-11-27T20:16:48+00:00" in holds.text
        assert "`tocsin release`" in holds.text
        assert bell.receive() == []
    finally:
        bell.close()


def test_a_watcher_with_whom_no_encryption_can_be_agreed_is_not_told(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as watcher:
        address = f"https://127.0.0.1:{watcher.getsockname()[1]}/ping/7f3a"
        config = settings.load({"TOCSIN_DATA": str(tmp_path), "TOCSIN_HEARTBEAT_URL": address})
        with ThreadPoolExecutor(1) as other:
            other.submit(lambda: watcher.accept()[0].sendall(b"HTTP/1.0 400 what?\r\n\r\n"))
            [found] = findings(config, "watcher")
    assert (found.state, "it is not told" in found.text) == ("warning", True)


def test_an_address_without_encryption_is_wrong_unless_it_is_this_machine() -> None:
    config = settings.load({"TOCSIN_PUBLIC_URL": "http://tocsin.example.org"})
    [found] = findings(config, "address")
    assert found.state == "wrong"


def test_an_outside_database_that_is_away_is_told_with_the_statements_that_make_it() -> None:
    config = settings.load({"TOCSIN_DATABASE_URL": "postgresql://127.0.0.1:1/tocsin"})
    problems = outside_database.problems(config)
    assert [said.split()[0] for said in problems[: len(ROLES)]] == list(ROLES)
    assert "CREATE ROLE tocsin_engine LOGIN" in problems[len(ROLES)]
    found = [each.text for each in findings(config, "database")]
    assert len(found) == len(ROLES) + 1
    assert ["CREATE ROLE" in said for said in found] == [False] * len(ROLES) + [True]
    assert "nobody gets in: see that the server runs" in found[-1]


def test_an_outside_database_with_its_roles_has_no_problems(cluster: Cluster) -> None:
    config = settings.load({"TOCSIN_DATABASE_URL": cluster.url("owner")})
    assert outside_database.problems(config) == []


@pytest.mark.parametrize(
    ("hurt", "heal", "helps"),
    [
        (
            "tocsin_door rename to tocsin_away",
            "tocsin_away rename to tocsin_door",
            "CREATE ROLE tocsin_door LOGIN PASSWORD '...' NOSUPERUSER NOBYPASSRLS; GRANT",
        ),
        ("tocsin_door nologin", "tocsin_door login", "tocsin_door is there: let it in"),
    ],
)
def test_a_role_that_an_outside_database_lacks_is_told_with_the_statement_that_makes_it(
    cluster: Cluster, hurt: str, heal: str, helps: str
) -> None:
    # Reached as an outside one, over its socket.
    config = settings.load({"TOCSIN_DATABASE_URL": cluster.url("owner")})
    with psycopg.connect(cluster.url("postgres"), autocommit=True) as conn:
        conn.execute(f"alter role {hurt}".encode())
        try:
            [found] = [each for each in findings(config, "database") if each.state == "wrong"]
            problems = outside_database.problems(config)
        finally:
            conn.execute(f"alter role {heal}".encode())
    assert found.text.startswith("tocsin_door cannot connect")
    assert helps in found.text
    assert "GRANT CONNECT, TEMPORARY ON DATABASE tocsin TO tocsin_door;" in found.text
    assert [helps in said for said in problems] == [False, True]
    assert outside_database.problems(config) == []


@pytest.mark.parametrize(
    ("answer", "state", "says"),
    [
        (b"\x20\x02\x00\x00", "ok", "lets us in"),
        (b"\x20\x02\x00\x05", "wrong", "the name or the password"),
        (b"HTTP", "wrong", "as an MQTT broker does"),
    ],
)
def test_a_broker_is_asked_to_let_us_in_where_one_is_named(tmp_path: Path, answer: bytes, state: str, says: str) -> None:  # fmt: skip
    heard: list[bytes] = []

    def answers(server: socket.socket) -> None:
        with server.accept()[0] as conn:
            heard.append(conn.recv(1_000))
            conn.sendall(answer)

    with socket.create_server(("127.0.0.1", 0)) as broker:
        port = broker.getsockname()[1]
        named = settings.load({"TOCSIN_DATA": str(tmp_path), "TOCSIN_MQTT_URL": f"mqtt://u:secret@127.0.0.1:{port}"})  # fmt: skip
        speaks = threading.Thread(target=answers, args=(broker,))
        speaks.start()
        [found] = health._broker(named)
        speaks.join()
    assert (found.state, says in found.text) == (state, True)
    assert heard == [
        b"\x10\x24\x00\x04MQTT\x04\xc2\x00\x0a\x00\x0dtocsin-doctor\x00\x01u\x00\x06secret"
    ]
    [found] = health._broker(named)
    assert found.state == "wrong"
    assert "TOCSIN_MQTT_URL" in found.text
    assert "secret" not in found.text
    assert list(health._broker(settings.load({"TOCSIN_DATA": str(tmp_path)}))) == []
