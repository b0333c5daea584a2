"""What does this connection ask, and properly? HTTP/1.1 with bounds in bytes and seconds.

Parsing is llhttp's (httptools), strict; this file only bounds it. One request of a connection is
answered before the next is looked at. What a connection sends first, or after an answer that proved
who asks, is looked at as it comes in; all else waits its turn, a few connections at a time: thousands
that ask thousands of things, or one thing with thousands of headers, hold up nobody. A request that
breaks a rule gets one short answer and the connection ends.
"""

import asyncio
from collections import Counter, deque
from collections.abc import Callable
from typing import Final, cast

import httptools

from tocsin.gate import journal, limits
from tocsin.gate.messages import Request, Respond, Response, as_bytes, error

_KEPT_HEADERS: Final = frozenset(
    {
        b"authorization",
        b"content-type",
        b"content-length",
        b"transfer-encoding",
        b"expect",
        b"x-twilio-signature",
        b"x-tocsin-signature",
        b"x-tocsin-secret",
    }
)
_AROUND_HEADER: Final = len(b": \r\n")
_LAST_HEAD: Final = b" HTTP/1.1\r\nConnection: close\r\n"
_VERSIONS: Final = frozenset({"1.0", "1.1"})
_LARGE_HEAD: Final = error(431, "the request line and headers are too large")
_NOT_HTTP: Final = error(400, "this is not a well-formed HTTP request")


class Connections:
    """All open connections, so that they can be bounded, timed and ended."""

    def __init__(
        self, answer: Callable[[Request, Respond], None], counts: Counter[str], most: int
    ) -> None:
        """`answer` is called with each request and how to respond; `most` may be open at once."""
        self.answer, self.counts, self._most = answer, counts, most
        self.open: dict[Connection, None] = {}
        # One for all: what came in is taken out of it before the next connection's comes in.
        self.buffer = bytearray(limits.AHEAD_BYTES)
        self._waiting: deque[Connection] = deque()
        self._is_turning = False

    def make(self) -> "Connection":
        """Return the protocol of a new connection."""
        return Connection(self)

    def add(self, connection: "Connection") -> None:
        """Count a new connection in, pushing out the oldest that nobody waits at when there are too many."""
        if len(self.open) >= self._most:
            oldest = next((c for c in self.open if not c.is_busy or c.has_left), connection)
            self.counts["pushed_out"] += 1
            oldest.abort()
        self.open[connection] = None

    def queue(self, connection: "Connection") -> None:
        """Let a connection have its turn after those that wait already."""
        self._waiting.append(connection)
        if not self._is_turning:
            self._is_turning = True
            asyncio.get_running_loop().call_soon(self._take_turns)

    def _take_turns(self) -> None:
        # Then whatever came in meanwhile: who waits here must not hold up who does not. The pause is for the threads that
        # check a token and store a press: beside a loop that is never idle they wait 5 ms for each step.
        for _ in range(min(limits.TURNS_AT_ONCE, len(self._waiting))):
            self._waiting.popleft().take_turn()
        self._is_turning = bool(self._waiting)
        if self._is_turning:
            asyncio.get_running_loop().call_later(limits.TURNS_PAUSE_S, self._take_turns)

    def sweep(self, now: float) -> None:
        """End the connections whose time is up."""
        for connection in [c for c in self.open if c.deadline <= now]:
            connection.time_out()

    def finish(self) -> bool:
        """End the connections that have nothing under way; return whether none is left."""
        for connection in [c for c in self.open if not (c.is_busy or c.is_waiting)]:
            connection.close()
        return not self.open


class Connection(asyncio.BufferedProtocol):
    """One connection: bytes in, requests out, answers back in order."""

    def __init__(self, connections: Connections) -> None:
        """Belong to `connections`."""
        self._all = connections
        self._now = asyncio.get_running_loop().time
        self._parser = httptools.HttpRequestParser(self)
        self._transport: asyncio.Transport
        self._soon = asyncio.get_running_loop().call_soon
        self._unread = b""
        self._requests: deque[Request] = deque()
        self._refusal: Response | None = None
        self.is_busy = self.is_waiting = self.has_left = False
        self._is_last = self._is_ending = self._is_advancing = self._is_strangers = False
        self._at_once, self._may_ask_leave = limits.AT_ONCE_BYTES, True
        self._n_head = self._n_unended = 0
        self._phase: float | None = limits.HEAD_S
        self.deadline = self._now() + limits.HEAD_S
        self._forget_request()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Be counted."""
        self._transport = cast("asyncio.Transport", transport)
        self._all.add(self)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's signature
        """Be forgotten; what was handed to a door is stored all the same (`LEFT_KEPT`)."""
        self._is_ending = True
        self._forget_asked()
        self._all.open.pop(self, None)

    def pause_writing(self) -> None:
        """Give up on a client that asks and asks and reads none of the answers."""
        self._all.counts["not_reading"] += 1
        self.abort()

    def eof_received(self) -> bool:
        """Stay open for the answers that are due, if any are."""
        self.has_left = True
        return self.is_busy or self.is_waiting

    def _is_awaited(self) -> bool:
        return not (self.has_left or self._is_ending)

    def get_buffer(self, sizehint: int) -> bytearray:  # noqa: ARG002 - asyncio's signature
        """Return where what comes in is put."""
        return self._all.buffer

    def buffer_updated(self, nbytes: int) -> None:
        """Take what came in; after the last answer it is thrown away."""
        if not (self._is_ending or self._refusal):
            self._unread += self._all.buffer[:nbytes]
            if self._at_once > 0 and not self.is_waiting:
                self._advance()
            else:
                self._go_on()

    def take_turn(self) -> None:
        """Look on at what came in before; nobody behind it loses a turn for what it sent."""
        self.is_waiting = False
        try:
            self._advance()
        except Exception as problem:
            journal.error("gate.request_broken", problem=repr(problem))
            self._all.counts["broken"] += 1
            self.abort()

    def close(self) -> None:
        """End when the answers that are written are sent."""
        self._is_ending = True
        self._transport.close()

    def abort(self) -> None:
        """End at once."""
        self._is_ending = True
        self._transport.abort()
        self._all.open.pop(self, None)

    def time_out(self) -> None:
        """End, with an answer if a request has begun to come in; unless it is we who are slow."""
        if self.is_waiting and not self._is_ending:
            self.deadline = self._now() + limits.HEAD_S
            return
        if self._is_ending or self.is_busy or not (self._in_head or self._in_body):
            self.abort()
            return
        self._refuse("slow", error(408, "the request came too slowly"))
        self._advance()

    def respond(self, response: Response) -> None:
        """Send the answer to the request under way; the next one has to wait its turn."""
        self.is_busy = False
        if not self._is_ending:
            self._heed(response)
            is_over = self.has_left and not self._is_left()
            self._send(response, is_last=response.is_last or self._is_last or is_over)
            self._go_on()

    def _heed(self, response: Response) -> None:
        """Note whether the answer proved who asks. That a browser asks for leave before a press says nothing, once."""
        is_leave = response.is_preflight and self._may_ask_leave
        self._may_ask_leave = response.is_known
        if not is_leave:
            self._is_strangers = not response.is_known
            self._at_once = limits.AT_ONCE_BYTES if response.is_known else 0

    def _feed(self, data: bytes) -> None:
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade as offer:
            self._feed_without_upgrade(data[offer.args[0] :])
        except httptools.HttpParserError:
            self._refuse("malformed", _NOT_HTTP)
        if self._in_head:
            self._n_unended += len(data)
            # The first slice may have held the end of another request, too.
            if self._n_unended > limits.HEAD_BYTES + limits.SLICE_BYTES:
                self._refuse("too_large", _LARGE_HEAD)

    def _feed_without_upgrade(self, rest: bytes) -> None:
        """Take the request as if it had not offered another protocol (Java and curl offer h2c)."""
        method = self._parser.get_method()
        if method == b"CONNECT":
            self._refuse("malformed", _NOT_HTTP)
            return
        headers = b"".join(b"%s: %s\r\n" % header for header in self._headers.items())
        target = self._target
        self._forget_request()
        self._parser = httptools.HttpRequestParser(self)
        self._feed(method + b" " + target + _LAST_HEAD + headers + b"\r\n" + rest)

    def _refuse(self, name: str, response: Response) -> None:
        if self._refusal is None:
            self._all.counts[name] += 1
            self._refusal = response

    def _advance(self) -> None:
        """Look at so many bytes at the most, and answer what is asked next; what is left has to wait."""
        self._is_advancing, has_answered = True, False
        most = self._at_once if self._at_once > 0 else limits.TURN_BYTES
        while not (self.is_busy or self._is_ending or has_answered):
            if self._requests:
                request = self._requests.popleft()
                self.is_busy, self._is_last = True, self._is_last or request.is_last
                has_answered, request.is_strangers = True, self._is_strangers
                self._answer(request)
            elif self._refusal:
                self._send(self._refusal, is_last=True)
            elif self._unread and most > 0:
                following = self._next_slice()
                most -= len(following)
                self._at_once -= len(following)
                self._feed(following)
            else:
                break
        self._is_advancing = False
        self._go_on()

    def _go_on(self) -> None:
        """Wait for the next turn if anything is left; end if nothing is, and nothing more can come."""
        if self._is_advancing or self._is_ending:
            return
        if not self.is_busy:
            if self._is_left():
                self._wait()
            elif self.has_left:
                self.close()
        self._mind_time()

    def _is_left(self) -> bool:
        return bool(self._requests or self._refusal or self._unread)

    def _wait(self) -> None:
        if self.is_waiting:
            return
        self.is_waiting = True
        if self._at_once > 0:
            self._soon(self.take_turn)
        else:
            self._all.queue(self)

    def _next_slice(self) -> bytes:
        end = limits.SLICE_BYTES
        following, self._unread = self._unread[:end], self._unread[end:]
        return following

    def _answer(self, request: Request) -> None:
        try:
            self._all.answer(request, self.respond)
        except Exception as problem:
            journal.error("gate.request_broken", problem=repr(problem))
            self._all.counts["broken"] += 1
            if self.is_busy:
                self.respond(error(500, "this request could not be handled", is_last=True))

    def _mind_time(self) -> None:
        if self._is_ending:
            return
        phase = limits.IDLE_S
        if self.is_busy:
            phase = limits.BUSY_S
        elif self._in_body:
            phase = limits.BODY_S
        elif self._in_head:
            phase = limits.HEAD_S
        if phase != self._phase:
            self._phase, self.deadline = phase, self._now() + phase
        self._read_on(is_wanted=not self._unread)

    def _read_on(self, *, is_wanted: bool) -> None:
        # Where nothing more can come, to ask for it would only bring the end once more.
        if self.has_left or self._transport.is_closing() or is_wanted == self._transport.is_reading():  # fmt: skip
            return
        if is_wanted:
            self._transport.resume_reading()
        else:
            self._transport.pause_reading()

    def _send(self, response: Response, *, is_last: bool) -> None:
        self._transport.write(as_bytes(response, is_last=is_last))
        if is_last:
            self._end()

    def _end(self) -> None:
        self._is_ending = True
        self._forget_asked()
        if self._refusal is None or self.has_left:
            self._transport.close()
            return
        # Closing on bytes that are still coming in would reset the connection, and the answer with it.
        self.deadline = self._now() + limits.LINGER_S
        self._read_on(is_wanted=True)
        if self._transport.can_write_eof():
            self._transport.write_eof()

    def _forget_asked(self) -> None:
        self._requests.clear()
        self._unread = b""

    # llhttp calls these.

    def _forget_request(self) -> None:
        self._target = b""
        self._headers: dict[bytes, bytes] = {}
        self._body = bytearray()
        self._in_head = self._in_body = False
        self._limit = limits.BODY_BYTES

    def on_message_begin(self) -> None:
        """Begin a request."""
        self._in_head, self._n_head, self._n_unended = True, 0, 0

    def on_url(self, url: bytes) -> None:
        """Take a piece of the target."""
        self._target += url
        self._n_head += len(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        """Keep the headers that a door needs; a trailer is not a header."""
        self._n_head += len(name) + len(value) + _AROUND_HEADER
        name = name.lower()
        if self._in_body or name not in _KEPT_HEADERS:
            return
        if name in self._headers:
            self._refuse("malformed", error(400, f"header {name.decode()} stands there twice"))
        self._headers[name] = value

    def on_headers_complete(self) -> None:
        """Refuse what announces itself as too large; let others go on."""
        self._in_head, self._in_body = False, True
        if self._target.startswith(b"/in/"):
            self._limit = limits.INBOUND_BYTES
        if self._n_head > limits.HEAD_BYTES:
            self._refuse("too_large", _LARGE_HEAD)
        elif int(self._headers.get(b"content-length", b"0")) > self._limit:
            self._refuse_body()
        elif b"expect" in self._headers and not self.is_busy and not self._is_ending:
            self._transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")

    def on_body(self, body: bytes) -> None:
        """Keep a piece of the body, up to the limit."""
        if len(self._body) + len(body) > self._limit:
            self._refuse_body()
        elif not self._refusal:
            self._body += body

    def on_message_complete(self) -> None:
        """Queue the request."""
        if not self._refusal:
            parser = self._parser
            if parser.get_http_version() not in _VERSIONS:
                self._refuse("malformed", _NOT_HTTP)
                return
            if parser.should_upgrade():
                # llhttp stops here: what follows is the body, or another protocol. See above.
                return
            target, body = self._target.decode("latin-1"), bytes(self._body)
            is_last = not parser.should_keep_alive()
            request = Request(
                parser.get_method(), target, self._headers, body, is_last, self._is_awaited
            )
            self._requests.append(request)
        self._forget_request()
        self._phase = None

    def _refuse_body(self) -> None:
        self._refuse("too_large", error(413, f"the body is larger than {self._limit} bytes"))
