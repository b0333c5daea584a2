"""Over which connections do senders' messages come in? A few of their own: a flood takes none from the pages.

Busy    all are in use, or PostgreSQL is away; the sender tries again
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from queue import Empty, LifoQueue
from typing import Final

import psycopg

from tocsin.runtime.database import Connection

CONNECTIONS: Final = 4
WAIT_S: Final = 2.0
STATEMENT_MS: Final = 5_000


class Busy(Exception):
    """No connection can be had now."""


class Pool:
    """A few connections of one role, made when they are needed. Threads may share it."""

    def __init__(self, connect: Callable[[], Connection]) -> None:
        """Take how a connection is made."""
        self._connect = connect
        self._free: LifoQueue[Connection | None] = LifoQueue()
        for _number in range(CONNECTIONS):
            self._free.put(None)

    @contextmanager
    def connection(self) -> Iterator[Connection]:
        """Lend a connection.

        Raises:
            Busy: none is free in time, or PostgreSQL is away.
        """
        try:
            conn = self._free.get(timeout=WAIT_S)
        except Empty as error:
            raise Busy from error
        try:
            if conn is None or conn.closed:
                conn = self._connect()
                conn.execute(f"set statement_timeout = {STATEMENT_MS}")
            yield conn
        except psycopg.OperationalError as error:
            if conn is not None:
                conn.close()
            raise Busy from error
        finally:
            self._free.put(conn)
