"""How do the providers look from outside? As the real ones do: Twilio, Kannel, a webhook's end.

They check the account's name and password, answer as documented and send receipts.
"""

import hmac
import json
import re
from base64 import b64decode
from typing import Final
from urllib.parse import quote

from tocsin.carrier import moods
from tocsin.carrier.boxes import Boxes, Item, an_item
from tocsin.carrier.http import Request, Response
from tocsin.carrier.moods import Moods
from tocsin.carrier.outgoing import RECEIPT_AFTER_S, Outgoing
from tocsin.notifications.channels.http import Request as OutgoingRequest
from tocsin.runtime.ids import uuid7
from tocsin.runtime.settings import Gateway

TWILIO_PATH: Final = re.compile(r"/2010-04-01/Accounts/([^/]+)/Messages\.json")
NUMBER: Final = re.compile(r"\+[1-9][0-9]{6,14}")
HOOK_NAME: Final = re.compile(r"/hook/([A-Za-z0-9._/-]{1,80})")
DELIVERED: Final = "1"
JSON: Final = "application/json"


class Providers:
    """The doors of the sandbox providers."""

    def __init__(self, boxes: Boxes, mood: Moods, outgoing: Outgoing) -> None:
        """Fill `boxes`, behave by `mood`, owe receipts to `outgoing`."""
        self._boxes, self._moods, self._outgoing = boxes, mood, outgoing

    def name_of(self, path: str) -> str | None:
        """Return which provider's door a path is."""
        if TWILIO_PATH.fullmatch(path):
            return "twilio"
        if path == "/cgi-bin/sendsms":
            return "kannel"
        return "hook" if HOOK_NAME.fullmatch(path) else None

    async def answer(self, provider: str, request: Request) -> Response | None:
        """Answer a sender, or misbehave as told; None cuts the line."""
        mode = await self._moods.meet(provider)
        if mode == moods.REFUSE:
            return None
        if mode == moods.FAIL:
            return Response(500, b"the sandbox was told to fail")
        match provider:
            case "twilio":
                return await self._twilio(request)
            case "kannel":
                return await self._kannel(request)
        return await self._hook(request)

    async def _twilio(self, request: Request) -> Response:
        account = TWILIO_PATH.fullmatch(request.path)
        gateway = self._login(account[1] if account else "", "twilio", _password(request))
        if gateway is None:
            return _error(401, 20003, "Authenticate")
        if request.method != "POST":
            return _error(405, 20004, "Method not allowed")
        form = request.form()
        to, text = form.get("To", ""), form.get("Body", "")
        if not NUMBER.fullmatch(to):
            return _error(400, 21211, "The 'To' number is not a valid phone number.")
        if not text:
            return _error(400, 21602, "Message body is required.")
        if gateway.name in self._boxes.box(to).blocks:
            return _error(400, 21610, "Attempt to send to unsubscribed recipient")
        item = an_item(to, "twilio", text)
        item.id, item.gateway, item.sender = f"SM{uuid7().hex}", gateway.name, form.get("From", "")
        item.reference = request.headers.get("idempotency-key", "")
        item = await self._boxes.put(item)
        self._twilio_receipts(gateway, item, form.get("StatusCallback", ""))
        answer = {
            "sid": item.id,
            "account_sid": gateway.account,
            "to": to,
            "from": item.sender,
            "body": text,
            "status": "queued",
            "direction": "outbound-api",
            "error_code": None,
        }
        return Response(201, json.dumps(answer).encode(), JSON)

    def _twilio_receipts(self, gateway: Gateway, item: Item, callback: str) -> None:
        for status in ("sent", "delivered") if callback else ():
            fields = {
                "MessageSid": item.id,
                "SmsSid": item.id,
                "AccountSid": gateway.account,
                "From": item.sender,
                "To": item.box,
                "MessageStatus": status,
                "SmsStatus": status,
                "ApiVersion": "2010-04-01",
            }
            self._outgoing.owe_form(gateway, callback, fields)

    async def _kannel(self, request: Request) -> Response:
        query = request.query
        gateway = self._login(query.get("username", ""), "http", query.get("password", ""))
        if gateway is None:
            return Response(403, b"Authorization failed for sendsms")
        to, text = query.get("to", "").strip(), query.get("text", "")
        if not NUMBER.fullmatch(to) or not text:
            return Response(400, b"Missing receiver number or text, rejected")
        item = an_item(to, "kannel", text)
        item.id, item.gateway, item.sender = uuid7().hex, gateway.name, query.get("from", "")
        item.reference = request.headers.get("idempotency-key", "")
        item = await self._boxes.put(item)
        callback = query.get("dlr-url", "")
        if callback:
            url = callback.replace("%d", DELIVERED).replace("%I", quote(item.id))
            self._outgoing.owe(OutgoingRequest("GET", url, {}), after_s=RECEIPT_AFTER_S)
        return Response(202, b"0: Accepted for delivery")

    async def _hook(self, request: Request) -> Response:
        name = HOOK_NAME.fullmatch(request.path)
        if request.method != "POST" or name is None:
            return Response(405, b"a hook takes POST")
        item = an_item(f"hook:{name[1]}", "hook", request.body.decode("utf-8", "replace"))
        item.reference = request.headers.get("webhook-id", "")
        item.subject = "signed" if "webhook-signature" in request.headers else "not signed"
        await self._boxes.put(item)
        return Response(200, b'{"ok":true}', JSON)

    def _login(self, account: str, kind: str, password: str) -> Gateway | None:
        for gateway in self._outgoing.gateways.values():
            is_it = gateway.kind == kind and gateway.account == account
            if is_it and hmac.compare_digest(gateway.secret.encode(), password.encode()):
                return gateway
        return None


def _password(request: Request) -> str:
    scheme, _, given = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return ""
    try:
        return b64decode(given, validate=True).decode("utf-8").partition(":")[2]
    except ValueError:
        return ""


def _error(status: int, code: int, message: str) -> Response:
    answer = {"code": code, "message": message, "status": status}
    return Response(status, json.dumps(answer).encode(), JSON)
