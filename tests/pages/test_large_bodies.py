"""How large may be what a browser sends? An order's scan comes in; nothing else of its size does."""

import asyncio
from typing import Any

import pytest

from tocsin.console.asgi import MAX_BODY, PAPERS_AT_ONCE, BoundedBody
from tocsin.console.uploads import MAX_REQUEST_BYTES
from tocsin.registry.rules.paper import MAX_DOCUMENT_BYTES, MAX_PICTURE_BYTES

PAPER = "/cases/0199e000-0000-7000-8000-0000000000e1/orders/x/paper"
FORM = b"multipart/form-data; boundary=x"
SESSION = b"csrftoken=a; tocsin=b"


async def _app(_scope: Any, receive: Any, send: Any) -> None:
    await receive()
    await send({"type": "http.response.start", "status": 200, "headers": []})


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
        (MAX_BODY + 1, PAPER, b"text/plain", SESSION, 413),
        (MAX_BODY + 1, "/accounts/login/", FORM, SESSION, 413),
        (MAX_BODY, "/accounts/login/", FORM, b"", 200),
    ],
)
def test_only_papers_of_somebody_with_a_session_are_large(
    size: int, path: str, kind: bytes, cookie: bytes, status: int
) -> None:
    assert asyncio.run(_sent(BoundedBody(_app), size, path, kind, cookie)) == status


def test_a_few_at_once_and_the_next_is_told_to_come_again() -> None:
    async def all_at_once() -> list[int]:
        bounded = BoundedBody(_app)
        many = (_sent(bounded, 10, PAPER, FORM, SESSION) for _ in range(PAPERS_AT_ONCE + 2))
        return await asyncio.gather(*many)

    assert sorted(asyncio.run(all_at_once())) == [200] * PAPERS_AT_ONCE + [503] * 2
