"""What does a phone hear when it presses, presses again, or is not known?"""

import json
import time
from collections.abc import Callable

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.gate.gate_process import (
    ORGANISATION,
    GateProcess,
    person,
    post,
    sos,
    token,
    write_keys,
)
from tocsin.runtime import spool
from tocsin.runtime.doorbell import ENGINE, GATE, Listener, Sender
from tocsin.runtime.unverified import UnverifiedReader

OTHER_KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(1, 33)))


def until(is_so: Callable[[], bool], within_s: float = 3.0) -> bool:
    """Return whether `is_so` became true in time."""
    end = time.monotonic() + within_s
    while not is_so():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


@pytest.mark.guarantee("I1")
def test_an_sos_is_on_disk_when_it_is_answered(gate: GateProcess) -> None:
    answer = gate.ask(sos("press-0001", number=1, note="car park"))

    entry = gate.entries()[-1]
    assert (answer.status, answer.json) == (202, {"grade": "stored", "key": "press-0001"})
    assert entry.kind == spool.DEVICE
    assert entry.payload[:32] == ORGANISATION.bytes + person(1).bytes
    assert json.loads(entry.payload[48:]) == {"key": "press-0001", "note": "car park"}


def test_the_engine_is_rung_when_it_is_on_disk(gate: GateProcess) -> None:
    bell = Listener(gate.run_dir, ENGINE)

    gate.ask(sos("press-0002"))

    assert bell.receive() == [b"spool"]
    bell.close()


def test_the_same_key_again_is_a_question_and_writes_nothing(gate: GateProcess) -> None:
    gate.ask(sos("press-0003", number=3))
    n_before = len(gate.entries())

    answers = [gate.ask(sos("press-0003", number=3)) for _ in range(3)]

    assert [answer.json["grade"] for answer in answers] == ["stored"] * 3
    assert len(gate.entries()) == n_before


@pytest.mark.guarantee("I5")
def test_two_people_with_the_same_key_are_two_signals(gate: GateProcess) -> None:
    gate.ask(sos("press-0004", number=4))
    gate.ask(sos("press-0004", number=5))

    people = [e.payload[16:32] for e in gate.entries() if b"press-0004" in e.payload]
    assert people == [person(4).bytes, person(5).bytes]


def test_a_cancel_with_the_key_of_its_sos_is_no_repetition(gate: GateProcess) -> None:
    gate.ask(sos("press-0005", number=6))
    gate.ask(sos("press-0005", number=6, act="cancel", code="4711"))
    gate.ask(sos("press-0005", number=6, act="cancel", code="4712"))
    gate.ask(sos("press-0005", number=6, act="cancel", code="4712"))

    bodies = [json.loads(body) for body in gate.bodies() if b"press-0005" in body]
    assert [(body.get("act"), body.get("code")) for body in bodies] == [
        (None, None),
        ("cancel", "4711"),
        ("cancel", "4712"),
    ]


@pytest.mark.guarantee("I15")
def test_asking_again_tells_the_last_grade_that_the_engine_told(gate: GateProcess) -> None:
    gate.ask(sos("press-0006", number=7))
    bell = Sender(gate.run_dir, GATE)
    bell.ring_all([{"p": str(person(7)), "k": "press-0006", "g": "seen", "by": "R."}])
    bell.ring_all([{"p": str(person(7)), "k": "press-0006", "g": "in_charge", "by": "R."}])
    bell.ring(b"no grades at all")
    bell.ring(b'[{"p": 7}]')

    assert until(lambda: gate.ask(sos("press-0006", number=7)).json["grade"] == "in_charge")
    assert gate.ask(sos("press-0006", number=7)).json == {
        "grade": "in_charge",
        "by": "R.",
        "key": "press-0006",
    }
    assert gate.ask(sos("press-0006", number=8)).json["grade"] == "stored"


@pytest.mark.guarantee("I22")
def test_a_phone_that_sends_its_code_again_hears_what_became_of_it(gate: GateProcess) -> None:
    gate.ask(sos("cancel-0001", number=10, act="cancel", code="4711"))
    Sender(gate.run_dir, GATE).ring_all(
        [{"p": str(person(10)), "k": "cancel-0001", "g": "wrong", "by": None}]
    )

    def again(code: str) -> str:
        reply = gate.ask(sos("cancel-0001", number=10, act="cancel", code=code))
        return str(reply.json["grade"])

    assert until(lambda: again("4711") == "wrong")
    assert again("4712") == "stored"  # another code is another act: not judged yet


def test_a_silent_sos_is_answered_like_any_other_that_nobody_has_seen(gate: GateProcess) -> None:
    first = gate.ask(sos("press-0007", number=9))
    asked = gate.count("asked")
    Sender(gate.run_dir, GATE).ring_all(
        [{"p": str(person(9)), "k": "press-0007", "g": "stored", "by": None}]
    )
    assert until(lambda: gate.count("grades") > 0)

    again = gate.ask(sos("press-0007", number=9))

    assert (again.status, again.headers, again.body) == (first.status, first.headers, first.body)
    assert gate.count("asked") == asked + 1


def test_a_grade_known_after_a_restart_is_an_answer(make_gate: Callable[..., GateProcess]) -> None:
    gate = make_gate()
    gate.run_dir.mkdir(parents=True)
    bell = Listener(gate.run_dir, ENGINE)
    gate.start()

    assert until(lambda: b"hello" in bell.receive())
    Sender(gate.run_dir, GATE).ring_all(
        [{"p": str(person(1)), "k": "press-0008", "g": "there", "by": "R."}]
    )
    assert until(lambda: gate.count("grades") == 1)
    assert gate.ask(sos("press-0008")).json["grade"] == "there"
    assert gate.entries() == []


def test_a_token_that_does_not_verify_is_kept_apart(gate: GateProcess) -> None:
    n_before, n_unverified = len(gate.entries()), gate.count("unverified")

    answer = gate.ask(post(b'{"key": "press-0009"}', token(2, OTHER_KEY)))

    assert (answer.status, answer.json) == (401, {"error": "the token is not valid here"})
    assert gate.count("unverified") == n_unverified + 1
    assert len(gate.entries()) == n_before
    reader = UnverifiedReader(gate.spool_dir)
    assert until(lambda: len(reader.read(0, 10)) > 0)
    head, _, body = reader.read(0, 10)[-1].payload.partition(b"\n")
    assert json.loads(head)["person_id"] == str(person(2))
    assert body == b'{"key": "press-0009"}'


def test_a_key_that_was_rotated_in_works_at_once_and_one_taken_out_no_more(
    make_gate: Callable[..., GateProcess],
) -> None:
    gate = make_gate()
    gate.start()
    assert gate.ask(post(b'{"key": "press-0010"}', token(1))).status == 202
    assert gate.ask(post(b'{"key": "press-0011"}', token(1, OTHER_KEY))).status == 401

    write_keys(gate.keys_file, OTHER_KEY)

    assert gate.ask(post(b'{"key": "press-0012"}', token(1, OTHER_KEY))).status == 202
    assert gate.ask(post(b'{"key": "press-0013"}', token(1))).status == 401


def test_without_keys_the_gate_says_so_and_takes_them_when_they_come(
    make_gate: Callable[..., GateProcess],
) -> None:
    gate = make_gate()
    gate.keys_file.unlink()
    gate.start()
    assert gate.health()["ok"] is False
    assert gate.ask(sos("press-0014")).status == 401
    assert gate.log().count("gate.keys_unreadable") == 1

    write_keys(gate.keys_file, Ed25519PrivateKey.from_private_bytes(bytes(range(32))))

    assert gate.ask(sos("press-0014")).status == 202
    assert gate.health()["ok"] is True


def test_a_phone_can_check_in_without_an_alarm(gate: GateProcess) -> None:
    n_before = len(gate.entries())
    request = "GET /sos HTTP/1.1\r\nHost: gate\r\nAuthorization: Bearer {}\r\n\r\n"

    assert gate.ask(request.format(token(1)).encode()).json == {"ok": True}
    assert gate.ask(request.format(token(1, OTHER_KEY)).encode()).status == 401
    assert len(gate.entries()) == n_before


@pytest.mark.guarantee("I5")
def test_a_flood_from_one_device_is_folded_into_a_count_and_every_press_is_answered(
    make_gate: Callable[..., GateProcess],
) -> None:
    gate = make_gate()
    gate.start()
    with gate.client() as client:
        for n in range(20):
            assert client.ask(sos(f"press-{n:04}")).status == 202
    clients = [gate.client() for _ in range(30)]
    clients[0].send(sos("folded-000"))
    assert clients[0].receive().status == 202
    for n, client in enumerate(clients[1:-1], start=1):
        client.send(sos(f"folded-{n:03}", silent="no"))
    clients[-1].send(sos("folded-029", silent="yes"))

    answers = [client.receive() for client in clients[1:]]

    folds = [json.loads(e.payload[48:]) for e in gate.entries() if e.kind == spool.FOLD]
    assert {answer.json["grade"] for answer in answers} == {"stored"}
    assert len(gate.bodies()) == 20
    assert sum(fold["count"] for fold in folds) == 30
    assert sum(fold["sos"] for fold in folds) == 30
    assert len(folds) == 2
    assert [fold["silent"] for fold in folds] == [False, True]
    assert folds[-1]["last_key"].startswith("folded-0")
    assert gate.ask(sos("folded-007")).json["grade"] == "stored"
    assert gate.count("folded") == 30

    spool.mark_drained(gate.spool_dir, gate.entries()[-1].seq)
    gate.ask(sos("whole-again"))
    assert b"whole-again" in gate.bodies()[-1]


@pytest.mark.guarantee("I9")
def test_a_code_is_kept_whole_in_a_flood_of_presses_and_only_a_flood_of_codes_is_counted(
    make_gate: Callable[..., GateProcess],
) -> None:
    gate = make_gate()
    gate.start()
    with gate.client() as client:
        for n in range(21):
            assert client.ask(sos(f"press-{n:04}")).status == 202
        for n in range(20):
            said = sos(f"cancel-{n:04}", act="cancel", code="4711", of="press-0000")
            assert client.ask(said).status == 202
        assert len([body for body in gate.bodies() if b"4711" in body]) == 20
        assert client.ask(sos("cancel-0020", act="cancel", code="4711")).status == 202
    (of_press, of_code) = (json.loads(e.payload[48:]) for e in gate.entries() if e.kind == spool.FOLD)  # fmt: skip
    assert (of_press["sos"], of_press["count"]) == (1, 1)
    assert (of_code["sos"], of_code["count"], of_code["last_key"]) == (0, 1, "cancel-0020")


def test_a_flood_of_one_device_costs_another_nothing(
    make_gate: Callable[..., GateProcess],
) -> None:
    gate = make_gate()
    gate.start()
    with gate.client() as noisy, gate.client() as other:
        for n in range(40):
            noisy.send(sos(f"press-{n:04}", number=1))
            begun = time.monotonic()
            assert other.ask(sos(f"other-{n:04}", number=100 + n)).status == 202
            assert time.monotonic() - begun < 0.5


@pytest.mark.guarantee("I5")
def test_what_was_told_of_a_walk_answers_no_sos_under_its_key(
    make_gate: Callable[..., GateProcess],
) -> None:
    gate = make_gate()
    gate.start()
    gate.ask(sos("one-key-for-all", act="walk"))
    told = {"p": str(person(1)), "k": "one-key-for-all", "g": "ended", "by": None}
    Sender(gate.run_dir, GATE).ring_all([told])
    assert until(lambda: gate.count("grades") == 1)
    before = len(gate.bodies())
    assert gate.ask(sos("one-key-for-all")).json["grade"] == "stored"
    assert len(gate.bodies()) == before + 1
