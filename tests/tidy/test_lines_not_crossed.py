"""Is each feature that Tocsin refuses shown by a test, and is there no way for what no other test can see?"""

import ast
import re
from dataclasses import fields
from pathlib import Path

import pytest

from tests.tidy.test_shape import FILES, ROOT, SRC, TEMPLATES
from tocsin.decisions.rules.matching import Entry
from tocsin.notifications.rules.templates import TEMPLATES as TEXTS
from tocsin.notifications.rules.wording import Audience
from tocsin.registry.rules.order_document import Respondent
from tocsin.signals.rules.seen import Seen

PAGE = ROOT / "docs" / "explanation" / "lines-not-crossed.md"
LINES = re.findall(
    r"^\* (.+?)(?=^\* |^$)", PAGE.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE
)
SHOWN_BY = re.compile(r"`(tests/[a-z0-9_/]+\.py)::(test_[a-z0-9_]+)`")

LOCKS = sorted(ROOT.glob("requirements*.lock"))
KNOWS_FACES = re.compile(r"face|dlib|opencv|torch|tensorflow|onnx|mediapipe|keras|jax", re.I)

# What reaches out of the machine, and where. A connection to ourselves (doorbell, supervisor, demo) goes to no one else.
REACHES_OUT = {
    "notifications/channels/http.py": "webhooks, gateways and push services that the operator has set",
    "notifications/channels/resolver.py": "the addresses of those",
    "notifications/channels/email/channel.py": "the mail server that the operator has set",
    "runtime/reach.py": "doctor: asks that mail server whether it would take mail",
    "listener/source.py": "the broker that the operator has set: it is heard, and told nothing",
}
STAYS_HERE = {
    "runtime/doorbell.py",
    "runtime/parts.py",
    "runtime/supervisor.py",
    "runtime/running.py",
    "runtime/health.py",
    "engine/desk.py",
    "demo/installation.py",
    "demo/http.py",
}
NETWORK = {
    "socket",
    "http",
    "urllib",
    "smtplib",
    "imaplib",
    "poplib",
    "ftplib",
    "telnetlib",
    "xmlrpc",
} | {
    "aiosmtplib",
    "aiomqtt",
    "httpx",
    "aiohttp",
    "requests",
    "websockets",
    "pywebpush",
}
# Parts of those packages that open no connection.
ONLY_WORDS = {"http.HTTPStatus", "http.cookies", "urllib.parse"}
COMPARED = {
    "names",
    "born_on",
    "born_year",
    "phones",
    "badges",
    "plates",
    "fleet_plates",
    "addresses",
}
DOUBTED = {"doubted_badges", "doubted_plates"}
# Of whoever was seen: what is compared, and beside it when, where, by which machine or person, how well.
OF_THE_PERSON = {
    "name",
    "names",
    "born_on",
    "born_year",
    "phone",
    "badge",
    "plates",
    "address",
    "words",
}
NEVER = re.compile(
    r"race|ethnic|origin|nation|relig|faith|disab|skin|immig|citizen|gender|sex\b|income|insur",
    re.I,
)


@pytest.mark.parametrize("line", LINES, ids=lambda line: line[:40])
def test_each_line_names_a_test_that_shows_it_and_that_test_is_there(line: str) -> None:
    found = SHOWN_BY.findall(line)
    assert found, f"nothing shows: {line}"
    for path, name in found:
        file = ROOT / path
        assert file.is_file(), path
        assert re.search(
            rf"^(async )?def {name}\(", file.read_text(encoding="utf-8"), re.MULTILINE
        ), f"{path}::{name}"


def test_nothing_that_knows_faces_is_installed() -> None:
    names = [
        line.split("==")[0].strip()
        for lock in LOCKS
        for line in lock.read_text(encoding="utf-8").splitlines()
        if "==" in line
    ]
    assert "django" in names
    assert [one for one in names if KNOWS_FACES.search(one)] == []


def test_nothing_but_names_birth_date_numbers_and_plates_is_compared() -> None:
    assert {one.name for one in fields(Entry)} == COMPARED | DOUBTED | {"case_id", "version"}


@pytest.mark.parametrize("kind", [Entry, Seen, Respondent], ids=lambda kind: kind.__name__)
def test_no_race_no_origin_no_religion_and_no_disability_has_a_field(kind: type) -> None:
    assert [one.name for one in fields(kind) if NEVER.search(one.name)] == []


def _imported(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {one.name for one in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names |= {f"{node.module}.{one.name}" for one in node.names}
    return names


def _reaches(path: Path) -> bool:
    if re.search(
        r"\.(create|open)_connection\(|create_datagram_endpoint", path.read_text(encoding="utf-8")
    ):
        return True
    return any(
        name.split(".")[0] in NETWORK and not any(name.startswith(one) for one in ONLY_WORDS)
        for name in _imported(path)
    )


def test_nothing_asks_a_foreign_system_about_anybody_and_there_is_no_feed_to_anyone() -> None:
    """Every module that can open a connection is listed above; none of them looks somebody up."""
    found = {path.relative_to(SRC).as_posix() for path in FILES if _reaches(path)}
    assert found - STAYS_HERE - set(REACHES_OUT) == set()
    assert (set(REACHES_OUT) | STAYS_HERE) - found == set(), "listed, and opens nothing"


def _addresses() -> set[str]:
    """Return every address of the pages: the matrix holds each, or `tests/insider/test_matrix.py` fails."""
    lines = (ROOT / "tests" / "insider" / "matrix.txt").read_text(encoding="utf-8").splitlines()
    return {line.split()[0].split(":")[0] for line in lines if line and not line.startswith("#")}


def test_what_can_be_taken_out_is_three_exports_and_none_is_of_staff_with_orders() -> None:
    assert {
        name for name in _addresses() if re.search(r"export|download|csv|report_of|statistic", name)
    } == {
        "export_incident",
        "export_record",
        "export_accounts",
        "mfa_download_recovery_codes",  # one's own
    }
    handed = {
        path.relative_to(SRC).as_posix()
        for path in FILES
        if re.search(r"as_attachment=True|attachment;", path.read_text(encoding="utf-8"))
    }
    assert handed == {"console/pages/accounts.py", "console/pages/records.py"}


def test_a_number_is_dialled_only_where_a_finger_presses_it() -> None:
    """A link that a person presses; nothing moves there by itself."""
    for path in [*TEMPLATES, *sorted(SRC.rglob("*.js"))]:
        text = path.read_text(encoding="utf-8")
        for found in re.finditer(r"tel:", text):
            before = text[max(0, found.start() - 40) : found.start()]
            assert re.search(r"href=\"$|\.href = \"$", before), f"{path.name}: {before}"
    scripts = "\n".join(path.read_text(encoding="utf-8") for path in SRC.rglob("*.js"))
    assert not re.search(
        r"(location(\.href)?\s*=|window\.open\(|\.assign\(|\.replace\()[^;\n]*tel", scripts
    )
    assert not re.search(r"\"tel\"\)\.click\(", scripts)


@pytest.mark.parametrize("language", ["en", "es"])
def test_every_text_that_says_that_he_was_seen_says_not_to_approach_or_touch(language: str) -> None:
    of_him = [
        one
        for one in TEXTS
        if one.audience is Audience.RESPONDER_WORK
        and one.name.startswith("sighting")
        and not one.name.endswith(("_her", "_inform"))
    ]
    assert {one.name for one in of_him} == {
        "sighting",
        "sighting_again",
        "sighting_check",
        "sighting_where",
    }
    stays_away = {
        "en": r"do not (approach|detain or touch)",
        "es": r"no (se acerque|retenga ni toque)",
    }
    for one in of_him:
        assert re.search(stays_away[language], one.words[language].text), one.name


def test_there_is_no_administration_site_that_shows_rows() -> None:
    settings = (SRC / "console" / "django_settings.py").read_text(encoding="utf-8")
    assert "django.contrib.auth" in settings
    assert "contrib.admin" not in settings
    assert [name for name in _addresses() if name.startswith("admin")] == []
