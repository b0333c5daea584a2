"""Who may say what became of a text, and what does it change?"""

import base64
import hashlib
import hmac

import requests

from tests.pages.house import House


def signature(url: str, fields: dict[str, str]) -> str:
    text = url + "".join(name + fields[name] for name in sorted(fields))
    return base64.b64encode(
        hmac.new(b"gateway-token", text.encode(), hashlib.sha1).digest()
    ).decode()


def test_a_signed_receipt_is_taken_and_an_unsigned_one_is_not(house: House) -> None:
    url, fields = f"{house.base}/api/v1/receipts/tw", {"MessageSid": "SM1", "MessageStatus": "sent"}
    assert requests.post(url, data=fields, timeout=20).status_code == 403
    signed = {"X-Twilio-Signature": signature(url, fields)}
    assert requests.post(url, data=fields, headers=signed, timeout=20).status_code == 204
    other = {**fields, "MessageStatus": "delivered"}
    assert requests.post(url, data=other, headers=signed, timeout=20).status_code == 403


def test_an_unknown_gateway_is_told_so(house: House) -> None:
    assert requests.post(f"{house.base}/api/v1/receipts/nobody", timeout=20).status_code == 404
