"""What does a door of the gate get, and what does it give back? One request, and its answer as bytes."""

from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final, NamedTuple

JSON: Final = b"application/json"
XML: Final = b"text/xml; charset=utf-8"

_STATUS: Final = {s.value: f"HTTP/1.1 {s.value} {s.phrase}\r\n".encode() for s in HTTPStatus}
# `*`: the page of any host may send an SOS here; what proves the sender is the token, no cookie.
_COMMON: Final = b"Access-Control-Allow-Origin: *\r\nCache-Control: no-store\r\nContent-Type: "
_PREFLIGHT: Final = (
    b"Access-Control-Allow-Methods: GET, POST\r\n"
    b"Access-Control-Allow-Headers: Authorization, Content-Type\r\n"
    b"Access-Control-Allow-Private-Network: true\r\n"
    b"Access-Control-Max-Age: 86400\r\n"
)
_CLOSE: Final = b"\r\nConnection: close\r\n\r\n"
_KEEP: Final = b"\r\nConnection: keep-alive\r\n\r\n"


class Response(NamedTuple):
    """An answer; `is_last` ends the connection; `is_known`: a token or a signature has proved who asks."""

    status: int
    body: bytes = b""
    kind: bytes = JSON
    is_last: bool = False
    is_preflight: bool = False
    is_known: bool = False


Respond = Callable[[Response], None]


@dataclass(slots=True)
class Request:
    """One whole request; header names are lower case, and only those that a door needs are kept.

    `is_strangers`: what this connection asked last proved nobody.
    """

    method: bytes
    target: str
    headers: dict[bytes, bytes]
    body: bytes
    is_last: bool
    is_awaited: Callable[[], bool] = lambda: True
    is_strangers: bool = False

    @property
    def path(self) -> str:
        """Return the target without its query."""
        return self.target.partition("?")[0]

    @property
    def query(self) -> str:
        """Return the query as it came, "" without one."""
        return self.target.partition("?")[2]


def error(status: int, because: str, *, is_last: bool = False) -> Response:
    """Return a short answer that says what was wrong; `because` holds no quotes."""
    return Response(status, b'{"error":"%s"}' % because.encode("ascii", "replace"), is_last=is_last)


def as_bytes(response: Response, *, is_last: bool) -> bytes:
    """Return an answer as it is sent; `is_last`: it says that the connection ends with it."""
    return b"".join(
        (
            _STATUS[response.status],
            _COMMON,
            response.kind,
            b"\r\n",
            _PREFLIGHT if response.is_preflight else b"",
            b"Content-Length: %d" % len(response.body),
            _CLOSE if is_last else _KEEP,
            response.body,
        )
    )
