"""Can it be proved? Exports the record, and has it checked by the file that runs alone."""

import subprocess
import sys
from datetime import datetime
from pathlib import Path
from typing import Final

from tocsin.demo import store
from tocsin.demo.keepsakes import Workplace
from tocsin.demo.stage import Stage
from tocsin.record import export, verify
from tocsin.record import store as record
from tocsin.runtime import keys
from tocsin.runtime.database import Connection, connect
from tocsin.runtime.keys import Signer

FILE: Final = "record.jsonl"
SEALED_WITHIN_S: Final = 20.0
CHECK_WITHIN_S: Final = 60


def prove(stage: Stage) -> None:
    """Export the employer's whole record and check it in a process that knows neither Tocsin nor its database."""
    stage.voice.scene("The record")
    path = export_record(stage, stage.harbour)
    checked = subprocess.run(
        # Isolated: nothing of this checkout can be imported by it.
        [sys.executable, "-I", str(Path(verify.__file__)), str(path)],
        capture_output=True,
        text=True,
        check=False,
        timeout=CHECK_WITHIN_S,
    )
    verdict = checked.stdout.strip()
    stage.promise(
        "the record verifies without Tocsin", verdict[:200], is_kept=checked.returncode == 0
    )
    stage.voice.supposed(
        f"The record of {stage.harbour.name} is exported to {path} and checked by verify.py alone. It says:"
    )
    for line in verdict.splitlines():
        stage.voice.plain(f"{'':20}{line}")


def export_record(stage: Stage, workplace: Workplace) -> Path:
    """Return the file to which the whole record of an employer is written, its owner's alone."""
    path = stage.config.data_dir / FILE
    path.unlink(missing_ok=True)
    path.touch(mode=0o600)
    signer = keys.load(stage.config.keys_dir).record
    with connect(stage.config, "engine") as conn:
        at = stage.doors.clock.now()
        # The engine's own sealer may be at it at this very moment: then it is done in a moment.
        stage.watch.until(lambda: _is_sealed(conn, workplace, signer, at), SEALED_WITHIN_S)
        with path.open("wb") as file:
            file.writelines(export.export(conn, workplace.id, None, signer=signer, at=at))
    return path


def _is_sealed(conn: Connection, workplace: Workplace, signer: Signer, at: datetime) -> bool | None:
    record.seal_all(conn, signer, at=at)
    return True if store.count_unsealed(conn, workplace.id) == 0 else None
