"""What was left undone, and where did everybody stand? Read at the moment of a failure: the installation is gone soon.

A fault that shows itself once in a hundred runs must be understood from the one message that it leaves.
"""

import os
import signal
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg

from tocsin.record import store as record
from tocsin.runtime import doorbell

if TYPE_CHECKING:
    from tests.faults.place import Place

ROWS = 12
LINE_CHARS = 240
LINES = 40
STACK_LINES = 220
MOST_CHARS = 40_000
STACKS = Path(__file__).with_name("stacks")
SAID = b"stacks said"

ASKED = {
    "deliveries by state": """select state, error, channel, attempt, leased_by, count(*), min(made_at), max(made_at)
        from notifications_delivery where state in ('pending', 'leased', 'retrying') group by 1, 2, 3, 4, 5""",
    "deliveries left open": """select d.id, d.state, d.attempt, d.leased_by, d.template, d.error, i.kind, i.key,
            now() - d.made_at as age, d.due_at - now() as due_in, d.lease_until - now() as leased_for, d.sent_at
        from notifications_delivery d left join decisions_incident i on i.id = d.incident_id
        where d.state in ('pending', 'leased', 'retrying') order by d.made_at""",
    "entries not sealed": """select organisation_id, kind, count(*), now() - min(at), now() - max(at)
        from record_entry where seq is null group by 1, 2""",
    "heads": "select organisation_id, max(size), now() - max(signed_at) from record_head group by 1",
    "connections": """select pid, application_name, state, wait_event_type, wait_event, pg_blocking_pids(pid),
            now() - xact_start as in_transaction, now() - state_change as in_state, left(query, 160)
        from pg_stat_activity where datname is not null and pid <> pg_backend_pid() order by xact_start nulls last""",
    "locks waited for": """select pid, locktype, relation::regclass, mode from pg_locks where not granted""",
    "advisory locks": """select pid, classid, objid, mode, granted from pg_locks where locktype = 'advisory'""",
}


def evidence(place: "Place") -> str:
    """Return what the database and the logs say of what hangs; at most 40,000 characters, and never an error."""
    parts = [f"{name}:\n{_asked(place, text)}" for name, text in ASKED.items()]
    parts += [_outside(place), f"where the engine stands:\n{_stacks(place, 'engine')}"]
    parts += [f"log of {name}:\n{text}" for name, text in _logs(place).items()]
    return "\n\n".join(part[: MOST_CHARS // 4] for part in parts)[:MOST_CHARS]


def _asked(place: "Place", text: str) -> str:
    try:
        rows = place.ask(text)
    except (psycopg.Error, OSError) as problem:
        return f"not known: {problem!r}"[:LINE_CHARS]
    shown = [" | ".join(str(value) for value in row)[: 2 * LINE_CHARS] for row in rows[:ROWS]]
    return "\n".join([*shown, f"({len(rows)} rows)"])


def _outside(place: "Place") -> str:
    """Return what stands beside the database: who serves, whether the engine holds, what was signed."""
    serving = {part: place.pid(part) for part in ("gate", "engine", "web", "postgres")}
    sizes = {
        str(name): head.size for name, head in record.remembered(place.settings.spool_dir).items()
    }
    return f"serving: {serving}\nheld since: {doorbell.held_since(place.settings.run_dir)}\nremembered heads: {sizes}"


def _stacks(place: "Place", part: str, *, within_s: float = 3.0) -> str:
    """Return the stacks that a part says in the log when it is asked (`stacks/sitecustomize.py`)."""
    before, until = place.log.stat().st_size, time.monotonic() + within_s
    pid = place.pid(part)
    if not pid:
        return "it does not serve"
    with suppress(OSError):
        os.kill(pid, signal.SIGUSR2)
    while time.monotonic() < until:
        said = _from(place.log, before)
        if SAID in said:
            return "\n".join(said.decode(errors="replace").splitlines()[:STACK_LINES])
        time.sleep(0.05)
    return "it says nothing"


def _from(path: Path, offset: int) -> bytes:
    with path.open("rb") as file:
        file.seek(offset)
        return file.read(MOST_CHARS)


def _logs(place: "Place") -> dict[str, str]:
    """Return the ends of what each process logged, and all that was a warning or worse of late."""
    lines = _tail(place.log)
    found = {
        name: [line for line in lines if f'"process": "{name}"' in line][-LINES:]
        for name in ("supervisor", "gate", "engine", "web")
    }
    found["whom nobody names"] = [line for line in lines if _is_plain(line)][-LINES:]
    found["PostgreSQL"] = _tail(place.base / "postgres.log")[-LINES:]
    return {name: "\n".join(some) for name, some in found.items()}


def _is_plain(line: str) -> bool:
    """Return whether it is neither a line of the log nor of the stacks, which stand above."""
    return '"process"' not in line and not line.startswith(("thread ", "task ", "    "))


def _tail(path: Path, size: int = 400_000) -> list[str]:
    with suppress(OSError):
        text = _from_end(path, size).decode(errors="replace")
        return [line[:LINE_CHARS] for line in text.splitlines()]
    return []


def _from_end(path: Path, size: int) -> bytes:
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - size))
        return file.read(size)
