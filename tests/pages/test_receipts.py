"""Who may say what became of a text, and what does it change?"""

import base64
import hashlib
import hmac
from urllib.parse import quote_from_bytes

import pytest
import requests

from tests.pages.house import House
from tocsin.api.receipts import MAX_BODY


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


@pytest.mark.parametrize(
    ("charset", "encoding", "status"),
    [
        ("ISO-8859-1", "latin-1", 204),
        ("latin-1", "latin-1", 204),
        ("UTF-8", "utf-8", 204),
        ("us-ascii", "utf-8", 204),
        ("utf-16", "utf-8", 415),
        ("rot13", "utf-8", 415),
    ],
)
def test_a_receipt_is_read_in_the_charset_that_its_gateway_names_or_refused_in_words(house: House, charset: str, encoding: str, status: int) -> None:  # fmt: skip
    url = f"{house.base}/api/v1/receipts/tw"
    fields = {"MessageSid": "SM1", "MessageStatus": "delivered", "To": "Jos\u00e9"}
    body = "&".join(f"{name}={quote_from_bytes(value.encode(encoding))}" for name, value in fields.items())  # fmt: skip
    headers = {
        "X-Twilio-Signature": signature(url, fields),
        "Content-Type": f"application/x-www-form-urlencoded; charset={charset}",
    }
    answer = requests.post(url, data=body, headers=headers, timeout=20)
    assert answer.status_code == status
    assert answer.text == ("" if status == 204 else "no such charset here")


def test_a_receipt_that_is_no_form_is_refused_in_words(house: House) -> None:
    url, headers = f"{house.base}/api/v1/receipts/tw", {"Content-Type": "multipart/form-data"}
    answer = requests.post(url, data="x", headers=headers, timeout=20)
    assert (answer.status_code, answer.text) == (400, "not readable")


def test_an_unknown_gateway_is_told_so(house: House) -> None:
    assert requests.post(f"{house.base}/api/v1/receipts/nobody", timeout=20).status_code == 404


@pytest.mark.parametrize(("size", "status"), [(MAX_BODY, 204), (MAX_BODY + 1, 413)])
def test_a_call_back_of_the_largest_size_is_taken_and_one_byte_more_is_not(house: House, size: int, status: int) -> None:  # fmt: skip
    url = f"{house.base}/api/v1/receipts/tw"
    fields = {"MessageSid": "SM1", "Words": "x" * (size - len("MessageSid=SM1&Words="))}
    signed = {"X-Twilio-Signature": signature(url, fields)}
    answer = requests.post(url, data=fields, headers=signed, timeout=20)
    assert (answer.status_code, answer.text) == (status, "" if status == 204 else "too large")
