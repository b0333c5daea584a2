"""Which door is this request for? Paths, methods, and how the gate itself is."""

import json
from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

from tocsin.gate.inbound import PREFIX, InboundDoor
from tocsin.gate.messages import Request, Respond, Response, error
from tocsin.gate.sos import SosDoor

_PREFLIGHT: Final = Response(200, is_preflight=True)


class Doors:
    """The doors of the gate, as `DOORS` lists them."""

    def __init__(
        self, sos: SosDoor, inbound: InboundDoor, health: Callable[[], Mapping[str, object]]
    ) -> None:
        """`health` is what `GET /health` shows: whether it works, and nothing of what is pressed."""
        self._sos, self._inbound, self._health = sos, inbound, health

    def answer(self, request: Request, respond: Respond) -> None:
        """Hand the request to its door."""
        path = request.path
        door = DOORS.get(PREFIX if path.startswith(PREFIX) else path)
        if door is not None and request.method in door.methods:
            door.answer(self, request, respond)
        elif request.method == b"OPTIONS":
            respond(_PREFLIGHT)
        elif request.method == b"HEAD":
            respond(Response(405))
        elif door is not None:
            respond(error(405, "this address takes another method"))
        else:
            respond(error(404, "no such address"))

    def to_sos(self, request: Request, respond: Respond) -> None:
        """Take what a phone sends."""
        self._sos.answer(request, respond)

    def to_inbound(self, request: Request, respond: Respond) -> None:
        """Take what a gateway brings."""
        self._inbound.answer(request, respond)

    def to_health(self, _request: Request, respond: Respond) -> None:
        """Say whether the gate works."""
        respond(Response(200, json.dumps(self._health()).encode()))


class Door(NamedTuple):
    """One door: the methods that it takes, and who answers."""

    methods: frozenset[bytes]
    answer: Callable[[Doors, Request, Respond], None]


# Every address of the gate; what ends in "/" stands for all below it. The test of the doors asks each of them.
DOORS: Final[Mapping[str, Door]] = {
    "/sos": Door(frozenset({b"POST", b"GET"}), Doors.to_sos),
    PREFIX: Door(frozenset({b"POST", b"GET"}), Doors.to_inbound),
    "/health": Door(frozenset({b"GET"}), Doors.to_health),
}
