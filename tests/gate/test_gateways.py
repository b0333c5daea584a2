"""Which inbound calls are believed to be from a gateway? Twilio's own vectors, and an independent judge."""

import base64
import hashlib
import hmac
from urllib.parse import urlencode

import pytest
from twilio.request_validator import RequestValidator

from tocsin.gate.gateways import is_genuine, twilio_signature, with_and_without_port
from tocsin.gate.messages import Request
from tocsin.runtime.settings import Gateway


class Fields(dict[str, list[str]]):
    """Form fields as web frameworks hold them, which is what Twilio's library takes."""

    def getall(self, name: str) -> list[str]:
        """Return the values of a field."""
        return self[name]


NOW_S = 1_772_582_280.0
FORM = b"application/x-www-form-urlencoded"
FIELDS = {
    "CallSid": ["CA1234567890ABCDE"],
    "Digits": ["1234"],
    "From": ["+14158675309"],
    "To": ["+18005551212"],
    "Caller": ["+14158675309"],
}


def twilio(secret: str = "12345") -> Gateway:
    """Return a Twilio gateway with this auth token."""
    return Gateway("texts", "twilio", "ems", "https://api.example", "+15550100", secret=secret)


def http(auth: str, secret: str = "inbound") -> Gateway:
    """Return a gateway of the http kind."""
    return Gateway(
        "texts",
        "http",
        "ems",
        "https://sms.example",
        "+15550100",
        inbound_auth=auth,
        inbound_secret=secret,
        account="tocsin",
    )


def request(
    target: str = "/in/texts",
    body: bytes = b"",
    method: bytes = b"POST",
    **headers: bytes,
) -> Request:
    """Return a request; header names have underscores here."""
    named = {name.replace("_", "-").encode(): value for name, value in headers.items()}
    return Request(method, target, {b"content-type": FORM, **named}, body, is_last=False)


def is_from(gateway: Gateway, asked: Request, base: str = "https://sos.example") -> bool:
    """Return what the gate decides."""
    return is_genuine(gateway, asked, bases=[base], now_s=NOW_S)


@pytest.mark.parametrize(
    ("fields", "signature"),
    [
        (FIELDS, "RSOYDt4T1cUTdK1PDd93/VVr8B8="),
        (
            {**FIELDS, "From": ["+12349013030"], "Caller": ["+12349013030"]},
            "0/KCTR6DLpKmkAf8muzZqo1nDgQ=",
        ),
        (
            {"Sid": ["CA123"], "SidAccount": ["AC123"], "Digits": ["5678", "1234", "1234"]},
            "IK+Dwps556ElfBT0I3Rgjkr1wJU=",
        ),
    ],
)
def test_twilios_own_vectors_are_met(fields: dict[str, list[str]], signature: str) -> None:
    url = "https://mycompany.com/myapp.php?foo=1&bar=2"

    assert twilio_signature("12345", url, fields) == signature


@pytest.mark.parametrize("base", ["https://mycompany.com", "https://mycompany.com:443"])
def test_a_call_signed_by_twilio_is_believed_with_and_without_its_port(base: str) -> None:
    asked = request(
        "/myapp.php?foo=1&bar=2",
        urlencode(FIELDS, doseq=True).encode(),
        x_twilio_signature=b"RSOYDt4T1cUTdK1PDd93/VVr8B8=",
    )

    assert is_from(twilio(), asked, base)
    assert not is_from(twilio("54321"), asked, base)
    assert not is_from(twilio(), asked, "https://other.example")


@pytest.mark.parametrize(
    "fields",
    [
        {"From": ["+15550101"], "Body": ["ayuda ñ €"], "MessageSid": ["SM1"]},
        {"Body": ["a", "b", "a"], "Empty": [""], "Ünïcode": ["x y+z&=%"]},
        {},
    ],
)
def test_twilios_own_library_agrees(fields: dict[str, list[str]]) -> None:
    url = "https://sos.example/in/texts?a=1"
    signature = RequestValidator("12345").compute_signature(url, Fields(fields))

    assert twilio_signature("12345", url, fields) == signature
    asked = request(
        "/in/texts?a=1",
        urlencode(fields, doseq=True).encode(),
        x_twilio_signature=signature.encode(),
    )
    assert is_from(twilio(), asked)


def test_a_changed_field_or_address_is_not_believed() -> None:
    fields = {"From": "+15550101", "Body": "SOS"}
    signature = twilio_signature(
        "12345", "https://sos.example/in/texts", {"From": ["+15550101"], "Body": ["SOS"]}
    )
    body = urlencode(fields).encode()

    assert is_from(twilio(), request(body=body, x_twilio_signature=signature.encode()))
    for changed in (
        request(body=body + b"S", x_twilio_signature=signature.encode()),
        request(body=body + b"&To=1", x_twilio_signature=signature.encode()),
        request("/in/texts?x=1", body, x_twilio_signature=signature.encode()),
        request(body=body),
        request(body=body, x_twilio_signature=b""),
        request(body=b"\xff\xfe=1", x_twilio_signature=signature.encode()),
        request(body=b"&".join(b"a=1" for _ in range(300)), x_twilio_signature=b"x"),
    ):
        assert not is_from(twilio(), changed)


def test_a_json_call_of_twilio_is_believed_by_the_digest_in_its_address() -> None:
    body = b'{"status": "ok"}'
    target = f"/in/texts?bodySHA256={hashlib.sha256(body).hexdigest()}"
    signature = RequestValidator("12345").compute_signature(f"https://sos.example{target}", {})
    headers = {"x_twilio_signature": signature.encode(), "content_type": b"application/json"}

    assert is_from(twilio(), request(target, body, **headers))
    assert not is_from(twilio(), request(target, body + b" ", **headers))


def test_a_gateway_without_a_secret_proves_nothing() -> None:
    unsigned = twilio_signature("", "https://sos.example/in/texts", {})
    assert not is_from(twilio(""), request(x_twilio_signature=unsigned.encode()))
    for auth in ("hmac", "basic", "header"):
        assert not is_from(http(auth, ""), request(x_tocsin_secret=b""))
    assert not is_from(http("none"), request())


def signed(t: int, text: bytes) -> bytes:
    """Return our own signature header."""
    digest = hmac.new(b"inbound", b"%d." % t + text, hashlib.sha256).hexdigest()
    return f"t={t},v1={digest}".encode()


@pytest.mark.parametrize(
    ("age_s", "is_believed"), [(0, True), (300, True), (-300, True), (301, False), (-301, False)]
)
def test_our_signature_holds_for_five_minutes(age_s: int, *, is_believed: bool) -> None:
    asked = request(
        body=b"from=1&text=SOS", x_tocsin_signature=signed(int(NOW_S) - age_s, b"from=1&text=SOS")
    )

    assert is_from(http("hmac"), asked) is is_believed


def test_our_signature_covers_the_query_of_a_get() -> None:
    signature = signed(int(NOW_S), b"from=1&text=SOS")

    assert is_from(
        http("hmac"),
        request("/in/texts?from=1&text=SOS", method=b"GET", x_tocsin_signature=signature),
    )
    assert not is_from(
        http("hmac"),
        request("/in/texts?from=2&text=SOS", method=b"GET", x_tocsin_signature=signature),
    )


@pytest.mark.parametrize(
    "given", [b"", b"t=1", b"v1=00", b"t=x,v1=y", b"t=1772582280,v1=" + b"0" * 64]
)
def test_a_signature_of_another_form_is_not_believed(given: bytes) -> None:
    assert not is_from(http("hmac"), request(body=b"text=SOS", x_tocsin_signature=given))


def test_name_and_password_of_a_gateway_are_believed() -> None:
    good = base64.b64encode(b"tocsin:inbound")

    assert is_from(http("basic"), request(authorization=b"Basic " + good))
    assert is_from(http("basic"), request(authorization=b"basic " + good))
    assert not is_from(http("basic"), request(authorization=b"Bearer " + good))
    assert not is_from(http("basic"), request(authorization=b"Basic " + base64.b64encode(b"a:b")))
    assert not is_from(http("basic"), request())


def test_a_secret_header_of_a_gateway_is_believed() -> None:
    assert is_from(http("header"), request(x_tocsin_secret=b"inbound"))
    assert not is_from(http("header"), request(x_tocsin_secret=b"inbounD"))
    assert not is_from(http("header"), request())


def test_an_address_is_tried_with_its_usual_port() -> None:
    assert list(with_and_without_port("http://[::1]:8100/in/a?b=c")) == [
        "http://[::1]/in/a?b=c",
        "http://[::1]:8100/in/a?b=c",
    ]
    assert list(with_and_without_port("http://sos.example/in/a"))[1] == "http://sos.example:80/in/a"
