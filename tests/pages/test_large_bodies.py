"""How large may be what a browser sends? An order's scan comes in; nothing else of its size does."""

import asyncio
import re
from typing import Any
from uuid import UUID

import pytest

from tocsin.console import asgi
from tocsin.console.asgi import MAX_BODY, PAPERS_AT_ONCE, BoundedBody
from tocsin.console.uploads import MAX_REQUEST_BYTES
from tocsin.registry.rules.paper import MAX_DOCUMENT_BYTES, MAX_PICTURE_BYTES

PAPER = "/cases/0199e000-0000-7000-8000-0000000000e1/orders/x/paper"
FORM = b"multipart/form-data; boundary=x"
SESSION = b"csrftoken=a; tocsin=" + b"0" * 31 + b"1"
MADE_UP = b"csrftoken=a; tocsin=x"


LEA, SEFA = UUID(int=1), UUID(int=2)


async def _whose(headers: dict[str, str]) -> UUID | None:
    found = re.search(r"tocsin=(\w+)", headers.get("cookie", ""))
    return UUID(found[1]) if found and len(found[1]) == 32 else None


def a_bounded() -> BoundedBody:
    return BoundedBody(_app, _whose)


def of(account: UUID) -> bytes:
    return b"csrftoken=a; tocsin=" + account.hex.encode()


async def _app(_scope: Any, receive: Any, send: Any) -> None:
    await receive()
    await send({"type": "http.response.start", "status": 200, "headers": []})


async def _said(bounded: BoundedBody, *chunks: bytes | None, late_s: float = 0, accept: bytes = b"*/*") -> tuple[Any, str]:  # fmt: skip
    """Return the start and the words of the answer to a body of these chunks; None: it is cut there."""
    answer: list[Any] = []
    left = list(chunks)

    async def receive() -> dict[str, Any]:
        await asyncio.sleep(late_s)
        chunk = left.pop(0)
        if chunk is None:
            return {"type": "http.disconnect"}
        return {"type": "http.request", "body": chunk, "more_body": bool(left)}

    async def send(message: Any) -> None:
        answer.append(message)

    scope = {"type": "http", "method": "POST", "path": "/accounts/login/", "headers": [(b"accept", accept)]}  # fmt: skip
    await bounded(scope, receive, send)
    start, *bodies = answer
    return start, b"".join(body["body"] for body in bodies).decode()


@pytest.mark.parametrize(
    ("chunks", "late_s", "status", "words", "counted"),
    [
        (
            (b"x" * MAX_BODY, b"x"),
            0,
            413,
            "This is larger than what this address takes.",
            "too_large",
        ),
        ((b"x", b"x"), 0.2, 408, "This came too slowly.", "slow"),
        ((b"x", None), 0, 400, "This was cut off on its way.", "cut"),
    ],
)
def test_what_is_not_taken_is_told_why_in_a_sentence_and_counted(
    monkeypatch: pytest.MonkeyPatch,
    chunks: tuple[bytes | None, ...],
    late_s: float,
    status: int,
    words: str,
    counted: str,
) -> None:
    monkeypatch.setattr(asgi, "BODY_WITHIN_S", 0.1)
    bounded = a_bounded()
    start, said = asyncio.run(_said(bounded, *chunks, late_s=late_s))
    headers = dict(start["headers"])
    assert start["status"] == status
    assert said.startswith(words)
    assert said.count("\n") == 2, "the second line says it in Spanish"
    assert "No se ha guardado nada" in said
    assert headers[b"content-type"].startswith(b"text/plain")
    assert headers[b"connection"] == b"close"
    assert {why: n for why, n in bounded.counts.items() if n} == {counted: 1}


def test_a_browser_gets_the_words_as_a_page_that_fits_a_telephone() -> None:
    start, said = asyncio.run(_said(a_bounded(), b"x" * MAX_BODY, b"x", accept=b"text/html"))
    assert (start["status"], dict(start["headers"])[b"content-type"]) == (413, b"text/html; charset=utf-8")  # fmt: skip
    assert "width=device-width" in said
    assert "<h1>This is larger than what this address takes. Nothing of it was kept.</h1>" in said
    assert '<h1 lang="es">Esto es más grande de lo que admite esta dirección.' in said


async def _sent(bounded: BoundedBody, size: int, path: str, kind: bytes, cookie: bytes) -> int:
    status: list[int] = []

    async def receive() -> dict[str, Any]:
        await asyncio.sleep(0)
        return {"type": "http.request", "body": bytes(size), "more_body": False}

    async def send(message: Any) -> None:
        if message["type"] == "http.response.start":
            status.append(message["status"])

    headers = [(b"content-type", kind), (b"cookie", cookie)]
    await bounded(
        {"type": "http", "method": "POST", "path": path, "headers": headers}, receive, send
    )
    return status[0]


@pytest.mark.parametrize(
    ("size", "path", "kind", "cookie", "status"),
    [
        (MAX_DOCUMENT_BYTES, PAPER, FORM, SESSION, 200),
        (MAX_DOCUMENT_BYTES + 2 * MAX_PICTURE_BYTES, "/orders/new", FORM, SESSION, 200),
        (MAX_REQUEST_BYTES + 1, PAPER, FORM, SESSION, 413),
        (MAX_BODY + 1, PAPER, FORM, b"", 413),
        (MAX_BODY + 1, PAPER, FORM, MADE_UP, 413),
        (MAX_BODY + 1, PAPER, b"text/plain", SESSION, 413),
        (MAX_BODY + 1, "/accounts/login/", FORM, SESSION, 413),
        (MAX_BODY, "/accounts/login/", FORM, b"", 200),
    ],
)
def test_only_papers_of_somebody_with_a_session_are_large(
    size: int, path: str, kind: bytes, cookie: bytes, status: int
) -> None:
    assert asyncio.run(_sent(a_bounded(), size, path, kind, cookie)) == status


def at_once(*cookies: bytes) -> list[int]:
    async def all_at_once() -> list[int]:
        bounded = a_bounded()
        return await asyncio.gather(*(_sent(bounded, 10, PAPER, FORM, each) for each in cookies))

    return asyncio.run(all_at_once())


def test_a_few_at_once_and_the_next_is_told_to_come_again() -> None:
    several = [of(UUID(int=n)) for n in range(1, PAPERS_AT_ONCE + 3)]
    assert sorted(at_once(*several)) == [200] * PAPERS_AT_ONCE + [503] * 2


@pytest.mark.guarantee("I11", "I25")
def test_nobody_holds_more_than_one_place_so_that_no_order_is_kept_out_and_none_is_seen() -> None:
    assert at_once(*[of(SEFA)] * PAPERS_AT_ONCE, of(LEA)) == [200, 503, 503, 503, 200]
    # A made-up session holds no place at all.
    assert at_once(*[MADE_UP] * 2 * PAPERS_AT_ONCE, of(LEA)) == [200] * 9
