"""What does a gateway call back with? Its word on what became of a text: checked, kept, believed by nobody.

Twilio signs its calls, and one that is not signed is refused. Kannel and its like cannot, so their calls are taken only
about a message id or a reference that we know, and can change no more than the words beside that message: at worst they say
that its number is blocked, which makes a person look and stops nothing.
"""

import base64
import hashlib
import hmac
from typing import Final

from django.conf import settings as django_conf
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from tocsin.flow.keep_receipt import keep_receipt
from tocsin.notifications.channels.sms.receipts import parse_receipt
from tocsin.runtime.clock import SystemClock
from tocsin.runtime.database import connect
from tocsin.runtime.settings import Gateway, Settings

MAX_BODY: Final = 8_192


@csrf_exempt
@require_http_methods(["GET", "POST"])
def receipts(request: HttpRequest, gateway_name: str) -> HttpResponse:
    """Keep what this gateway says of one text; a short answer, whatever it was."""
    gateway = next((one for one in _settings().gateways if one.name == gateway_name), None)
    if gateway is None:
        return HttpResponse("no such gateway", status=404, content_type="text/plain")
    if len(request.body) > MAX_BODY:
        return HttpResponse("too large", status=413, content_type="text/plain")
    if gateway.kind == "twilio" and not _is_twilios(gateway, request):
        return HttpResponse("not signed", status=403, content_type="text/plain")
    fields = {**request.GET.dict(), **request.POST.dict()}
    given = {name: str(value) for name, value in fields.items()}
    said = parse_receipt(gateway.kind, given, gateway.opted_out)
    # A connection of its own: call-backs come seldom, and no person's request is behind one.
    with connect(_settings(), "web") as conn, conn.transaction():
        keep_receipt(conn, gateway.organisation, said, at=SystemClock().now())
    return HttpResponse(status=204)


def _is_twilios(gateway: Gateway, request: HttpRequest) -> bool:
    """Return whether Twilio signed it: base64(HMAC-SHA1(token, address + fields by name)).

    Source: Twilio, "Validating requests". The address is the public one, which a proxy in front of us may hide.
    """
    secret = gateway.inbound_secret or gateway.secret
    if not secret:
        return False
    text = _settings().public_url + request.get_full_path()
    for name in sorted(request.POST):
        text += "".join(name + value for value in sorted(set(request.POST.getlist(name))))
    digest = hmac.new(secret.encode(), text.encode(), hashlib.sha1).digest()
    given = request.headers.get("X-Twilio-Signature", "")
    return hmac.compare_digest(base64.b64encode(digest), given.encode("utf-8", "replace"))


def _settings() -> Settings:
    found: Settings = django_conf.TOCSIN  # type: ignore[misc] # set by `configure`
    return found
