"""How do messages leave? All at once, bounded for each provider; one that hangs delays nobody else.

A delivery comes leased, is worded, handed to its channel and settled after the provider said yes, never before.
What waits for its turn at a provider that takes fewer than come says so too, after five seconds.
Refused connections are probed every 0.3 s for each peer; the first success releases all that wait for it. What waits
so, or behind a peer that takes messages and answers none, is said once, so that it is shown and the next channel goes,
and is given up as late as any other failure.
At each peer a real alarm goes before every drill, question and task that waits there (I10).
Whatever goes wrong with one delivery settles that one, and stops nobody else's.
"""

import asyncio
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final
from uuid import UUID

from tocsin.engine.desk import StoreAwayError
from tocsin.notifications.rules.delivery import (
    REFUSED,
    SLOW,
    TIMED_OUT,
    Delivery,
    Outcome,
    State,
    is_given_up,
    is_slow,
)
from tocsin.notifications.rules.message import Channel, ChannelError, Message
from tocsin.runtime import logs

SEND_TIMEOUT_S: Final = 5.0
# A channel ends within its time-out; one that does not is broken, and must not keep its place for ever.
GIVE_UP_SENDING_S: Final = 10.0
PROBE_EVERY_S: Final = 0.3
AT_ONCE_PER_PEER: Final = 64
# What one peer may hold in memory; the rest stays in the database and is claimed later.
MAX_WAITING_PER_PEER: Final = 20_000
# Longer than any provider's; a column of the database takes no control characters.
PROVIDER_ID_MAX_CHARS: Final = 200

log = logs.get("outbox")

Settle = Callable[[Delivery, Outcome], None]
Wording = Callable[[list[Delivery]], Awaitable[dict[UUID, Message | str]]]


Queue = deque[tuple[Delivery, Message]]


@dataclass(slots=True)
class Peer:
    """One machine that takes messages: what waits for it, and why it does (`why`; empty: it takes and answers them).

    `alarms` go first, and all of them: a drill never holds up a real SOS (I10). `answers`: how often it said anything.
    """

    name: str
    alarms: Queue = field(default_factory=deque)
    others: Queue = field(default_factory=deque)
    under_way: int = 0
    answers: int = 0
    why: str = ""

    @property
    def is_refusing(self) -> bool:
        """Return whether nobody listens there."""
        return self.why == REFUSED

    def queue_of(self, message: Message) -> Queue:
        """Return where this message waits."""
        return self.alarms if message.is_alarm else self.others

    def waiting(self) -> Iterator[Delivery]:
        """Return all that waits here, the next one first."""
        return (delivery for queue in (self.alarms, self.others) for delivery, _ in queue)

    def take(self) -> tuple[Delivery, Message] | None:
        """Take out what goes next; None if nothing waits."""
        queue = self.alarms or self.others
        return queue.popleft() if queue else None

    def drop(self, gone: Callable[[Delivery], bool]) -> None:
        """Let go of those that are gone."""
        for queue in (self.alarms, self.others):
            kept = [one for one in queue if not gone(one[0])]
            queue.clear()
            queue.extend(kept)


class Outbox:
    """Takes leased deliveries, settles every one of them."""

    def __init__(
        self,
        channels: Mapping[str, Channel],
        word: Wording,
        settle: Settle,
        at_once: Mapping[str, int] | None = None,
    ) -> None:
        """`word` turns deliveries into messages (or says why not); `settle` keeps what became of them.

        `at_once`: how many sends may be under way with a peer, by its name; others take `AT_ONCE_PER_PEER`.
        """
        self._at_once = at_once or {}
        self._channels, self._word, self._settle = channels, word, settle
        self._peers: dict[str, Peer] = {}
        self._held: dict[UUID, Delivery] = {}
        self._stopped: dict[UUID, None] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self.failures: dict[str, int] = defaultdict(int)

    def held(self) -> list[UUID]:
        """Return the deliveries in hand, whose leases must be renewed."""
        return list(self._held)

    def in_hand(self) -> list[Delivery]:
        """Return the same as they were when they were taken; those that are sent no more, cancelled.

        One that was stopped lies here as long as its peer refuses: it must not be taken for one that goes on.
        """
        return [
            replace(delivery, state=State.CANCELLED) if delivery.id in self._stopped else delivery
            for delivery in self._held.values()
        ]

    def stop_incident(self, incident_id: UUID, person_id: UUID | None = None) -> None:
        """Send nothing more of what waits for an incident that is over, except what comes from here on.

        `person_id`: only what waits for this person, who need not be asked any more.
        """
        for delivery in [d for d in self._held.values() if d.incident_id == incident_id]:
            if person_id in {None, delivery.person_id}:
                self._stopped[delivery.id] = None

    def stop(self, delivery_ids: Iterable[UUID]) -> None:
        """Send no more of these, if they wait here."""
        self._stopped |= dict.fromkeys(i for i in delivery_ids if i in self._held)

    def renewed(self, ended: Iterable[UUID], at: datetime) -> None:
        """Send no more of what has ended; give up what waits, by `at`, as long for a provider as any failure does.

        And say what waits long for its turn at a provider that answers: a long queue is not *being sent*.
        """
        self.stop(ended)
        for peer in self._peers.values():
            if peer.why:
                peer.drop(lambda delivery: self._has_ended(delivery, at))
                continue
            for delivery in peer.waiting():
                # Once, and not over what says more of this provider.
                if is_slow(delivery, at) and self._held[delivery.id].error not in {
                    REFUSED,
                    TIMED_OUT,
                }:
                    self._say_waits(delivery, SLOW)

    def _has_ended(self, delivery: Delivery, at: datetime) -> bool:
        if delivery.id in self._stopped:
            self._forget(delivery)
            return True
        if is_given_up(delivery, at):
            self._done(delivery, Outcome(is_accepted=False, error=self._held[delivery.id].error))
            return True
        return False

    async def put(self, deliveries: Iterable[Delivery]) -> None:
        """Send these deliveries, each in its own time; returns when all are under way or wait for a peer.

        Raises nothing but a cancellation, after which it holds none of them: one that cannot be worded or handed to its
        channel is settled as failed, for now.
        """
        fresh = [d for d in deliveries if d.id not in self._held]
        if not fresh:
            return
        self._held |= {delivery.id: delivery for delivery in fresh}
        try:
            messages = await self._words_for(fresh)
        except asyncio.CancelledError:
            # Held and sent by nobody, their leases would be renewed as long as this engine lives.
            for delivery in fresh:
                self._forget(delivery)
            raise
        for delivery in fresh:
            try:
                self._queue(delivery, messages.get(delivery.id, "no address"))
            except Exception as problem:
                self._broken(delivery, problem)

    async def _words_for(self, fresh: list[Delivery]) -> dict[UUID, Message | str]:
        try:
            return await self._word(fresh)
        except StoreAwayError:
            return {delivery.id: "store away" for delivery in fresh}
        except Exception:
            log.exception("wording.broken", n=len(fresh), delivery_id=str(fresh[0].id))
            if len(fresh) == 1:
                return {fresh[0].id: "wording broken"}
        # By halves: one row that cannot be read is found in a few steps, and all the others are worded.
        half = len(fresh) // 2
        return await self._words_for(fresh[:half]) | await self._words_for(fresh[half:])

    def _queue(self, delivery: Delivery, message: Message | str) -> None:
        if isinstance(message, str):
            # Not for good: the database may be away, and what is unknown now be known in a second.
            self._done(delivery, Outcome(is_accepted=False, error=message))
            return
        channel = self._channels.get(delivery.channel)
        if channel is None:
            self._done(
                delivery,
                Outcome(is_accepted=False, error="channel is not set up", is_permanent=True),
            )
            return
        try:
            name = channel.peer(message)
        except ChannelError as problem:
            self._done(delivery, _failed(problem))
            return
        peer = self._peers.setdefault(name, Peer(name))
        queue = peer.queue_of(message)
        if len(queue) >= MAX_WAITING_PER_PEER:
            self._done(
                delivery, Outcome(is_accepted=False, error="too many wait for this provider")
            )
            return
        queue.append((delivery, message))
        # A refusing peer is tried with one at a time; before a silent one only that waits which has no place yet.
        if peer.is_refusing or (peer.why and peer.under_way >= self._limit(peer)):
            self._say_waits(delivery, peer.why)
        self._pump(peer)

    def _limit(self, peer: Peer) -> int:
        return 1 if peer.is_refusing else self._at_once.get(peer.name, AT_ONCE_PER_PEER)

    def _pump(self, peer: Peer) -> None:
        limit = self._limit(peer)
        while peer.under_way < limit and (following := peer.take()):
            delivery, message = following
            if delivery.id in self._stopped:
                self._forget(delivery)
                continue
            peer.under_way += 1
            task = asyncio.create_task(self._send(peer, delivery, message))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        # Also one that refuses, when nothing is left to probe it with: the next message finds out.
        if not any(peer.waiting()) and not peer.under_way:
            self._peers.pop(peer.name, None)

    async def _send(self, peer: Peer, delivery: Delivery, message: Message) -> None:
        channel, answers = self._channels[delivery.channel], peer.answers
        try:
            async with asyncio.timeout(GIVE_UP_SENDING_S):
                accepted = await channel.send(message, timeout_s=SEND_TIMEOUT_S)
            outcome = Outcome(is_accepted=True, provider_id=_plain(accepted.provider_id))
        except ChannelError as problem:
            if problem.refused:
                await self._refused(peer, delivery, message)
                return
            self.failures[delivery.channel] += 1
            self._done(delivery, _failed(problem))
            if problem.code == TIMED_OUT:
                # Only if it answered nothing meanwhile: one slow message says nothing of the others.
                self._place_free(peer, TIMED_OUT if peer.answers == answers else peer.why)
                return
        except Exception as problem:
            self._broken(delivery, problem)
        except asyncio.CancelledError as problem:
            if is_cancelled():
                raise
            # A call inside the channel was cancelled, and not this one: no end of the engine.
            self._broken(delivery, problem)
        else:
            self._done(delivery, outcome)
        self._sent(peer)

    def _sent(self, peer: Peer) -> None:
        peer.answers += 1
        self._place_free(peer, "")

    def _place_free(self, peer: Peer, why: str) -> None:
        peer.under_way -= 1
        self._now_waits(peer, why)
        self._pump(peer)

    def _now_waits(self, peer: Peer, why: str) -> None:
        """Note why this peer takes nothing now, and say it of all that wait there: once, when it becomes so."""
        if peer.why == why:
            return
        peer.why = why
        waiting = list(peer.waiting())
        log.warning("peer.waits" if why else "peer.back", why=why, waiting=len(waiting))
        for other in waiting if why else ():
            self._say_waits(other, why)

    async def _refused(self, peer: Peer, delivery: Delivery, message: Message) -> None:
        self.failures[delivery.channel] += 1
        # It keeps its lease and its place: the one that is refused is the next probe.
        peer.queue_of(message).appendleft((delivery, message))
        self._now_waits(peer, REFUSED)
        self._say_waits(delivery, REFUSED)
        await asyncio.sleep(PROBE_EVERY_S)
        peer.under_way -= 1
        self._pump(peer)

    def _say_waits(self, delivery: Delivery, why: str) -> None:
        """Have it kept, once, that this one waits and why: not at every probe."""
        held = self._held[delivery.id]
        if held.error != why and delivery.id not in self._stopped:
            self._held[delivery.id] = replace(held, error=why)
            self._settle(delivery, Outcome(is_accepted=False, error=why, is_waiting=True))

    def _broken(self, delivery: Delivery, problem: BaseException) -> None:
        """Settle one that a defect stopped: it is tried again, the next channel goes, and it is shown."""
        self.failures[delivery.channel] += 1
        log.error(
            "channel.broken",
            channel=delivery.channel,
            delivery_id=str(delivery.id),
            exc_info=problem,
        )
        self._done(delivery, Outcome(is_accepted=False, error="channel broken"))

    def _done(self, delivery: Delivery, outcome: Outcome) -> None:
        self._forget(delivery)
        self._settle(delivery, outcome)

    def _forget(self, delivery: Delivery) -> None:
        self._held.pop(delivery.id, None)
        self._stopped.pop(delivery.id, None)

    async def close(self) -> None:
        """Stop sending; what is not settled keeps its lease and is sent by the next engine."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


def _failed(problem: ChannelError) -> Outcome:
    return Outcome(
        is_accepted=False,
        error=problem.code,
        is_permanent=problem.permanent,
        retry_after_s=problem.retry_after_s,
    )


def _plain(provider_id: str | None) -> str:
    return "".join(c for c in provider_id or "" if c.isprintable())[:PROVIDER_ID_MAX_CHARS]


def is_cancelled() -> bool:
    """Return whether this task itself is to end; if not, a CancelledError only says that something inside was cancelled."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0
