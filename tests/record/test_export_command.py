"""Does `tocsin export` write what `tocsin verify` reads, and say what is wrong?"""

import base64
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from tests import cast
from tests.record.conftest import Installation
from tests.record.entries import INCIDENT, START, an_entry, some_entries
from tocsin.record import export, store, verify
from tocsin.record.rules.entries import Entry
from tocsin.registry.rules.case_rows import CaseRow
from tocsin.registry.rules.order_document import Respondent
from tocsin.registry.store_cases import insert_case
from tocsin.registry.store_sites import insert_organisation
from tocsin.runtime import keys
from tocsin.runtime.database import connect
from tocsin.runtime.encryption import KeyRing


def fill(installation: Installation, entries: list[Entry]) -> None:
    with connect(installation.settings, "engine") as conn:
        store.append(conn, entries)


def test_a_record_is_written_verified_and_the_export_is_on_record(
    installation: Installation, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fill(installation, some_entries(30))
    for number, more in enumerate([[], ["--incident", str(INCIDENT)]]):
        file = tmp_path / f"{number}.jsonl"
        assert export.main([str(file), *more]) == 0
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert export.main(["--witness"]) == 0
        witness = tmp_path / f"{number}.witness"
        witness.write_text(capsys.readouterr().out)
        assert export.main(["--key"]) == 0
        key = capsys.readouterr().out.strip()
        assert verify.main([str(file), "--key", key, "--head", str(witness)]) == 0
        assert '"kind":"record.exported"' in file.read_text()
        capsys.readouterr()


def test_the_key_that_is_published_is_the_one_that_signs(
    installation: Installation, capsys: pytest.CaptureFixture[str]
) -> None:
    assert export.main(["--key"]) == 0
    assert base64.b64decode(capsys.readouterr().out) == installation.keys.record.public


def test_the_log_of_one_case_is_written_and_verified_by_the_verifier_alone(
    installation: Installation, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    case = cast.number(0x5E7)
    with connect(installation.settings, "engine") as conn:
        insert_organisation(conn, cast.HARBOUR_EMS, "harbour", "Harbour EMS", at=START)
        insert_case(conn, KeyRing(installation.keys.masters), CaseRow(id=case, organisation_id=cast.HARBOUR_EMS, word="HERON", respondent=Respondent(name="Rex Notreal"), opened_at=START, opened_by_id=cast.DISPATCHER.id))  # fmt: skip
        hers = [Entry(cast.number(0x7000 + n), cast.HARBOUR_EMS, START, "order.entered", None, None, {"case": case, "order": cast.number(n), "family": "final", "review_due_at": START}) for n in range(5)]  # fmt: skip
        store.append(conn, [*some_entries(20), *hers])
    file, broken = tmp_path / "case.jsonl", tmp_path / "broken.jsonl"
    assert export.main([str(file), "--case", str(case)]) == 0
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    text = file.read_text()
    # Her log alone, with the export itself in it; nothing of the employer's.
    assert text.count('"kind":"order.entered"') == 5
    assert text.count('"kind":"record.exported"') == 1
    assert "step.begun" not in text
    assert "Notreal" not in text
    key = base64.b64encode(installation.keys.record.public).decode()
    # The program as a court has it: one file, without anything of Tocsin or its settings.
    alone = tmp_path / "verify.py"
    shutil.copy(verify.__file__, alone)
    broken.write_text(text.replace("order.entered", "order.amended", 1))
    for path, status in ((file, verify.INTACT), (broken, verify.NOT_INTACT)):
        done = subprocess.run([sys.executable, "-I", alone, path, "--key", key], env={}, cwd=tmp_path, capture_output=True, check=False)  # fmt: skip
        assert done.returncode == status, done.stdout
    assert export.main([str(tmp_path / "none.jsonl"), "--case", str(cast.number(0x5E9))]) == 1
    assert "nothing was ever written about such a case" in capsys.readouterr().err


def test_one_of_several_organisations_must_be_named(
    installation: Installation, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fill(installation, [an_entry(1), an_entry(2, organisation_id=cast.ORCHARD_STORES)])
    file = str(tmp_path / "record.jsonl")
    assert export.main([file]) == 1
    assert str(cast.ORCHARD_STORES) in capsys.readouterr().err
    assert export.main([file, "--organisation", str(cast.number(1))]) == 1
    assert export.main([file, "--organisation", str(cast.ORCHARD_STORES)]) == 0


def test_an_incident_that_is_not_on_record_is_refused_and_nothing_is_written(
    installation: Installation, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fill(
        installation,
        [*some_entries(3), an_entry(4, organisation_id=cast.ORCHARD_STORES, incident_id=None)],
    )
    file = tmp_path / "incident.jsonl"
    # An id with a slip of the pen, and one that is another employer's.
    for organisation, incident in ((cast.HARBOUR_EMS, cast.number(0x5EA)), (cast.ORCHARD_STORES, INCIDENT)):  # fmt: skip
        named = ["--incident", str(incident), "--organisation", str(organisation)]
        assert export.main([str(file), *named]) == 1
        assert "nothing was ever written about such an incident" in capsys.readouterr().err
        assert not file.exists()
    with connect(installation.settings, "engine") as conn:
        assert not store.entries_of_incident(conn, cast.HARBOUR_EMS, cast.number(0x5EA))


def test_a_file_is_never_written_over(
    installation: Installation, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fill(installation, some_entries(3))
    file = tmp_path / "record.jsonl"
    file.write_text("something else")
    assert export.main([str(file)]) == 1
    assert "exists" in capsys.readouterr().err
    assert file.read_text() == "something else"
    with connect(installation.settings, "engine") as conn:
        kinds = {row[0] for row in conn.execute("select kind from record_entry")}
    # What was not exported is not on record as exported.
    assert kinds == {"step.begun"}


def test_what_is_wrong_is_said(
    installation: Installation, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert export.main([str(tmp_path / "record.jsonl")]) == 1
    assert "nothing was ever written" in capsys.readouterr().err
    (installation.settings.keys_dir / keys.RECORD).chmod(0o644)
    assert export.main([str(tmp_path / "record.jsonl")]) == 1
    assert "chmod 600" in capsys.readouterr().err
    with pytest.raises(SystemExit) as stopped:
        export.main([])
    assert stopped.value.code == 2
