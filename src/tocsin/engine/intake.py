"""What came in at the gate? Spool entries become verbs, in their order; what is strange is set aside, never lost.

Presses that only raise go to `raise_sos` as one batch. If a batch fails, its presses are tried one by one, so that a
poisoned one costs nobody else anything (I25).
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, Protocol
from uuid import UUID

from tocsin.engine.texts import read_text
from tocsin.flow.alarms import Alarms, Change
from tocsin.flow.cancel_sos import Answer, cancel_sos
from tocsin.flow.hear_custody_text import hear_custody_text
from tocsin.flow.leave import decline_press, stay_press, way_now
from tocsin.flow.postgres_alarms import PostgresAlarms
from tocsin.flow.raise_sos import raise_sos
from tocsin.flow.receive_text import TextIn, receive_text
from tocsin.flow.tell_blocked import tell_stop
from tocsin.flow.walks import end_walk, extend_walk, start_walk
from tocsin.runtime import logs
from tocsin.runtime.ids import Ids
from tocsin.runtime.settings import Gateway
from tocsin.runtime.spool_format import DEVICE, FOLD, INBOUND, Entry
from tocsin.signals.rules.press import Press, read_press

IDS_BYTES: Final = 48

log = logs.get("intake")


@dataclass(slots=True)
class Taken:
    """What a part of the spool has changed: for the outbox, the timers, the screens and the gate."""

    changes: list[Change] = field(default_factory=list)
    answers: list[tuple[Press, str]] = field(default_factory=list)


class SpoolReader(Protocol):
    """The engine's end of the spool."""

    def read(self, after_seq: int, limit: int) -> list[Entry]:
        """Return whole entries above a number, in order."""
        ...


def sort_out(
    entries: Sequence[Entry], gateways: Sequence[Gateway]
) -> tuple[list[Press | TextIn], list[Entry]]:
    """Return what the entries say, in their order, and the entries that say nothing, to be set aside."""
    by_name = {gateway.name: gateway for gateway in gateways}
    found: list[Press | TextIn] = []
    odd: list[Entry] = []
    for entry in entries:
        try:
            said = _READ[entry.kind](entry, by_name) if entry.kind in _READ else None
        except Exception:
            # Read again and again, it would keep out everything that came after it.
            log.exception("entry.poisoned", seq=entry.seq)
            said = None
        if said is None:
            log.warning("entry.unreadable", seq=entry.seq, kind=entry.kind)
            odd.append(entry)
        else:
            found.append(said)
    return found, odd


def _device(entry: Entry, _gateways: dict[str, Gateway]) -> Press | None:
    organisation, person, device = _ids(entry.payload)
    return read_press(
        entry.payload[IDS_BYTES:],
        organisation_id=organisation,
        person_id=person,
        device_id=device,
        received_at=entry.received_at,
    )


def _fold(entry: Entry, _gateways: dict[str, Gateway]) -> Press | None:
    """Read a flood's count as one more press of that person; without an SOS in it, or with a silent one, as a silent one.

    What her phone shows and sounds must not give away that a code meant something else (I9, I22).
    """
    said = json.loads(entry.payload[IDS_BYTES:])
    key = said.get("last_sos_key")
    silent = said.get("silent") if key else True
    body = json.dumps({"key": key or said.get("last_key"), "silent": silent}).encode()
    press = _device(
        Entry(entry.seq, entry.received_at, DEVICE, entry.payload[:IDS_BYTES] + body), {}
    )
    count = said.get("count")
    # Of a count that is none the press counts all the same, for itself.
    stands_for = max(1, count) if type(count) is int else 1
    return replace(press, labels=("folded",), stands_for=stands_for) if press else None


def _inbound(entry: Entry, gateways: dict[str, Gateway]) -> TextIn | None:
    return read_text(entry.payload, gateways, entry.received_at)


def _ids(payload: bytes) -> tuple[UUID, UUID, UUID]:
    return UUID(bytes=payload[:16]), UUID(bytes=payload[16:32]), UUID(bytes=payload[32:48])


_READ: Final[dict[int, Callable[[Entry, dict[str, Gateway]], Press | TextIn | None]]] = {
    DEVICE: _device,
    FOLD: _fold,
    INBOUND: _inbound,
}


def runs_of(said: Sequence[Press | TextIn]) -> list[list[Press] | Press | TextIn]:
    """Return the same in the same order, with neighbouring presses that only raise joined to batches."""
    runs: list[list[Press] | Press | TextIn] = []
    for one in said:
        if not isinstance(one, Press) or one.act != "sos":
            runs.append(one)
        elif runs and isinstance(runs[-1], list):
            runs[-1].append(one)
        else:
            runs.append([one])
    return runs


def take(alarms: Alarms, run: list[Press] | Press | TextIn, ids: Ids, engine: str) -> Taken:
    """Return what one run has changed; runs inside the caller's transaction."""
    if isinstance(run, list):
        return Taken(changes=raise_sos(alarms, run, ids=ids, engine=engine))
    if isinstance(run, TextIn):
        return Taken(changes=_text(alarms, run, ids, engine))
    answer = _act(alarms, run, ids, engine)
    return Taken([answer.change, *answer.more], [(run, answer.grade)]) if answer else Taken()


def _text(alarms: Alarms, text: TextIn, ids: Ids, engine: str) -> list[Change]:
    changes = receive_text(alarms, text, ids=ids, engine=engine)
    # Without the database there is no case; the spool keeps the text, and it is read again then.
    if isinstance(alarms, PostgresAlarms):
        changes += hear_custody_text(alarms, text)
        changes += tell_stop(alarms, text, ids=ids, engine=engine)
    return changes


def _act(alarms: Alarms, press: Press, ids: Ids, engine: str) -> Answer | None:
    match press.act:
        case "cancel":
            return cancel_sos(alarms, press, ids=ids, engine=engine)
        case "walk":
            return start_walk(alarms, press, ids=ids)
        case "extend":
            return extend_walk(alarms, press, ids=ids)
        case "way":
            return way_now(alarms, press)
        case "decline":
            return decline_press(alarms, press)
        case "stay":
            return stay_press(alarms, press)
        case _:
            return end_walk(alarms, press, ids=ids, engine=engine)
