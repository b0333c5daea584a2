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
from django.http import HttpRequest, HttpResponse, QueryDict
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from tocsin.flow.keep_receipt import keep_receipt
from tocsin.notifications.channels.sms.receipts import parse_receipt
from tocsin.runtime.charsets import encoding_of
from tocsin.runtime.clock import SystemClock
from tocsin.runtime.database import connect
from tocsin.runtime.settings import Gateway, Settings

MAX_BODY: Final = 8_192
FORM: Final = "application/x-www-form-urlencoded"


@csrf_exempt
@require_http_methods(["GET", "POST"])
def receipts(request: HttpRequest, gateway_name: str) -> HttpResponse:
    """Keep what this gateway says of one text; a short answer, whatever it was."""
    gateway = next((one for one in _settings().gateways if one.name == gateway_name), None)
    if gateway is None:
        return HttpResponse("no such gateway", status=404, content_type="text/plain")
    if len(request.body) > MAX_BODY:
        return HttpResponse("too large", status=413, content_type="text/plain")
    posted = _posted(request)
    if posted is None:
        return HttpResponse("no such charset here", status=415, content_type="text/plain")
    if gateway.kind == "twilio" and not _is_twilios(gateway, request, posted):
        return HttpResponse("not signed", status=403, content_type="text/plain")
    fields = {**request.GET.dict(), **posted.dict()}
    given = {name: str(value) for name, value in fields.items()}
    said = parse_receipt(gateway.kind, given, gateway.opted_out)
    # A connection of its own: call-backs come seldom, and no person's request is behind one.
    with connect(_settings(), "web") as conn, conn.transaction():
        keep_receipt(conn, gateway.organisation, said, at=SystemClock().now())
    return HttpResponse(status=204)


def _posted(request: HttpRequest) -> QueryDict | None:
    """Return the form in the charset that the gateway names, which Django would take in UTF-8 only; None: not one of ours."""
    if request.method != "POST":
        return request.POST
    encoding = encoding_of((request.content_params or {}).get("charset"))
    if encoding is None:
        return None
    request.encoding = encoding
    if request.content_type == FORM:
        return QueryDict(request.body, encoding=encoding)
    return request.POST


def _is_twilios(gateway: Gateway, request: HttpRequest, posted: QueryDict) -> bool:
    """Return whether Twilio signed it: base64(HMAC-SHA1(token, address + fields by name)).

    Source: Twilio, "Validating requests". The address is the public one, which a proxy in front of us may hide.
    """
    secret = gateway.inbound_secret or gateway.secret
    if not secret:
        return False
    text = _settings().public_url + request.get_full_path()
    for name in sorted(posted):
        text += "".join(name + value for value in sorted(set(posted.getlist(name))))
    digest = hmac.new(secret.encode(), text.encode(), hashlib.sha1).digest()
    given = request.headers.get("X-Twilio-Signature", "")
    return hmac.compare_digest(base64.b64encode(digest), given.encode("utf-8", "replace"))


def _settings() -> Settings:
    found: Settings = django_conf.TOCSIN  # type: ignore[misc] # set by `configure`
    return found
