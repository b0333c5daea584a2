"""What must be there before an outsider can measure? The workplace, its phones known to the gate, where everything is.

A part of `bench serve`: `python -m bench.filling DATA PEOPLE SENDERS HOOK CHANNELS STEP2`, one JSON object on stdout.
"""

import http.client
import json
import os
import sys
from dataclasses import asdict
from pathlib import Path
from uuid import UUID

import psycopg

from bench import workplace
from tocsin.runtime import keys as keys_module
from tocsin.runtime import settings as settings_module
from tocsin.runtime.database import connect
from tocsin.runtime.links import stream_token
from tocsin.runtime.postgres import database_url
from tocsin.runtime.settings import Settings

KNOWN = "bench.json"
MARKS = ("supervisor", "gate", "engine", "web", "postgres")


def main(words: list[str]) -> None:
    """Fill the running installation of this environment, or find it filled, and say where everything is."""
    data, people, senders, hook, channels, step2 = words
    order = workplace.Order(int(people), int(senders), hook, int(channels), int(step2))
    settings = settings_module.load(settings_module.environment({}))
    kept, tokens = Path(data) / KNOWN, Path(data) / "tokens"
    if not kept.exists():
        organisation = str(_make(settings, order, tokens))
        workplace.remember(kept, {"organisation": organisation, "order": asdict(order)})
    known = json.loads(kept.read_text(encoding="utf-8"))
    if known.get("order", asdict(order)) != asdict(order):
        sys.stderr.write(f"bench serve: {data} stays as it was made: {known['order']}\n")
    _check_in(settings, tokens)
    sys.stdout.write(json.dumps(_said(settings, UUID(known["organisation"]), tokens)))


def _check_in(settings: Settings, tokens: Path) -> None:
    """Have every sender's phone look in once, as its page does when it is opened: the gate then knows its token."""
    connection = http.client.HTTPConnection(*settings.gate_bind, timeout=10)
    for token in tokens.read_text(encoding="ascii").split():
        connection.request("GET", "/sos", headers={"Authorization": f"Bearer {token}"})
        connection.getresponse().read()
    connection.close()


def _make(settings: Settings, order: workplace.Order, tokens: Path) -> UUID:
    with psycopg.connect(
        database_url(settings, "postgres", database="postgres"), autocommit=True
    ) as conn:
        conn.execute("create database floor")
    with connect(settings, "engine") as conn:
        return workplace.make(conn, keys_module.load(settings.keys_dir), order, tokens)


def _said(settings: Settings, organisation: UUID, tokens: Path) -> dict[str, object]:
    keys = keys_module.load(settings.keys_dir)
    return {
        "sos_url": f"{settings.gate_urls[0]}/sos",
        "tokens_file": os.fspath(tokens),
        "stream_url": f"{settings.public_url}/live",
        "stream_token": stream_token(keys.answer, organisation),
        "database_url": database_url(settings, "postgres", database="floor"),
        "pids": [int((settings.run_dir / f"{m}.ready").read_text().split()[0]) for m in MARKS],
    }


if __name__ == "__main__":
    main(sys.argv[1:])
