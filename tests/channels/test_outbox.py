"""Does the trouble of one message stay its own? Every other one is sent, and every one is settled."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest

from tests.builders import AT
from tests.channels.messages import a_message
from tocsin.engine import engine as engine_module
from tocsin.engine import outbox as outbox_module
from tocsin.engine import settling
from tocsin.engine.desk import StoreAwayError
from tocsin.engine.engine import Engine, Moment, Parts
from tocsin.engine.intake import sort_out
from tocsin.engine.outbox import Outbox
from tocsin.flow.alarms import Change
from tocsin.notifications.channels.email.channel import EmailChannel
from tocsin.notifications.rules.delivery import Delivery, Outcome, State
from tocsin.notifications.rules.message import Accepted, ChannelError, Message
from tocsin.runtime.clock import SystemClock
from tocsin.runtime.settings import Gateway
from tocsin.runtime.spool_format import DEVICE, FOLD, INBOUND, Entry

GUARD, BROKEN, LEAD = 1, 2, 3
WAVE = (GUARD, BROKEN, LEAD)
REAL = 5_000


def a_delivery(number: int) -> Delivery:
    return Delivery(
        id=UUID(int=number),
        organisation_id=UUID(int=100),
        incident_id=UUID(int=200),
        person_id=UUID(int=number),
        contact_id=UUID(int=number),
        channel="sms",
        template="sos",
        step=1,
        reference=f"r-{number}",
        code="",
        state=State.LEASED,
        made_at=AT,
        due_at=AT,
        deadline_at=AT,
    )


async def words(deliveries: list[Delivery]) -> dict[UUID, Message | str]:
    return {d.id: a_message(delivery_id=d.id, reference=d.reference) for d in deliveries}


class Channel:
    """Takes every message, but for the second one's, of which a method does `wrong`."""

    kind = "sms"

    def __init__(self, method: str, wrong: Callable[[], Any]) -> None:
        self._method, self._wrong = method, wrong
        self.sent: list[str] = []

    def peer(self, message: Message) -> str:
        if self._method == "peer" and message.delivery_id.int == BROKEN:
            self._wrong()
        return "gateway:one"

    async def send(self, message: Message, *, timeout_s: float) -> Accepted:
        if self._method == "send" and message.delivery_id.int == BROKEN:
            found = self._wrong()
            return await found if isinstance(found, Awaitable) else found
        self.sent.append(message.reference)
        return Accepted(f"id of {message.reference}")

    async def close(self) -> None:
        """Hold nothing."""


class Sent:
    """An outbox and what it settled."""

    def __init__(self, channel: Channel | None = None, word: Any = words, **more: Any) -> None:
        self.outcomes: dict[int, Outcome] = {}
        self.channel = channel or Channel("none", lambda: None)
        self.outbox = Outbox({"sms": self.channel}, word, self._settle, **more)

    def _settle(self, delivery: Delivery, outcome: Outcome) -> None:
        self.outcomes[delivery.id.int] = outcome

    async def wave(self) -> None:
        await self.outbox.put([a_delivery(number) for number in WAVE])
        for _ in range(100):
            if not self.outbox.held():
                return
            await asyncio.sleep(0.01)

    def accepted(self) -> list[int]:
        return sorted(n for n, outcome in self.outcomes.items() if outcome.is_accepted)


def raising(problem: BaseException) -> Callable[[], Any]:
    def wrong() -> Any:
        raise problem

    return wrong


@pytest.mark.guarantee("I2")
@pytest.mark.parametrize(
    ("method", "problem"),
    [
        ("peer", ValueError("Port could not be cast to integer value as 'pa'")),
        ("peer", RuntimeError("a defect")),
        ("send", ValueError("a value")),
        ("send", RuntimeError("a defect")),
        ("send", asyncio.CancelledError("something inside was cancelled, not the task")),
    ],
)
async def test_a_channel_that_raises_what_it_must_not_stops_nobody_elses_message(
    method: str, problem: BaseException
) -> None:
    sent = Sent(Channel(method, raising(problem)))
    await sent.wave()
    assert sent.accepted() == [GUARD, LEAD]
    assert sent.outcomes[BROKEN] == Outcome(is_accepted=False, error="channel broken")
    assert sent.outbox.held() == []
    assert sent.outbox.failures["sms"] == 1


@pytest.mark.guarantee("I2")
async def test_a_mail_address_whose_port_cannot_be_read_stops_no_text() -> None:
    # What started the whole thing: a "/" in the password. The settings refuse it; an engine that has it sends on.
    mail = EmailChannel("smtp://tocsin:pa/ss@mail.example.org", "tocsin@example.org", SystemClock())
    sent = Sent()
    sent.outbox = Outbox({"sms": sent.channel, "email": mail}, words, sent._settle)
    wave = [a_delivery(GUARD), replace(a_delivery(BROKEN), channel="email"), a_delivery(LEAD)]
    await sent.outbox.put(wave)
    await asyncio.sleep(0.01)
    assert sent.accepted() == [GUARD, LEAD]
    assert sent.outcomes[BROKEN].error == "channel broken"
    assert sent.outbox.held() == []


async def test_a_channel_that_answers_nonsense_has_failed_and_gives_its_place_back() -> None:
    sent = Sent(Channel("send", lambda: None), at_once={"gateway:one": 1})
    await sent.wave()
    assert sent.accepted() == [GUARD, LEAD]
    assert sent.outcomes[BROKEN].error == "channel broken"


async def test_a_channel_that_does_not_keep_its_time_out_gives_its_place_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(outbox_module, "GIVE_UP_SENDING_S", 0.05)
    sent = Sent(Channel("send", lambda: asyncio.sleep(60)), at_once={"gateway:one": 1})
    await sent.wave()
    assert sent.accepted() == [GUARD, LEAD]
    assert sent.outcomes[BROKEN].error == "channel broken"


async def test_a_provider_id_that_no_column_takes_is_kept_without_what_it_must_not_have() -> None:
    sent = Sent(Channel("send", lambda: Accepted("2.0.0 Ok\0\ud800: queued" + "x" * 500)))
    await sent.wave()
    assert sent.outcomes[BROKEN].provider_id.startswith("2.0.0 Ok: queuedxx")
    assert len(sent.outcomes[BROKEN].provider_id) == outbox_module.PROVIDER_ID_MAX_CHARS


async def test_what_was_not_worded_because_a_call_inside_was_cancelled_is_held_no_more() -> None:
    async def word(_: list[Delivery]) -> dict[UUID, Message | str]:
        raise asyncio.CancelledError

    sent = Sent(word=word)
    with pytest.raises(asyncio.CancelledError):
        await sent.wave()
    # Its lease is renewed no more, so it is claimed anew.
    assert sent.outbox.held() == []


async def test_a_loop_in_which_a_call_was_cancelled_goes_on_and_one_that_is_cancelled_ends(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    begun: list[int] = []

    async def loop() -> None:
        begun.append(len(begun))
        if len(begun) == 1:
            raise asyncio.CancelledError
        await asyncio.sleep(60)

    monkeypatch.setattr(engine_module, "AGAIN_S", 0)
    running = asyncio.create_task(an_engine(Desk())._patiently("settle", loop))
    await asyncio.sleep(0.02)
    assert (begun, running.done()) == ([0, 1], False)
    running.cancel()
    await asyncio.sleep(0.02)
    assert running.cancelled()


async def test_one_that_cannot_be_worded_is_found_and_the_others_are_worded() -> None:
    async def word(deliveries: list[Delivery]) -> dict[UUID, Message | str]:
        if any(d.id.int == BROKEN for d in deliveries):
            raise ValueError("a row that cannot be read")
        return await words(deliveries)

    sent = Sent(word=word)
    await sent.wave()
    assert sent.accepted() == [GUARD, LEAD]
    assert sent.outcomes[BROKEN] == Outcome(is_accepted=False, error="wording broken")


async def test_a_store_that_is_away_fails_the_wave_for_now_and_is_asked_once() -> None:
    asked: list[int] = []

    async def word(deliveries: list[Delivery]) -> dict[UUID, Message | str]:
        asked.append(len(deliveries))
        raise StoreAwayError("alarm")

    sent = Sent(word=word)
    await sent.wave()
    assert asked == [3]
    assert {o.error for o in sent.outcomes.values()} == {"store away"}
    assert not any(o.is_permanent for o in sent.outcomes.values())
    assert sent.outbox.held() == []


async def test_what_is_not_settled_when_the_engine_stops_is_left_to_the_next_one() -> None:
    sent = Sent(Channel("send", lambda: asyncio.sleep(60)))
    await sent.outbox.put([a_delivery(BROKEN)])
    await asyncio.sleep(0)
    await sent.outbox.close()
    assert sent.outcomes == {}
    assert sent.outbox.held() == [UUID(int=BROKEN)]


# --- the loops around it ----------------------------------------------------------------------------


class Desk:
    """Runs verbs on no store; one delivery cannot be kept, and the store may be away for some calls."""

    def __init__(self, *, away: int = 0) -> None:
        self.away = away

    async def do(self, work: Any, _lane: str = "alarm") -> Any:
        if self.away:
            self.away -= 1
            raise StoreAwayError("post")
        return work(None)


def an_engine(desk: Desk, telling: Any = None) -> Engine:
    told = SimpleNamespace(changed=lambda _: None, sent=lambda _: None, way=lambda _: None)
    parts: dict[str, Any] = {"desk": desk, "telling": telling or told, "clock": Clock()}
    rest = ("spool", "mark_drained", "links", "ids")
    return Engine(
        Parts(
            name="e",
            drained=0,
            channels={"sms": Channel("none", lambda: None)},
            settle_after_s=0,
            **parts,
            **dict.fromkeys(rest),
        )
    )


class Clock:
    """Stands still."""

    def now(self) -> datetime:
        return AT

    def monotonic(self) -> float:
        return 0.0


@pytest.mark.parametrize("away", [0, 1, 2])
async def test_an_attempt_that_cannot_be_kept_takes_no_other_along(
    monkeypatch: pytest.MonkeyPatch, away: int
) -> None:
    kept: list[int] = []

    def settle(_alarms: Any, attempts: Any) -> list[Delivery]:
        if any(d.id.int == BROKEN for d, _ in attempts):
            raise ValueError("a value that no column takes")
        kept.extend(d.id.int for d, _ in attempts)
        return [d for d, _ in attempts]

    monkeypatch.setattr(settling, "settle", settle)
    engine = an_engine(Desk(away=away))
    for number in WAVE:
        engine.settling.attempted(a_delivery(number), Outcome(is_accepted=True))
    monkeypatch.setattr(engine_module, "AGAIN_S", 0)
    running = asyncio.create_task(engine._patiently("settle", engine.settling.run))
    await asyncio.sleep(0.05)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert kept == [GUARD, LEAD]
    assert engine.settling.attempts == []


async def test_a_settlement_stands_though_a_push_that_is_gone_cannot_be_retired(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    gone = replace(a_delivery(GUARD), channel="webpush", state=State.FAILED, error="gone")
    desk = Desk()

    def settle(_alarms: Any, attempts: Any) -> list[Delivery]:
        desk.away = 1
        return [d for d, _ in attempts]

    monkeypatch.setattr(settling, "settle", settle)
    engine = an_engine(desk)
    engine.settling.attempted(gone, Outcome(is_accepted=False, error="gone", is_permanent=True))
    running = asyncio.create_task(engine.settling.run())
    await asyncio.sleep(0.05)
    assert (desk.away, engine.settling.attempts, running.done()) == (0, [], False)
    running.cancel()


async def test_messages_go_out_though_something_about_their_change_breaks() -> None:
    def broken(_: Any) -> None:
        raise KeyError("a defect")

    engine = an_engine(Desk(), SimpleNamespace(way=broken, sent=lambda _: None))
    engine.outbox = Sent().outbox
    put: list[int] = []

    async def note(deliveries: Any) -> None:
        put.extend(d.id.int for d in deliveries)

    engine.outbox.put = note  # type: ignore[method-assign]
    hold: Any = SimpleNamespace(id=UUID(int=9), due_at=None, due_set_at=None)
    changes = [
        Change(holds=(hold,), deliveries=(a_delivery(GUARD),)),
        Change(deliveries=(a_delivery(LEAD), replace(a_delivery(BROKEN), state=State.SENT))),
    ]
    await engine._publish_changes(changes, Moment(AT, 0.0))
    assert put == [GUARD, LEAD]


def test_an_entry_that_breaks_its_reader_keeps_out_nothing_that_came_after_it() -> None:
    gateway = Gateway("texts", "http", "ems", "https://sms.example.net/", "+15550100")
    head = json.dumps({"gateway": "texts", "query": ""}).encode()
    crowded = head + b"\n" + b"&".join(b"f%d=1" % n for n in range(300))
    text = head + b"\nfrom=%2B15550123&text=SOS"
    at = datetime(2026, 3, 4, 17, 2, tzinfo=UTC)
    entries = [
        Entry(1, at, INBOUND, crowded),
        Entry(2, at, INBOUND, b"not json\n"),
        Entry(3, at, DEVICE, b"short"),
        Entry(4, at, FOLD, b"\0" * 48 + b"[]"),
        Entry(5, at, INBOUND, text),
    ]
    [heard] = sort_out(entries, [gateway])[0]
    assert (heard.number, heard.text) == ("+15550123", "SOS")  # type: ignore[union-attr]


async def test_a_refusal_of_peer_is_settled_as_what_it_says() -> None:
    sent = Sent(Channel("peer", raising(ChannelError("no_gateway", permanent=True))))
    await sent.wave()
    assert sent.accepted() == [GUARD, LEAD]
    assert sent.outcomes[BROKEN] == Outcome(
        is_accepted=False, error="no_gateway", is_permanent=True
    )


class Slow:
    """A gateway that takes a while for each message."""

    kind = "sms"

    def __init__(self) -> None:
        self.sent: list[int] = []

    def peer(self, message: Message) -> str:
        del message
        return "gateway:one"

    async def send(self, message: Message, *, timeout_s: float) -> Accepted:
        del timeout_s
        await asyncio.sleep(0.01)
        self.sent.append(message.delivery_id.int)
        return Accepted(f"id of {message.reference}")

    async def close(self) -> None:
        """Hold nothing."""


async def all_but_one_drill(deliveries: list[Delivery]) -> dict[UUID, Message | str]:
    said = await words(deliveries)
    real = UUID(int=REAL)
    return {
        d: replace(m, is_alarm=d == real) if isinstance(m, Message) else m for d, m in said.items()
    }


@pytest.mark.guarantee("I10")
async def test_a_real_alarm_goes_before_every_drill_that_waits_for_the_same_provider() -> None:
    gateway = Slow()
    outbox = Outbox({"sms": gateway}, all_but_one_drill, lambda *_: None, {"gateway:one": 4})
    await outbox.put([a_delivery(number) for number in range(1, 101)])
    await asyncio.sleep(0.005)
    await outbox.put([a_delivery(REAL)])
    while outbox.held():
        await asyncio.sleep(0.01)
    # After what was being sent already, at the first place that was free.
    assert gateway.sent.index(REAL) < 2 * 4
    assert sorted(gateway.sent) == [*range(1, 101), REAL]


@pytest.mark.guarantee("I10")
async def test_drills_that_fill_what_may_wait_for_a_provider_keep_no_real_alarm_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(outbox_module, "MAX_WAITING_PER_PEER", 5)
    outcomes: dict[int, Outcome] = {}
    outbox = Outbox(
        {"sms": Slow()}, all_but_one_drill, lambda d, o: outcomes.update({d.id.int: o}), {"gateway:one": 1}
    )  # fmt: skip
    await outbox.put([a_delivery(number) for number in range(1, 10)])
    assert outcomes[9].error == "too many wait for this provider"
    await outbox.put([a_delivery(REAL)])
    while outbox.held():
        await asyncio.sleep(0.01)
    assert outcomes[REAL].is_accepted


@pytest.mark.guarantee("I10")
async def test_a_real_alarm_is_the_probe_of_a_provider_that_refuses_and_no_drill_is(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(outbox_module, "PROBE_EVERY_S", 0.01)
    gateway, tried = Slow(), []

    async def refuse(message: Message, *, timeout_s: float) -> Accepted:
        del timeout_s
        tried.append(message.delivery_id.int)
        raise ChannelError(code="refused", refused=True)

    gateway.send = refuse  # type: ignore[method-assign]
    outbox = Outbox({"sms": gateway}, all_but_one_drill, lambda *_: None, {"gateway:one": 4})
    await outbox.put([a_delivery(number) for number in range(1, 101)])
    await asyncio.sleep(0.1)
    await outbox.put([a_delivery(REAL)])
    await asyncio.sleep(0.1)
    assert tried[-1] == REAL
    await outbox.close()


class Deaf:
    """A provider that refuses connections until it is `back`; notes every try."""

    kind = "sms"

    def __init__(self) -> None:
        self.is_back = False
        self.tries = 0

    def peer(self, message: Message) -> str:
        del message
        return "gateway:one"

    async def send(self, message: Message, *, timeout_s: float) -> Accepted:
        del timeout_s
        self.tries += 1
        if not self.is_back:
            raise ChannelError(code="refused", refused=True)
        return Accepted(f"id of {message.reference}")

    async def close(self) -> None:
        """Hold nothing."""


class Refused:
    """An outbox before a provider that refuses, and everything that it had kept, in order."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(outbox_module, "PROBE_EVERY_S", 0.01)
        self.kept: list[tuple[int, Outcome]] = []
        self.provider: Deaf = Deaf()
        self.outbox = Outbox(
            {"sms": self.provider}, words, lambda d, o: self.kept.append((d.id.int, o))
        )

    async def put(self, *numbers: int) -> None:
        await self.outbox.put([a_delivery(number) for number in numbers])
        await asyncio.sleep(0.1)

    async def renew(self, at: datetime, *ended: int) -> None:
        # Several times: one may be on its way as a probe just then.
        for _ in range(20):
            self.outbox.renewed([UUID(int=number) for number in ended], at)
            await asyncio.sleep(0.002)

    def waiting(self) -> list[int]:
        return [number for number, outcome in self.kept if outcome.is_waiting]

    def ended(self) -> dict[int, Outcome]:
        return {number: outcome for number, outcome in self.kept if not outcome.is_waiting}


@pytest.mark.guarantee("I2")
async def test_all_that_wait_for_a_provider_that_refuses_say_so_at_once_and_not_at_every_probe(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    refused = Refused(monkeypatch)
    await refused.put(*range(1, 101))
    assert refused.provider.tries > 64
    assert sorted(refused.waiting()) == list(range(1, 101))
    assert {outcome.error for _, outcome in refused.kept} == {"refused"}
    await refused.put(101)
    assert refused.waiting()[-1] == 101
    assert (len(refused.kept), refused.ended()) == (101, {})
    assert len(refused.outbox.held()) == 101
    await refused.outbox.close()


class TwoGateways(Deaf):
    """Two machines that refuse connections: what is for the guard goes to the one, everything else to the other."""

    def __init__(self) -> None:
        super().__init__()
        self.back: set[str] = set()
        self.tried: dict[str, list[float]] = {"gateway:one": [], "gateway:two": []}

    def peer(self, message: Message) -> str:
        return "gateway:one" if message.delivery_id.int == GUARD else "gateway:two"

    async def send(self, message: Message, *, timeout_s: float) -> Accepted:
        del timeout_s
        name = self.peer(message)
        self.tried[name].append(asyncio.get_running_loop().time())
        if name not in self.back:
            raise ChannelError(code="refused", refused=True)
        return Accepted(f"id of {message.reference}")


async def test_each_machine_that_refuses_is_probed_every_0_3_s_and_its_return_sends_its_own_only() -> (
    None
):
    sent: dict[int, float] = {}
    gateways, loop = TwoGateways(), asyncio.get_running_loop()

    def settle(delivery: Delivery, outcome: Outcome) -> None:
        if outcome.is_accepted:
            sent[delivery.id.int] = loop.time()

    outbox = Outbox({"sms": gateways}, words, settle, {"gateway:two": 1})
    await outbox.put([a_delivery(number) for number in range(GUARD, 41)])
    await asyncio.sleep(0.45)
    gateways.back.add("gateway:two")
    await asyncio.sleep(0.25)
    for tried in gateways.tried.values():
        assert 0.29 < tried[1] - tried[0] < 0.5
        assert 0.29 < tried[2] - tried[1] < 0.5
    assert sorted(sent) == list(range(2, 41))
    # All at once, and not one with each probe.
    assert max(sent.values()) - gateways.tried["gateway:two"][2] < 0.2
    assert len(gateways.tried["gateway:one"]) == 3
    await outbox.close()


async def test_a_provider_that_listens_again_is_sent_all_that_waited(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    refused = Refused(monkeypatch)
    await refused.put(*range(1, 101))
    refused.provider.is_back = True
    await asyncio.sleep(0.1)
    assert sorted(refused.ended()) == list(range(1, 101))
    assert all(outcome.is_accepted for outcome in refused.ended().values())
    assert refused.outbox.held() == []


@pytest.mark.guarantee("I2")
@pytest.mark.parametrize(("age_s", "failed"), [(899, []), (900, [1, 2, 3])])
async def test_what_waits_for_a_quarter_of_an_hour_fails_as_any_other_failure_does(
    monkeypatch: pytest.MonkeyPatch, age_s: int, failed: list[int]
) -> None:
    refused = Refused(monkeypatch)
    await refused.put(*WAVE)
    await refused.renew(AT + timedelta(seconds=age_s))
    assert sorted(refused.ended()) == failed
    assert {o.error for o in refused.ended().values()} <= {"refused"}
    assert not any(o.is_permanent for o in refused.ended().values())
    assert len(refused.outbox.held()) == 3 - len(failed)
    await refused.outbox.close()


async def test_after_all_was_given_up_the_next_message_finds_out_for_itself(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    refused = Refused(monkeypatch)
    await refused.put(*WAVE)
    await refused.renew(AT + timedelta(seconds=900))
    await asyncio.sleep(0.1)
    refused.provider.is_back = True
    await refused.put(4)
    assert 4 not in refused.waiting()
    assert refused.ended()[4].is_accepted


async def test_what_ended_while_it_waited_is_let_go_and_does_not_fail(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    refused = Refused(monkeypatch)
    await refused.put(*WAVE)
    await refused.renew(AT + timedelta(seconds=900), BROKEN)
    assert sorted(refused.ended()) == [GUARD, LEAD]
    assert refused.outbox.held() == []


async def test_what_is_stopped_while_its_provider_refuses_is_not_in_hand_as_something_that_goes_on() -> (
    None
):
    def refuses() -> None:
        raise ChannelError(code="refused", refused=True)

    outbox = Outbox({"sms": Channel("send", refuses)}, words, lambda *_: None)
    await outbox.put([a_delivery(BROKEN)])
    await asyncio.sleep(0)
    assert [d.state for d in outbox.in_hand()] == [State.LEASED]
    outbox.stop_incident(UUID(int=200))
    assert [d.state for d in outbox.in_hand()] == [State.CANCELLED]
    await outbox.close()


async def test_one_message_that_is_held_back_while_its_provider_refuses_goes_out_no_more_and_the_others_do() -> (
    None
):
    gateway = Deaf()
    outbox = Outbox({"sms": gateway}, words, lambda *_: None)
    kept, held_back = a_delivery(1), a_delivery(2)
    await outbox.put([kept, held_back])
    await asyncio.sleep(0.01)
    outbox.stop([held_back.id, UUID(int=99)])
    assert [d.state for d in outbox.in_hand()] == [State.LEASED, State.CANCELLED]
    outbox.renewed([], AT)
    assert outbox.held() == [kept.id]
    await outbox.close()


class Hanging(Deaf):
    """A provider that takes every connection and answers none in time, until it is `back`; `slow`: only these."""

    def __init__(self, *slow: int) -> None:
        super().__init__()
        self.slow = slow

    async def send(self, message: Message, *, timeout_s: float) -> Accepted:
        del timeout_s
        self.tries += 1
        if not self.is_back and (not self.slow or message.delivery_id.int in self.slow):
            await asyncio.sleep(0.05)
            raise ChannelError(code="timeout")
        await asyncio.sleep(0.01)
        return Accepted(f"id of {message.reference}")


class Hung(Refused):
    """The same before a provider that hangs."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *slow: int) -> None:
        super().__init__(monkeypatch)
        self.provider = Hanging(*slow)
        self.outbox = Outbox(
            {"sms": self.provider},
            words,
            lambda d, o: self.kept.append((d.id.int, o)),
            {"gateway:one": 4},
        )


@pytest.mark.guarantee("I2")
async def test_all_that_wait_behind_a_provider_that_hangs_say_so_once_its_first_time_is_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    hung = Hung(monkeypatch)
    await hung.outbox.put([a_delivery(number) for number in range(1, 101)])
    await asyncio.sleep(0.03)
    assert hung.kept == []
    await asyncio.sleep(0.04)
    # The four that were tried first have failed, for now; all others wait, and are not left to look as if under way.
    assert sorted(hung.ended()) == [1, 2, 3, 4]
    assert sorted(hung.waiting()) == list(range(5, 101))
    assert {outcome.error for _, outcome in hung.kept} == {"timeout"}
    assert not any(outcome.is_permanent for _, outcome in hung.kept)
    await hung.outbox.put([a_delivery(101)])
    assert hung.waiting()[-1] == 101
    assert len(hung.waiting()) == 97
    await hung.outbox.close()


async def test_a_provider_that_answers_again_is_sent_all_that_waited(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    hung = Hung(monkeypatch)
    await hung.put(*range(1, 21))
    hung.provider.is_back = True
    await asyncio.sleep(0.3)
    assert hung.outbox.held() == []
    assert sum(outcome.is_accepted for outcome in hung.ended().values()) >= 8
    await hung.put(21)
    assert 21 not in hung.waiting()


async def test_one_message_that_takes_too_long_says_nothing_of_those_behind_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    hung = Hung(monkeypatch, 1)
    await hung.put(*range(1, 41))
    await asyncio.sleep(0.3)
    assert hung.ended()[1].error == "timeout"
    assert hung.waiting() == []
    assert sum(outcome.is_accepted for outcome in hung.ended().values()) == 39


class Sparing(Deaf):
    """A provider that takes one message now and then: as often as it is `let`."""

    def __init__(self) -> None:
        super().__init__()
        self.let = asyncio.Semaphore(0)

    async def send(self, message: Message, *, timeout_s: float) -> Accepted:
        del timeout_s
        await self.let.acquire()
        return Accepted(f"id of {message.reference}")


@pytest.mark.guarantee("I2", "I15")
async def test_what_waits_long_for_its_turn_at_a_provider_that_answers_says_so_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    busy = Refused(monkeypatch)
    sparing = Sparing()
    busy.outbox = Outbox(
        {"sms": sparing},
        words,
        lambda d, o: busy.kept.append((d.id.int, o)),
        {"gateway:one": 1},
    )
    await busy.put(1, 2, 3, 4)
    sparing.let.release()
    await busy.renew(AT + timedelta(seconds=4.9))
    assert (list(busy.ended()), busy.waiting()) == ([1], [])
    await busy.renew(AT + timedelta(seconds=5))
    await busy.renew(AT + timedelta(seconds=10))
    # The second one is under way.
    assert busy.waiting() == [3, 4]
    assert {outcome.error for _, outcome in busy.kept if outcome.is_waiting} == {"slow"}
    for _ in range(3):
        sparing.let.release()
    await asyncio.sleep(0.01)
    assert {n for n, outcome in busy.ended().items() if outcome.is_accepted} == {1, 2, 3, 4}


@pytest.mark.guarantee("I2")
async def test_what_waits_a_quarter_of_an_hour_behind_a_provider_that_hangs_fails(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    hung = Hung(monkeypatch)
    await hung.outbox.put([a_delivery(number) for number in range(1, 41)])
    await asyncio.sleep(0.07)
    hung.outbox.renewed([UUID(int=40)], AT + timedelta(seconds=900))
    assert set(range(9, 40)) <= set(hung.ended())
    assert 40 not in hung.ended()
    assert hung.ended()[39] == Outcome(is_accepted=False, error="timeout")
    await hung.outbox.close()
