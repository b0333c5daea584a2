"""Does a ring arrive, and does nothing break when nobody listens?"""

import json
from pathlib import Path

from tocsin.runtime.doorbell import ENGINE, GATE, MAX_BYTES, Listener, Sender


def test_a_ring_arrives_at_once(tmp_path: Path) -> None:
    listener, sender = Listener(tmp_path, ENGINE), Sender(tmp_path, ENGINE)

    assert sender.ring(b"spool")
    assert sender.ring(b"hello")
    assert listener.receive() == [b"spool", b"hello"]
    assert listener.receive() == []


def test_ringing_where_nobody_listens_is_no_error(tmp_path: Path) -> None:
    sender = Sender(tmp_path, ENGINE)

    assert sender.ring(b"spool") is False


def test_a_sender_finds_a_listener_that_came_again(tmp_path: Path) -> None:
    sender = Sender(tmp_path, ENGINE)
    Listener(tmp_path, ENGINE).close()
    assert sender.ring(b"lost") is False

    listener = Listener(tmp_path, ENGINE)

    assert sender.ring(b"spool")
    assert listener.receive() == [b"spool"]


def test_a_listener_takes_over_from_one_that_was_killed(tmp_path: Path) -> None:
    killed = Listener(tmp_path, ENGINE)
    successor = Listener(tmp_path, ENGINE)

    killed.close()

    assert Sender(tmp_path, ENGINE).ring(b"spool")
    assert successor.receive() == [b"spool"]


def test_a_full_queue_never_blocks_and_is_told(tmp_path: Path) -> None:
    listener, sender = Listener(tmp_path, ENGINE), Sender(tmp_path, ENGINE)

    taken = [sender.ring(b"spool") for _ in range(1000)]

    assert taken[0] is True
    assert taken[-1] is False
    assert len(listener.receive(limit=1000)) == taken.count(True)


def test_a_folder_deeper_than_a_socket_path_may_be_works(tmp_path: Path) -> None:
    deep = tmp_path / ("x" * 100) / ("y" * 100)
    deep.mkdir(parents=True)
    listener = Listener(deep, GATE)

    assert Sender(deep, GATE).ring(b"[]")
    assert listener.receive() == [b"[]"]


def test_many_grades_go_in_several_whole_messages(tmp_path: Path) -> None:
    listener = Listener(tmp_path, GATE)
    grades = [
        {"p": "018f0000-0000-7000-8000-0000000000b2", "k": f"key-{n:04}", "g": "sent", "by": None}
        for n in range(800)
    ]

    assert Sender(tmp_path, GATE).ring_all(grades)

    messages = listener.receive()
    assert [grade for message in messages for grade in json.loads(message)] == grades
    assert len(messages) > 1
    assert max(map(len, messages)) <= MAX_BYTES
