"""The first employer of an installation comes with an administrator, whole or not at all."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from tests.builders import AT
from tocsin.flow.found_organisation import found_organisation
from tocsin.flow.respond import Refused
from tocsin.runtime.encryption import KeyRing
from tocsin.runtime.postgres import Cluster


def test_an_employer_is_made_once_and_a_refusal_leaves_nothing(
    cluster: Cluster, new_database: Callable[..., str], alarms_template: str, ring: KeyRing
) -> None:
    name = new_database(alarms_template)
    with psycopg.connect(cluster.url("web", database=name), autocommit=True) as conn:
        made = found_organisation(conn, ring, "mill", "The Mill", "mill.admin", "x", at=AT)
        again = found_organisation(conn, ring, "mill", "The Mill", "mill.admin2", "x", at=AT)
        taken = found_organisation(conn, ring, "mill2", "The Mill", "mill.admin", "x", at=AT)
    assert made is None
    assert isinstance(again, Refused)
    assert isinstance(taken, Refused)
    with psycopg.connect(cluster.url("engine", database=name)) as conn:
        rows = conn.execute(
            "select slug from registry_organisation where slug like 'mill%'"
        ).fetchall()
        accounts = conn.execute(
            "select login from registry_account where login like 'mill%'"
        ).fetchall()
    assert rows == [("mill",)]
    assert accounts == [("mill.admin",)]


@pytest.mark.parametrize(
    ("has_keys", "said"),
    [
        (True, "tocsin found: the database does not let us ("),
        (False, "tocsin found: "),
    ],
)
def test_a_command_that_cannot_found_says_why_in_plain_words(
    tmp_path: Path, has_keys: bool, said: str
) -> None:
    given = {
        **os.environ,
        "TOCSIN_DATA": str(tmp_path),
        "TOCSIN_DATABASE_URL": "postgresql://127.0.0.1:1/tocsin",
    }

    def tocsin(*words: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "tocsin", *words]
        return subprocess.run(
            command, env=given, check=False, capture_output=True, text=True, timeout=60
        )

    if has_keys:
        assert tocsin("keys").returncode == 0
    done = tocsin("found", "harbour", "Harbour", "ada.admin")
    assert done.returncode == 1
    assert done.stderr.startswith(said)
    assert "Run it as the account of the service" in done.stderr
    assert "Traceback" not in done.stderr
