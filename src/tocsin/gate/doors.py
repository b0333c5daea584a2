"""Which door is this request for? Paths, methods, and how the gate itself is."""

import json
from collections.abc import Callable, Mapping
from typing import Final

from tocsin.gate.http import Request, Respond, Response, error
from tocsin.gate.inbound import PREFIX, InboundDoor
from tocsin.gate.sos import SosDoor

_PREFLIGHT: Final = Response(200, is_preflight=True)


class Doors:
    """The paths of the gate: `/sos`, `/in/<gateway>`, `/health`."""

    def __init__(
        self, sos: SosDoor, inbound: InboundDoor, health: Callable[[], Mapping[str, object]]
    ) -> None:
        """`health` is what `GET /health` shows: whether it works, and nothing of what is pressed."""
        self._sos, self._inbound, self._health = sos, inbound, health

    def answer(self, request: Request, respond: Respond) -> None:
        """Hand the request to its door."""
        path = request.path
        if path == "/sos" and request.method in {b"POST", b"GET"}:
            self._sos.answer(request, respond)
        elif request.method in {b"POST", b"GET"} and path.startswith(PREFIX):
            self._inbound.answer(request, respond)
        elif request.method == b"OPTIONS":
            respond(_PREFLIGHT)
        elif request.method == b"GET" and path == "/health":
            respond(Response(200, json.dumps(self._health()).encode()))
        elif request.method == b"HEAD":
            respond(Response(405))
        elif path in {"/sos", "/health"} or path.startswith(PREFIX):
            respond(error(405, "this address takes another method"))
        else:
            respond(error(404, "no such address"))
