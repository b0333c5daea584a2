"""Does `tocsin export` write what `tocsin verify` reads, and say what is wrong?"""

import base64
import stat
from pathlib import Path

import pytest

from tests import cast
from tests.record.conftest import Installation
from tests.record.entries import INCIDENT, an_entry, some_entries
from tocsin.record import export, store, verify
from tocsin.record.rules.entries import Entry
from tocsin.runtime import keys
from tocsin.runtime.database import connect


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


def test_one_of_several_organisations_must_be_named(
    installation: Installation, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fill(installation, [an_entry(1), an_entry(2, organisation_id=cast.ORCHARD_STORES)])
    file = str(tmp_path / "record.jsonl")
    assert export.main([file]) == 1
    assert str(cast.ORCHARD_STORES) in capsys.readouterr().err
    assert export.main([file, "--organisation", str(cast.number(1))]) == 1
    assert export.main([file, "--organisation", str(cast.ORCHARD_STORES)]) == 0


def test_a_file_is_never_written_over(
    installation: Installation, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fill(installation, some_entries(3))
    file = tmp_path / "record.jsonl"
    file.write_text("something else")
    assert export.main([str(file)]) == 1
    assert "exists" in capsys.readouterr().err
    assert file.read_text() == "something else"


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
