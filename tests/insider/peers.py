"""What really leaves? Peers on every channel that write down what arrives, and read it as its receiver would."""

import asyncio
import email
import email.policy
import json
import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlsplit

from tests.channels.messages import a_subscription, opened_push
from tests.channels.peers import HttpPeer, SmtpPeer

KINDS = ("sms", "email", "webpush", "webhook")
# The secret of an answer link is letters by chance.
LINK = re.compile(r"https?://\S+")


@dataclass(frozen=True)
class Arrival:
    """One message as it arrived: `raw` is all of it, `subject` and `text` what its receiver reads."""

    kind: str
    is_work: bool
    raw: str
    subject: str
    text: str

    @property
    def words(self) -> str:
        """Return what a person reads, without links."""
        return LINK.sub("", f"{self.subject} {self.text}")


@dataclass
class Peers:
    """The other ends of four channels, on a loop of their own. An address says whether it is a work device's."""

    sms: HttpPeer = field(default_factory=HttpPeer)
    push: HttpPeer = field(default_factory=HttpPeer)
    hook: HttpPeer = field(default_factory=HttpPeer)
    mail: SmtpPeer = field(default_factory=SmtpPeer)

    def __enter__(self) -> "Peers":
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        for peer in (self.sms, self.push, self.hook, self.mail):
            asyncio.run_coroutine_threadsafe(peer.start(), self._loop).result(5)
        return self

    def __exit__(self, *_problem: object) -> None:
        for peer in (self.sms, self.push, self.hook, self.mail):
            asyncio.run_coroutine_threadsafe(peer.stop(), self._loop).result(5)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)

    def address(self, kind: str, number: int, *, is_work: bool) -> str:
        """Return an address of this channel that leads here."""
        mark = "job" if is_work else "own"
        return {
            "sms": f"+1312555{7 if is_work else 8}{number:03d}",
            "email": f"{mark}{number}@example.org",
            "webhook": f"{self.hook.url}/{mark}/{number}",
            "webpush": a_subscription(f"http://127.0.0.1:{self.push.port}/{mark}/{number}"),
        }[kind]

    def arrivals(self) -> Iterator[Arrival]:
        """Yield everything that has arrived so far."""
        for request in list(self.sms.requests):
            form = {name: each[0] for name, each in parse_qs(request.body.decode()).items()}
            is_work = not form["To"].startswith("+13125558")
            yield Arrival("sms", is_work, str((request, form)), "", form["Body"])
        for request in list(self.push.requests):
            said = opened_push(request.body)
            # The headers are what the push service reads.
            raw = str((request.path, request.headers, said))
            yield Arrival("webpush", "/job/" in request.path, raw, said["title"], said["body"])
        for request in list(self.hook.requests):
            body = json.loads(request.body)
            raw = str((request.path, request.headers, body))
            is_work = "/job/" in urlsplit(request.path).path
            yield Arrival("webhook", is_work, raw, body["subject"], body["text"])
        for mail in list(self.mail.mails):
            read = email.message_from_bytes(mail, policy=email.policy.default)
            parts = [each.get_content() for each in read.walk() if not each.is_multipart()]
            raw = "\n".join([mail.decode("utf-8", "replace"), str(read.items()), *parts])
            yield Arrival("email", "job" in str(read["To"]), raw, str(read["Subject"]), "\n".join(parts))  # fmt: skip
