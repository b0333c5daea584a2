"""Does every setting that cannot be used stop the start, with its name, the problem and an example, and say no password?"""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from psycopg.conninfo import conninfo_to_dict
from psycopg.pq import Conninfo

from tests.runtime import test_settings
from tocsin.runtime import database_address, health, postgres_home, settings, usable
from tocsin.runtime.postgres import database_url
from tocsin.runtime.postgres_home import PostgresError
from tocsin.runtime.settings import SettingError

NO_HOST = "has no host or no readable port (1 to 65535): write it percent-encoded"
BLANKS = "has blanks or characters that cannot be printed"
UNPRINTABLE = "has characters that cannot be printed"
# Not UTF-8 in the environment: what Python makes of the byte 0xFF.
NOT_TEXT = "\udcff"
FOLDERS = ("TOCSIN_DATA", "TOCSIN_KEYS", "TOCSIN_SPOOL", "TOCSIN_RUN")
PATHS = (*FOLDERS, "TOCSIN_POSTGRES_BIN", "TOCSIN_GATEWAYS")
WEB_ADDRESSES = ("TOCSIN_PUBLIC_URL", "TOCSIN_GATE_URLS", "TOCSIN_HEARTBEAT_URL")
BINDS = ("TOCSIN_GATE_BIND", "TOCSIN_WEB_BIND", "TOCSIN_CARRIER_BIND", "TOCSIN_CARRIER_SMTP_BIND")
SWITCHES = ("TOCSIN_PRIVATE_WEBHOOKS", "TOCSIN_DEMO", "TOCSIN_PLAIN_LOGS")
DATABASE = [
    ("postgresql://db:abc/tocsin", NO_HOST),
    ("postgresql://db:0/tocsin", NO_HOST),
    ("postgresql://db:65536/tocsin", NO_HOST),
    ("postgresql://db:-1/tocsin", NO_HOST),
    ("postgresql://db:\u00b2/tocsin", NO_HOST),
    ("postgresql://one:5432,two:abc/tocsin", NO_HOST),
    ("postgresql://[::1/tocsin", "cannot be read: write it percent-encoded"),
    ("postgresql://db!/tocsin", NO_HOST),
    ("postgresql:///x?nonsense=1", "has 'nonsense' behind its ?, which is no option"),
    ("postgresql:///x?user=postgres", "has 'user' behind its ?, which is no option"),
    ("postgresql:///x?sslmode", "has 'sslmode' behind its ?, which is no option"),
    ("postgresql:///x?sslmode=on", "has a sslmode that is none of disable, allow, prefer"),
    ("postgresql:///x?connect_timeout=soon", "has a connect_timeout that is not a whole number"),
    ("postgresql:///x?host=/tmp&port=0", NO_HOST),
    ("postgresql:///x?host=a,b,c&port=1,2", "has 2 ports for 3 hosts: give one for all, or"),
    ("postgresql://a b/x", BLANKS),
    ("postgresql://db/x\n", BLANKS),
    (f"postgresql://db/{NOT_TEXT}", BLANKS),
    ("postgresql://db/x\0", BLANKS),
    ("postgresql://db/%zz", "has a % without the two digits of a character behind it"),
    ("postgresql://db/x/y", "goes on after its host and port: write it percent-encoded"),
    ("POSTGRESQL://db/x", "is not a postgresql:// address"),
    ("host=db dbname=x", "is not a postgresql:// address"),
]
WRONG = [
    *(("TOCSIN_DATABASE_URL", value, problem) for value, problem in DATABASE),
    *((name, f"/tmp/{NOT_TEXT}", UNPRINTABLE) for name in PATHS),
    *((name, "/tmp/a\0b", UNPRINTABLE) for name in PATHS),
    *((name, " ", "is empty, or has blanks around it") for name in PATHS),
    *((name, f"/tmp/{'a' * 256}", "is longer than 255 bytes a name") for name in PATHS),
    *((name, "/etc/passwd", "is not a folder") for name in FOLDERS),
    *((name, "/etc/passwd/x", "lies below /etc/passwd, which is not a fold") for name in FOLDERS),
    *((name, "ftp://a.example", "is not an http or https address") for name in WEB_ADDRESSES),
    *((name, "http://a..example", "has no host or no readable port") for name in WEB_ADDRESSES),
    *((name, "http://a.example:65536", "has no host or no readable") for name in WEB_ADDRESSES),
    *((name, f"http://{NOT_TEXT}", BLANKS) for name in WEB_ADDRESSES),
    *((name, "http://a\0b", BLANKS) for name in WEB_ADDRESSES),
    *((name, "", "is not host:port") for name in BINDS),
    *((name, "127.0.0.1:65536", "is not host:port") for name in BINDS),
    *((name, "a..b:8000", "is not host:port") for name in BINDS),
    *((name, f"{'a' * 64}.example:8000", "is not host:port") for name in BINDS),
    *((name, f"{NOT_TEXT}:8000", "is not host:port") for name in BINDS),
    *((name, "127.0.0.1:80\0", "is not host:port") for name in BINDS),
    *((name, "", "is neither yes nor no") for name in SWITCHES),
    *((name, "on", "is neither yes nor no") for name in SWITCHES),
    *((name, "yes\0", "is neither yes nor no") for name in SWITCHES),
    ("TOCSIN_POSTGRES_ACCOUNT", "no body", "is not the name of an account"),
    ("TOCSIN_POSTGRES_ACCOUNT", "a\0b", "is not the name of an account"),
    ("TOCSIN_POSTGRES_ACCOUNT", NOT_TEXT, "is not the name of an account"),
    ("TOCSIN_POSTGRES_ACCOUNT", "a" * 257, "is not the name of an account"),
    ("TOCSIN_SPOOL_MB", "", "is not a whole number from 8 to 4096"),
    ("TOCSIN_SPOOL_MB", "64.5", "is not a whole number from 8 to 4096"),
    ("TOCSIN_SPOOL_MB", "64\0", "is not a whole number from 8 to 4096"),
    ("TOCSIN_SMTP_URL", "smtp://a..example", "has no host or no readable port"),
    ("TOCSIN_SMTP_URL", "smtp://mail.example.org:65536", "has no host or no readable port"),
    ("TOCSIN_SMTP_URL", f"smtp://{NOT_TEXT}", BLANKS),
    ("TOCSIN_MQTT_URL", "mqtt://", "has no host or no readable port"),
    ("TOCSIN_MQTT_URL", "mqtt://broker/topic", "goes on after its host and port"),
    ("TOCSIN_MQTT_URL", "mqtt://a\0b", BLANKS),
    ("TOCSIN_MAIL_FROM", NOT_TEXT, "is not a mail address alone"),
    ("TOCSIN_MAIL_FROM", "a@b\0", "is not a mail address alone"),
    ("TOCSIN_PUSH_CONTACT", "", "is not a mailto: address"),
    ("TOCSIN_PUSH_CONTACT", "https://a.example", "is not a mailto: address"),
    ("TOCSIN_PUSH_CONTACT", f"mailto:{NOT_TEXT}@a.example", "is not a mailto: address"),
]


def shown(name: str, value: str) -> str:
    """Return what is said of this value: of an address that may hold a password only the scheme."""
    if name not in settings.WITH_PASSWORD or not value:
        return value
    scheme, mark, _rest = value.partition("://")
    return f"{scheme}{mark}..." if mark else "..."


@pytest.mark.parametrize(("name", "value", "problem"), [*test_settings.WRONG, *WRONG])
def test_a_wrong_value_stops_with_its_setting_its_problem_and_an_example(
    name: str, value: str, problem: str
) -> None:
    with pytest.raises(SettingError) as refused:
        settings.load({name: value})
    said = str(refused.value)
    assert said.startswith(f"{name}: {shown(name, value)!r} {problem}")
    assert said.endswith(f"Example: {name}={settings.example_of(name)}")


def test_every_setting_is_tried_with_two_wrong_values_at_least() -> None:
    tried = [name for name, _, _ in WRONG]
    assert {one.name for one in settings.SETTINGS if tried.count(one.name) < 2} == set()


@pytest.mark.parametrize(
    ("longest", "most"),
    [(f"/{'a' * 255}", f"/{'a' * 256}"), ("/abcd" * 600, "/abcd" * 600 + "e")],
)
def test_a_path_may_be_as_long_as_that_and_no_longer(longest: str, most: str) -> None:
    assert settings.load({"TOCSIN_KEYS": longest}).keys_dir == Path(longest)
    with pytest.raises(SettingError, match="is longer than 255 bytes a name or 3000 in all"):
        settings.load({"TOCSIN_KEYS": most})


def test_an_account_may_have_a_name_of_256_characters() -> None:
    account = "a" * 256
    assert settings.load({"TOCSIN_POSTGRES_ACCOUNT": account}).postgres_account == account


@pytest.mark.parametrize("value", ["/etc", "/dev/null"])
def test_a_gateways_file_that_is_none_is_not_read(value: str) -> None:
    with pytest.raises(SettingError, match="is not a file") as refused:
        settings.load({"TOCSIN_GATEWAYS": value})
    assert str(refused.value).startswith(f"TOCSIN_GATEWAYS: {value}: is not a file. Example: ")


# --- the database's address -----------------------------------------------------------------------

RIGHT = [
    "postgresql://",
    "postgres://db.internal/tocsin",
    "postgresql://db:1/tocsin",
    "postgresql://db:65535/tocsin",
    "postgresql://db:/tocsin",
    "postgresql://name:pass%2Fword@db.internal:5432/tocsin?sslmode=verify-full",
    "postgresql://one:5432,two:5433/tocsin?target_session_attrs=read-write",
    "postgresql://one,two:5433/tocsin",
    "postgresql://[::1]:5432,[fe80::1]/tocsin",
    "postgresql://%2Frun%2Fpostgresql/tocsin",
    "postgresql:///tocsin?host=/run/postgresql&port=5432&connect_timeout=2",
    "postgresql:///tocsin?host=a,b&port=5432",
    "postgresql://db/tocsin?ssl=true",
]


@pytest.mark.parametrize("value", RIGHT)
def test_what_we_take_for_an_address_the_driver_takes_too(value: str) -> None:
    config = settings.load({"TOCSIN_DATABASE_URL": value})
    assert config.database_url == value
    meant, used = conninfo_to_dict(value), conninfo_to_dict(database_url(config, "web"))
    assert used["user"] == "tocsin_web"
    assert {name: used.get(name) for name in meant if name != "user"} == {
        name: given for name, given in meant.items() if name != "user"
    }


def test_every_option_of_the_driver_is_known_but_the_user() -> None:
    there = {option.keyword.decode() for option in Conninfo.get_defaults()}
    assert there - {"user"} - database_address.OPTIONS == set()


@pytest.mark.parametrize(
    "value",
    [
        "postgresql://tocsin:pa{}@db:abc/tocsin",
        "postgresql://tocsin:pa/{}@db/tocsin",
        "postgresql://tocsin:12/{}@db/tocsin",
        "postgresql://tocsin:12?{}=x@db/tocsin",
        "postgresql://tocsin:12?{}@db/tocsin",
        "postgresql://tocsin:pa#{}@db/tocsin",
        "postgresql://tocsin:pa@{}@db/tocsin",
        "postgresql://tocsin:pa[{}@db/tocsin",
        "postgresql://tocsin:%zz{}@db/tocsin",
        "postgresql://tocsin:\u2100{}@db!/tocsin",
        "postgresql://tocsin:pa\n{}@db/tocsin",
        "postgresql://db:abc/tocsin?password={}",
        "postgresql://db:abc/tocsin?sslpassword=a@{}",
        "tocsin:{}@db/tocsin",
    ],
)
def test_a_password_in_a_wrong_address_is_not_said(value: str) -> None:
    with pytest.raises(SettingError) as refused:
        settings.load({"TOCSIN_DATABASE_URL": value.format("s3cretword")})
    said = str(refused.value)
    cause: BaseException | None = refused.value
    while cause:
        assert "s3cretword" not in str(cause)
        cause = cause.__cause__ or cause.__context__
    assert said.startswith("TOCSIN_DATABASE_URL: ")
    assert said.endswith("Example: TOCSIN_DATABASE_URL=postgresql://db.internal/tocsin")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("TOCSIN_SMTP_URL", "tocsin:s3cretword@mail.example.org"),
        ("TOCSIN_SMTP_URL", "smtp://tocsin:s3cretword"),
        ("TOCSIN_SMTP_URL", "smtp+tls://tocsin:pa@s3cretword:x"),
        ("TOCSIN_SMTP_URL", "tocsin:s3cretword"),
        ("TOCSIN_MQTT_URL", "mqtts://tocsin:s3cretword"),
        ("TOCSIN_DATABASE_URL", "postgresql://tocsin:s3cretword"),
        ("TOCSIN_HEARTBEAT_URL", "https:///ping/s3cretword"),
        ("TOCSIN_MQTT_URL", "mqtt://tocsin:s3cret\nword@broker"),
        ("TOCSIN_HEARTBEAT_URL", "https://tocsin:\u2100s3cretword@[watch"),
    ],
)
def test_a_password_in_another_wrong_address_is_not_said(name: str, value: str) -> None:
    with pytest.raises(SettingError) as refused:
        settings.load({name: value})
    said = str(refused.value).partition("Example: ")[0]
    scheme = value.partition("://")[0] + "://" if "://" in value else ""
    assert said.startswith(f"{name}: '{scheme}...' ")
    assert "s3cret" not in said
    assert "word@" not in said


# --- two doors at one port ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "name", "other"),
    [
        ({"TOCSIN_WEB_BIND": "127.0.0.1:8100"}, "TOCSIN_WEB_BIND", "TOCSIN_GATE_BIND"),
        ({"TOCSIN_GATE_BIND": "127.0.0.1:8000"}, "TOCSIN_GATE_BIND", "TOCSIN_WEB_BIND"),
        ({"TOCSIN_GATE_BIND": "0.0.0.0:8000"}, "TOCSIN_GATE_BIND", "TOCSIN_WEB_BIND"),
        ({"TOCSIN_WEB_BIND": "localhost:8100"}, "TOCSIN_WEB_BIND", "TOCSIN_GATE_BIND"),
        (
            {"TOCSIN_GATE_BIND": "[::]:80", "TOCSIN_WEB_BIND": "[::1]:80"},
            "TOCSIN_WEB_BIND",
            "TOCSIN_GATE_BIND",
        ),
        (
            {"TOCSIN_DEMO": "yes", "TOCSIN_CARRIER_SMTP_BIND": "127.0.0.1:8000"},
            "TOCSIN_CARRIER_SMTP_BIND",
            "TOCSIN_WEB_BIND",
        ),
    ],
)
def test_two_that_listen_at_one_port_are_refused(
    given: dict[str, str], name: str, other: str
) -> None:
    with pytest.raises(SettingError) as refused:
        settings.load(given)
    said = f"{name}: {given[name]!r} is where {other} listens, too: only one of the two could. Example: {name}="
    assert str(refused.value).startswith(said)


@pytest.mark.parametrize(
    ("gate", "web"),
    [
        ("127.0.0.1:8000", "127.0.0.1:8001"),
        ("127.0.0.1:8000", "127.0.0.2:8000"),
        ("127.0.0.1:8000", "[::1]:8000"),
        ("0.0.0.0:8000", "[::]:8000"),
        ("127.0.0.1:0", "127.0.0.1:0"),
    ],
)
def test_two_that_are_in_nobodys_way_are_taken(gate: str, web: str) -> None:
    settings.load({"TOCSIN_GATE_BIND": gate, "TOCSIN_WEB_BIND": web})


# --- folders, programs and accounts: the start and the doctor in the same words -------------------


@contextmanager
def a_dead_link(folder: Path) -> Iterator[Path]:
    link = folder / "link"
    link.symlink_to(folder / "nowhere")
    yield link
    link.unlink()


def test_a_link_that_leads_nowhere_is_no_folder(tmp_path: Path) -> None:
    with a_dead_link(tmp_path) as link, pytest.raises(SettingError, match="is not a folder"):
        settings.load({"TOCSIN_SPOOL": str(link)})


@pytest.mark.parametrize("name", FOLDERS)
def test_a_folder_that_cannot_be_made_stops_the_start_and_the_doctor_says_the_same(
    tmp_path: Path, name: str
) -> None:
    config = settings.load({"TOCSIN_DATA": str(tmp_path / "data"), name: "/proc/x"})

    done = ran(tmp_path / "data", "tocsin", "up", **{name: "/proc/x"})

    assert done.returncode == 1
    [said] = [one.text for one in health._settings(config)]
    assert done.stderr == f"tocsin up: {said}\n"
    assert said.startswith(f"{name}: '/proc/x' cannot be used: this account can make nothing in /p")
    assert said.endswith(f"Example: {name}={settings.example_of(name)}")
    assert list(tmp_path.iterdir()) == [], "nothing is made before all is judged"


def test_keys_that_are_there_are_only_read(tmp_path: Path) -> None:
    keys = tmp_path / "keys"
    keys.mkdir()
    (keys / "device-public.txt").touch()
    config = settings.load({"TOCSIN_DATA": str(tmp_path), "TOCSIN_KEYS": str(keys)})
    before = keys.stat().st_mtime_ns
    assert list(usable.unusable(config)) == []
    assert keys.stat().st_mtime_ns == before


def test_programs_that_are_not_there_are_said_alike_by_start_and_doctor(tmp_path: Path) -> None:
    given = {"TOCSIN_DATA": str(tmp_path), "TOCSIN_POSTGRES_BIN": "/nonexistent"}
    config = settings.load(given)
    said = (
        "TOCSIN_POSTGRES_BIN: '/nonexistent' has no program postgres in it. "
        "Example: TOCSIN_POSTGRES_BIN=/usr/lib/postgresql/17/bin"
    )
    with pytest.raises(PostgresError) as refused:
        postgres_home.programs(config, None)
    assert str(refused.value) == said
    assert [one.text for one in health._settings(config)] == [said]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root lets another account run PostgreSQL")
@pytest.mark.parametrize("account", ["root", "nobody-of-that-name"])
def test_an_account_that_cannot_run_the_database_is_said_alike(
    tmp_path: Path, account: str
) -> None:
    given = {"TOCSIN_DATA": str(tmp_path / "data"), "TOCSIN_POSTGRES_ACCOUNT": account}
    config = settings.load(given)
    with pytest.raises(PostgresError) as refused:
        postgres_home.open_home(config)
    said = str(refused.value)
    assert said.startswith(f"TOCSIN_POSTGRES_ACCOUNT: '{account}' is no unprivileged account of")
    assert said.endswith("Example: TOCSIN_POSTGRES_ACCOUNT=tocsin")
    assert [one.text for one in health._settings(config)] == [said]


def ran(folder: Path, *words: str, **wrong: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", *words],
        env=settings.environment({"TOCSIN_DATA": str(folder), **wrong}),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


@pytest.mark.parametrize("command", ["up", "doctor"])
def test_start_and_doctor_end_with_the_same_line(tmp_path: Path, command: str) -> None:
    done = ran(tmp_path, "tocsin", command, TOCSIN_DATABASE_URL="postgresql://db:abc/tocsin")
    assert done.returncode == 1
    assert done.stdout == ""
    line = f"tocsin {command}: TOCSIN_DATABASE_URL: 'postgresql://...' {NO_HOST}"
    assert done.stderr.startswith(line)
    assert done.stderr.endswith("Example: TOCSIN_DATABASE_URL=postgresql://db.internal/tocsin\n")


@pytest.mark.parametrize(
    "part",
    [
        "gate",
        "carrier",
        pytest.param("engine", marks=pytest.mark.night),
        pytest.param("console", marks=pytest.mark.night),
        pytest.param("listener", marks=pytest.mark.night),
    ],
)
def test_a_part_that_is_started_alone_says_it_too(tmp_path: Path, part: str) -> None:
    wrong = {"TOCSIN_RUN": "/proc/x", "TOCSIN_MQTT_URL": "mqtt://127.0.0.1:1"}
    done = ran(tmp_path, f"tocsin.{part}", **wrong)
    assert done.returncode == 2
    said = done.stdout + done.stderr
    assert "TOCSIN_RUN: '/proc/x' cannot be used" in said
    assert "Example: TOCSIN_RUN=/run/tocsin" in said
