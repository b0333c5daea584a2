"""What is answered to a gateway that brings a text? Verified, on disk, then 200."""

import hashlib
import json
from collections import Counter
from collections.abc import Sequence
from functools import partial
from typing import Final

from tocsin.gate import limits
from tocsin.gate.committer import Committer
from tocsin.gate.gateways import is_genuine
from tocsin.gate.messages import XML, Request, Respond, Response, error
from tocsin.gate.remembered import Remembered
from tocsin.runtime import spool
from tocsin.runtime.clock import wall_ns
from tocsin.runtime.settings import Gateway, Settings

PREFIX: Final = "/in/"

_EMPTY: Final = b'<?xml version="1.0" encoding="UTF-8"?><Response></Response>'
_TWIML: Final = Response(200, _EMPTY, XML, is_known=True)
_TAKEN: Final = Response(200, b'{"grade":"stored"}', is_known=True)
_NAME_CHARS: Final = 64


class InboundDoor:
    """Hands on the raw bytes of what a gateway signed; what they mean is the engine's to judge."""

    def __init__(
        self, settings: Settings, committer: Committer, remembered: Remembered, counts: Counter[str]
    ) -> None:
        """Know the gateways and our public addresses from `settings`."""
        self._gateways = {gateway.name: gateway for gateway in settings.gateways}
        self._bases: Sequence[str] = settings.gate_urls
        self._committer, self._remembered, self._counts = committer, remembered, counts

    def answer(self, request: Request, respond: Respond) -> None:
        """Respond now to what does not verify or is known, else when it is on disk."""
        name = request.path.removeprefix(PREFIX)
        gateway = self._gateways.get(name)
        now_s = wall_ns() / 1e9
        if gateway is None or not is_genuine(gateway, request, bases=self._bases, now_s=now_s):
            respond(self._stranger(request, name, "gateway" if gateway is None else "signature"))
            return
        mark = _mark(gateway, request)
        taken = partial(self._settled, gateway, respond)
        if mark is not None and self._remembered.is_stored(mark):
            self._counts["asked"] += 1
            respond(_thanks(gateway))
        elif mark is None:
            self._committer.put(
                spool.INBOUND, _payload(gateway, request), lambda n: taken(n is not None)
            )
        elif self._remembered.wait(mark, taken):
            self._committer.put(
                spool.INBOUND,
                _payload(gateway, request),
                lambda n: self._remembered.settle([mark], is_stored=n is not None),
            )

    def _settled(self, gateway: Gateway, respond: Respond, is_stored: bool) -> None:  # noqa: FBT001 - Answer's
        self._counts["inbound" if is_stored else "not_stored"] += 1
        respond(_thanks(gateway) if is_stored else error(507, "not stored"))

    def _stranger(self, request: Request, name: str, because: str) -> Response:
        self._counts["unverified"] += 1
        head = {"path": PREFIX, "because": because, "gateway": name[:_NAME_CHARS]}
        text = request.body or request.query.encode("latin-1")
        payload = json.dumps(head).encode() + b"\n" + text[: limits.UNVERIFIED_BODY]
        self._committer.put_unverified(spool.INBOUND, payload)
        return error(403, "this does not prove to be from a gateway known here")


def _mark(gateway: Gateway, request: Request) -> bytes | None:
    """Return what makes a signed call the same as an earlier one (a retry, a replay), else None."""
    signature = request.headers.get(b"x-twilio-signature") or request.headers.get(
        b"x-tocsin-signature"
    )
    if not signature:
        return None
    digest = hashlib.blake2b(gateway.name.encode() + b"\n" + signature + b"\n")
    digest.update(request.target.encode("latin-1") + b"\n" + request.body)
    return digest.digest()


def _payload(gateway: Gateway, request: Request) -> bytes:
    # Our own signature covers the query of a GET only: what is not signed is not handed on.
    is_signed = request.method == b"GET" or gateway.kind == "twilio"
    head = {
        "gateway": gateway.name,
        "method": request.method.decode("ascii"),
        "path": request.path,
        "query": request.query if is_signed else "",
        "headers": {"content-type": request.headers.get(b"content-type", b"").decode("latin-1")},
    }
    return json.dumps(head).encode() + b"\n" + request.body


def _thanks(gateway: Gateway) -> Response:
    return _TWIML if gateway.kind == "twilio" else _TAKEN
