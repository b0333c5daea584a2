"""Which device tokens are believed?"""

import base64
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from tocsin.runtime import tokens

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
OTHER_KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(1, 33)))
ORGANISATION = UUID("018f0000-0000-7000-8000-0000000000a1")
PERSON = UUID("018f0000-0000-7000-8000-0000000000b2")
DEVICE = UUID("018f0000-0000-7000-8000-0000000000c3")
ISSUED_AT = datetime(2026, 3, 3, 23, 58, tzinfo=UTC)


def issued(key: Ed25519PrivateKey = KEY) -> str:
    """Return the token of the test's device."""
    return tokens.issue(
        key,
        organisation_id=ORGANISATION,
        person_id=PERSON,
        device_id=DEVICE,
        issued_at=ISSUED_AT,
    )


def test_a_token_says_whose_device_it_is() -> None:
    claims = tokens.verify([KEY.public_key()], issued())

    assert claims == tokens.Claims(ORGANISATION, PERSON, DEVICE, ISSUED_AT)
    assert claims.ids == ORGANISATION.bytes + PERSON.bytes + DEVICE.bytes


def test_a_token_is_what_the_contract_says_byte_for_byte() -> None:
    raw = base64.urlsafe_b64decode(issued().removeprefix("tcs1."))

    assert len(raw) == 53 + 64
    assert raw[:1] == b"\x01"
    assert raw[1:49] == ORGANISATION.bytes + PERSON.bytes + DEVICE.bytes
    assert raw[49:53] == int(ISSUED_AT.timestamp()).to_bytes(4, "big")
    KEY.public_key().verify(raw[53:], raw[:53])


def test_any_of_several_keys_will_do_so_that_keys_can_be_rotated() -> None:
    assert tokens.verify([OTHER_KEY.public_key(), KEY.public_key()], issued())


def test_a_token_of_another_key_is_not_believed() -> None:
    assert tokens.verify([KEY.public_key()], issued(OTHER_KEY)) is None
    assert tokens.verify([], issued()) is None


@pytest.mark.parametrize("position", [5, 30, 70, 100, 160])
def test_a_token_with_one_character_changed_is_not_believed(position: int) -> None:
    token = issued()
    changed = "A" if token[position] != "A" else "B"

    assert (
        tokens.verify([KEY.public_key()], token[:position] + changed + token[position + 1 :])
        is None
    )


@given(st.text() | st.text(alphabet="tcs1.ABCabc-_").map(lambda text: "tcs1." + text))
def test_no_text_makes_the_check_fail_in_any_other_way(text: str) -> None:
    assert tokens.verify([KEY.public_key()], text) is None


def test_what_an_unverified_token_claims_can_be_shown() -> None:
    claims = tokens.read_unverified(issued(OTHER_KEY))

    assert claims is not None
    assert claims.person_id == PERSON
    assert tokens.read_unverified("tcs1.nonsense") is None


def test_public_keys_are_read_one_a_line(tmp_path: Path) -> None:
    lines = [
        base64.b64encode(key.public_key().public_bytes_raw()).decode() for key in (KEY, OTHER_KEY)
    ]
    (tmp_path / "device-public.txt").write_text(
        f"# rotated in March\n{lines[0]}\n\n{lines[1]} # old\n"
    )

    keys = tokens.read_public_keys(tmp_path / "device-public.txt")

    assert [key.public_bytes_raw() for key in keys] == [
        KEY.public_key().public_bytes_raw(),
        OTHER_KEY.public_key().public_bytes_raw(),
    ]


@pytest.mark.parametrize("line", ["AAAA", "not base64!", "A" * 43])
def test_a_line_that_is_no_key_is_named_by_its_number(tmp_path: Path, line: str) -> None:
    (tmp_path / "keys.txt").write_text(f"# keys\n{line}\n")

    with pytest.raises(ValueError, match="line 2"):
        tokens.read_public_keys(tmp_path / "keys.txt")
