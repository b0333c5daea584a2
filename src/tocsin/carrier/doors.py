"""Which request goes where? To a provider, to a page, or to the JSON for tests and the story."""

import json
from collections.abc import Awaitable, Callable
from typing import Final
from urllib.parse import quote, urlsplit

from tocsin.carrier import pages
from tocsin.carrier.boxes import Boxes, Item
from tocsin.carrier.http import Request, Response
from tocsin.carrier.moods import Moods
from tocsin.carrier.outgoing import Outgoing
from tocsin.carrier.providers import Providers

REPLY_MAX_CHARS: Final = 500
JSON: Final = "application/json"
Door = Callable[[Request], Awaitable[Response]]


class Doors:
    """Every door of the carrier."""

    def __init__(self, boxes: Boxes, mood: Moods, outgoing: Outgoing) -> None:
        """Put the doors together."""
        self._boxes, self._moods, self._outgoing = boxes, mood, outgoing
        self._providers = Providers(boxes, mood, outgoing)
        self._doors: dict[tuple[str, str], Door] = {
            ("GET", "/"): self._list,
            ("GET", "/style.css"): self._style,
            ("GET", "/box"): self._box,
            ("GET", "/messages-of"): self._messages_of,
            ("POST", "/answer"): self._answer,
            ("GET", "/messages"): self._messages,
            ("GET", "/boxes"): self._every,
            ("POST", "/reply"): self._reply,
            ("POST", "/fail"): self._fail,
            ("GET", "/health"): self._health,
        }

    async def answer(self, request: Request) -> Response | None:
        """Answer any request; None cuts the line."""
        try:
            provider = self._providers.name_of(request.path)
            if provider is not None:
                return await self._providers.answer(provider, request)
            door = self._doors.get((request.method, request.path))
            if door is None:
                return Response(404, b"no such page")
            if request.method == "POST" and _is_from_elsewhere(request):
                return Response(403, b"this came from another site")
            return await door(request)
        except ValueError as problem:
            return Response(400, str(problem).encode("utf-8", "replace"))

    # --- pages ---------------------------------------------------------------------------------

    async def _list(self, request: Request) -> Response:
        del request
        return pages.list_page(self._boxes.every(), self._moods.every())

    async def _style(self, request: Request) -> Response:
        del request
        return pages.style()

    async def _box(self, request: Request) -> Response:
        return pages.box_page(self._boxes.read(_named(request.query, "of")))

    async def _messages_of(self, request: Request) -> Response:
        return pages.messages_page(self._boxes.read(_named(request.query, "of")))

    async def _answer(self, request: Request) -> Response:
        form = request.form()
        name = _named(form, "of")
        await self._outgoing.reply(name, _named(form, "text")[:REPLY_MAX_CHARS])
        page = "/messages-of" if form.get("frame") else "/box"
        where = f"{page}?of={quote(name, safe='')}"
        return Response(303, headers=(("Location", where), *pages.HEADERS))

    # --- JSON for tests and the story ------------------------------------------------------------

    async def _messages(self, request: Request) -> Response:
        number = int(request.query.get("after", "0"))
        wait_s = float(request.query.get("wait", "0"))
        found = await self._boxes.after(request.query.get("to", ""), number, wait_s=wait_s)
        return _json(200, {"messages": [_told(item) for item in found]})

    async def _every(self, request: Request) -> Response:
        del request
        told = [
            {"of": box.name, "kind": box.kind, "unread": box.unread, "messages": len(box.items)}
            for box in self._boxes.every()
        ]
        return _json(200, {"boxes": told})

    async def _reply(self, request: Request) -> Response:
        said = _object(request)
        sent = await self._outgoing.reply(
            _named(said, "from"),
            _named(said, "text")[:REPLY_MAX_CHARS],
            gateway=said.get("gateway", ""),
        )
        status = 200 if sent.is_taken else 502
        return _json(status, {"ok": sent.is_taken, "outcome": sent.outcome})

    async def _fail(self, request: Request) -> Response:
        said = _object(request)
        await self._moods.set(_named(said, "provider"), _named(said, "mode"))
        return _json(200, {"modes": self._moods.every()})

    async def _health(self, request: Request) -> Response:
        del request
        return _json(200, {"ok": True, "modes": self._moods.every()})


def _named(fields: dict[str, str], name: str) -> str:
    value = fields.get(name, "").strip()
    if not value:
        message = f"{name} is missing"
        raise ValueError(message)
    return value


def _object(request: Request) -> dict[str, str]:
    try:
        said = json.loads(request.body)
    except RecursionError:
        said = None
    if not isinstance(said, dict):
        message = "this takes a JSON object"
        raise ValueError(message)  # noqa: TRY004 - the sender's mistake, not ours
    return {str(name): str(value) for name, value in said.items()}


def _is_from_elsewhere(request: Request) -> bool:
    """Return whether a page of another site makes the browser send this."""
    origin = request.headers.get("origin")
    return origin is not None and urlsplit(origin).netloc != request.headers.get("host")


def _told(item: Item) -> dict[str, object]:
    return {
        "number": item.number,
        "at": item.at.isoformat(),
        "to": item.box,
        "provider": item.provider,
        "from": item.sender,
        "subject": item.subject,
        "text": item.text,
        "id": item.id,
        "reference": item.reference,
        "times": item.times,
        "is_reply": item.is_reply,
        "outcome": item.outcome,
        "links": item.links,
        "code": item.code,
    }


def _json(status: int, value: object) -> Response:
    return Response(status, json.dumps(value).encode(), JSON)
