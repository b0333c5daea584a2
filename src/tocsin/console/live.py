"""How does every open screen hear at once that something changed? Server-sent events over one LISTEN.

A message says which incident changed and nothing of it; the screen then fetches the part it shows, with its own rights.
Who may hear of an incident is asked once for each change, not once for each screen. A screen that is too slow gets one
`reload` instead of a growing queue. Every 5 s each stream gets a `beat`, and its session is looked at again: a revoked
session's stream ends then, or at once when the revocation is announced.
"""

import asyncio
import json
from collections import defaultdict
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

import psycopg

from tocsin.console.live_rights import Right, Rights
from tocsin.registry.access import LIVE_CHANNEL, REVOKED_CHANNEL
from tocsin.runtime.database import link
from tocsin.runtime.logs import get

Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Scope = MutableMapping[str, Any]

BEAT_S: Final = 5.0
TICK_S: Final = 0.05
RETRY_S: Final = 0.5
MAX_QUEUE: Final = 64
MAX_STREAMS: Final = 4_000
MAX_PENDING: Final = 1_000
RELOAD: Final = b"event: reload\ndata: {}\n\n"

log = get(__name__)


@dataclass(eq=False, slots=True)
class Stream:
    """One open screen and what it has not been told yet."""

    right: Right
    queue: list[bytes] = field(default_factory=list)
    wake: asyncio.Event = field(default_factory=asyncio.Event)
    is_over: bool = False

    def tell(self, frame: bytes) -> None:
        """Queue a frame; when the screen is too slow, one reload stands for everything."""
        if len(self.queue) >= MAX_QUEUE:
            self.queue = [RELOAD]
        else:
            self.queue.append(frame)
        self.wake.set()

    def end(self) -> None:
        """Close the stream from our side."""
        self.is_over = True
        self.wake.set()


class Hub:
    """Every open stream of this process, and the one connection that hears what changed."""

    def __init__(self, connect_url: str, rights: Rights) -> None:
        """Remember how to connect; `run` does."""
        self._url = connect_url
        self._rights = rights
        self._streams: dict[UUID, set[Stream]] = defaultdict(set)
        self._count = 0
        self._pending: dict[UUID, dict[UUID, int]] = defaultdict(dict)
        self._rung = asyncio.Event()
        self._is_hearing = False
        self._is_revoked = False

    async def run(self) -> None:
        """Listen, tell and beat until cancelled."""
        async with asyncio.TaskGroup() as group:
            for loop in (self._listen, self._tell, self._beat):
                group.create_task(self._for_ever(loop), name=loop.__name__)

    async def _for_ever(self, loop: Callable[[], Awaitable[None]]) -> None:
        """Run a loop again whatever ends it: a screen that silently stops hearing is worse than any defect."""
        while True:
            try:
                await loop()
            except Exception:
                log.exception("live.broken", loop=loop.__name__)
                await asyncio.sleep(RETRY_S)

    def end_all(self) -> None:
        """Close every stream: the server is going down and the screens should come back elsewhere."""
        for stream in self._all():
            stream.end()

    def _all(self) -> list[Stream]:
        return [stream for streams in self._streams.values() for stream in streams]

    async def _listen(self) -> None:
        while True:
            try:
                await self._hear()
            except (psycopg.Error, OSError) as problem:
                log.warning("live.deaf", error=type(problem).__name__)
            self._is_hearing = False
            await asyncio.sleep(RETRY_S)

    async def _hear(self) -> None:
        conn = await psycopg.AsyncConnection.connect(autocommit=True, **link(self._url))
        async with conn:
            await conn.execute(f"listen {LIVE_CHANNEL}")
            await conn.execute(f"listen {REVOKED_CHANNEL}")
            self._is_hearing = True
            # Whatever happened while nobody listened is not known: every screen looks for itself.
            for stream in self._all():
                stream.tell(RELOAD)
            async for note in conn.notifies():
                self._heard(note.channel, note.payload)

    def _heard(self, channel: str, payload: str) -> None:
        change = _change(payload) if channel == LIVE_CHANNEL else None
        if channel == REVOKED_CHANNEL:
            self._is_revoked = True
        elif change:
            organisation_id, incident_id, version = change
            changes = self._pending[organisation_id]
            if len(changes) < MAX_PENDING:
                changes[incident_id] = version
        self._rung.set()

    async def _tell(self) -> None:
        while True:
            await self._rung.wait()
            self._rung.clear()
            pending, self._pending = self._pending, defaultdict(dict)
            if self._is_revoked:
                self._is_revoked = False
                await self._check_all()
            for organisation_id, changes in pending.items():
                if self._streams.get(organisation_id):
                    await self._tell_organisation(organisation_id, changes)
            # The first of a burst goes at once; the rest of it together, a tick later.
            await asyncio.sleep(TICK_S)

    async def _tell_organisation(self, organisation_id: UUID, changes: dict[UUID, int]) -> None:
        hidden = await self._rights.hidden_from(organisation_id, list(changes))
        if hidden is None:
            # The rights cannot be asked: nobody is told what, everybody is told to look.
            for stream in list(self._streams[organisation_id]):
                stream.tell(RELOAD)
            return
        frames = []
        for incident_id, version in changes.items():
            data = json.dumps({"incident": str(incident_id), "version": version})
            frame = f"event: changed\ndata: {data}\n\n".encode()
            frames.append((hidden.get(incident_id, frozenset()), frame))
        for stream in list(self._streams[organisation_id]):
            for kept_out, frame in frames:
                if stream.right.person_id not in kept_out:
                    stream.tell(frame)

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(BEAT_S)
            await self._check_all()
            frame = b'event: beat\ndata: {"hearing": %s}\n\n' % (
                b"true" if self._is_hearing else b"false"
            )
            for stream in self._all():
                stream.tell(frame)

    async def _check_all(self) -> None:
        """End the streams whose session or account is gone; when that cannot be known, they stay and say so."""
        streams = self._all()
        valid = await self._rights.still_valid([stream.right for stream in streams])
        if valid is not None:
            for stream in streams:
                if stream.right not in valid:
                    stream.end()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one stream (ASGI) until the screen goes, or its right does."""
        headers = {
            name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]
        }
        try:
            right = await self._rights.of_request(headers)
        except ConnectionError:
            await _refuse(send, 503)
            return
        if right is None or self._count >= MAX_STREAMS:
            await _refuse(send, 401 if right is None else 503)
            return
        stream = Stream(right)
        self._streams[right.organisation_id].add(stream)
        self._count += 1
        gone = asyncio.ensure_future(_until_gone(stream, receive))
        try:
            await self._serve(stream, headers.get("last-event-id", ""), send)
        finally:
            gone.cancel()
            self._streams[right.organisation_id].discard(stream)
            self._count -= 1

    async def _serve(self, stream: Stream, last: str, send: Send) -> None:
        await send(
            {
                "type": "http.response.start",
                "status": 200,
                "headers": [
                    (b"content-type", b"text/event-stream"),
                    (b"cache-control", b"no-store"),
                    (b"x-accel-buffering", b"no"),
                ],
            }
        )
        hearing = b"true" if self._is_hearing else b"false"
        # The number never moves: one that counted would tell of what this screen may not hear. It only marks who comes back.
        first = b'retry: 1000\nid: 1\nevent: beat\ndata: {"hearing": %s}\n\n' % hearing
        if last:
            first += RELOAD
        await send({"type": "http.response.body", "body": first, "more_body": True})
        while not stream.is_over:
            await stream.wake.wait()
            stream.wake.clear()
            body, stream.queue = b"".join(stream.queue), []
            if body:
                await send({"type": "http.response.body", "body": body, "more_body": True})
        await send({"type": "http.response.body", "body": b""})


async def _refuse(send: Send, status: int) -> None:
    headers = [(b"retry-after", b"2")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": b""})


def _change(payload: str) -> tuple[UUID, UUID, int] | None:
    """Return (organisation, incident, version) of a message, or None for what is no such message."""
    try:
        said = json.loads(payload)
        return UUID(str(said["o"])), UUID(str(said["i"])), int(said.get("v", 0))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None


async def _until_gone(stream: Stream, receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    stream.end()
