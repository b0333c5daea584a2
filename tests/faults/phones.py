"""How does a phone press? It keeps its key and sends again, over and over, until it hears *stored*."""

import http.client
import json
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

AGAIN_S = 0.1


@dataclass(slots=True)
class Pressed:
    """One press: by whom, when first sent and when answered *stored* (monotonic), and what else was answered."""

    number: int
    key: str
    sent_at: float
    stored_at: float = 0.0
    other_statuses: tuple[int, ...] = ()
    tries: int = 0


class Phones:
    """Phones of everybody with a token, numbered from 0."""

    def __init__(self, port: int, tokens: Sequence[str]) -> None:
        self._port, self.tokens = port, list(tokens)
        self._local = threading.local()
        self._count = 0
        self._lock = threading.Lock()

    def new_key(self, word: str = "key") -> str:
        """Return a key that nobody has used."""
        with self._lock:
            self._count += 1
            return f"{word}-{self._count:06d}"

    def press(self, number: int, *, key: str = "", within_s: float = 60.0, **more: Any) -> Pressed:
        """Press, and send again until it is stored."""
        pressed = Pressed(number, key or self.new_key(), time.monotonic())
        body = json.dumps({"key": pressed.key, **more}).encode()
        while True:
            status = self.send_once(number, body)
            pressed.tries += 1
            if status == 202:
                pressed.stored_at = time.monotonic()
                return pressed
            if status:
                pressed.other_statuses += (status,)
            if time.monotonic() - pressed.sent_at > within_s:
                raise AssertionError(f"{pressed} was not stored within {within_s} s")
            time.sleep(AGAIN_S)

    def send_once(self, number: int, body: bytes) -> int:
        """Return the status that one request got, 0 if none."""
        conn = getattr(self._local, "conn", None)
        if conn is None:
            conn = self._local.conn = http.client.HTTPConnection("127.0.0.1", self._port, timeout=5)
        headers = {"Authorization": f"Bearer {self.tokens[number]}"}
        try:
            conn.request("POST", "/sos", body, headers)
            answer = conn.getresponse()
            answer.read()
        except (OSError, http.client.HTTPException):
            conn.close()
            return 0
        return int(answer.status)

    @contextmanager
    def pressing(
        self, numbers: Sequence[int], *, at_once: int = 16, every_s: float = 0.0
    ) -> Iterator[list[Future[Pressed]]]:
        """Press for each of these people, over `at_once` connections, while the block runs, and to its end."""
        with ThreadPoolExecutor(at_once) as pool:
            found: list[Future[Pressed]] = []
            feeder = threading.Thread(target=self._feed, args=(pool, found, numbers, every_s))
            feeder.start()
            yield found
            feeder.join()

    def _feed(
        self,
        pool: ThreadPoolExecutor,
        found: list[Future[Pressed]],
        numbers: Sequence[int],
        every_s: float,
    ) -> None:
        for number in numbers:
            found.append(pool.submit(self.press, number))
            time.sleep(every_s)
