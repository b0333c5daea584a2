"""The master key is replaced while everybody works: a new one on top, everything closed with it, the old one taken out.

A process that runs sees the file change and seals with the newest from then on. The old key leaves the file only when
every transaction that may have used it has ended and nothing that it closed is left.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from tocsin.registry import store_keys as store
from tocsin.runtime.database import Connection
from tocsin.runtime.encryption import KeyRing

# Fields of the machine's own: table, column, purpose with the row's id.
LOCAL: Final = (
    ("registry_sender", "key_sealed", "sender {}"),
    ("signals_quarantined", "raw_sealed", "quarantined {}"),
    ("signals_report", "body_sealed", "report {}"),
    ("signals_toldreport", "body_sealed", "told {}"),
)
SETTLE_S: Final = 0.2
MAX_WAIT_S: Final = 120.0
ROUNDS: Final = 1_000_000


class StillOpen(Exception):
    """Somebody's transaction has been open since before the rotation; the old key stays until the next try."""


@dataclass(slots=True)
class Rotated:
    """How many keys, fields and second factors were closed anew."""

    keys: int = 0
    fields: int = 0
    factors: int = 0


def rotate_keys(
    engine: Connection,
    web: Connection,
    ring: KeyRing,
    *,
    wait: Callable[[float], None] = time.sleep,
) -> Rotated:
    """Return what was closed with the newest master key; afterwards nothing needs an older one.

    Raises:
        StillOpen: a transaction has been open for two minutes.
    """
    done = Rotated()
    mark = store.now_running(engine)
    _sweep(engine, web, ring, done)
    waited = 0.0
    while store.oldest_running(engine) < mark:
        if waited >= MAX_WAIT_S:
            raise StillOpen
        wait(SETTLE_S)
        waited += SETTLE_S
    # Once more: what they wrote with the older key came after the first sweep.
    while _sweep(engine, web, ring, done):
        wait(SETTLE_S)
    return done


def _sweep(engine: Connection, web: Connection, ring: KeyRing, done: Rotated) -> int:
    before = done.keys + done.fields + done.factors
    for table, owner in store.WRAPPED:
        done.keys += _all(engine, lambda t=table, o=owner: store.rewrap_batch(engine, ring, t, o))  # type: ignore[misc]
    for table, column, purpose in LOCAL:
        done.fields += _all(
            engine,
            lambda t=table, c=column, p=purpose: store.reseal_batch(engine, ring, t, c, p),  # type: ignore[misc]
        )
    with web.transaction():
        done.factors += store.reseal_second_factors(web, ring)
    after = None
    for _ in range(ROUNDS):
        with engine.transaction():
            after = store.reindex_batch(engine, ring, after)
        if after is None:
            break
    return done.keys + done.fields + done.factors - before


def _all(conn: Connection, batch: Callable[[], int]) -> int:
    total = 0
    for _ in range(ROUNDS):
        with conn.transaction():
            found = batch()
        total += found
        if found == 0:
            break
    return total
