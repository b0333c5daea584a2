"""Is it really this sender? Each bound of a signature at its edge, and what of a request is under it."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.feeds.messages import AT
from tocsin.api.proof import (
    MAX_NONCE,
    MAX_SIGNATURES,
    SCHEME,
    WINDOW_S,
    Request,
    is_proved,
    sign,
)
from tocsin.registry.rules.sender import Proof

KEY = b"the key of this machine"
STAMP = int(AT.timestamp())
BARE = Request("POST", "/api/v1/sightings/1?id=7", {}, b'{"name": "Rex"}')


def signed(nonce: str = "n-1", stamp: str = str(STAMP), **headers: str) -> Request:
    """Return a request that is signed with the key."""
    known = {
        "webhook-id": nonce,
        "webhook-timestamp": stamp,
        "webhook-signature": sign(KEY, BARE, nonce=nonce, timestamp=int(stamp)),
    }
    return replace(BARE, headers=known | headers)


def proves(request: Request, *, after_s: float = 0) -> bool:
    """Return whether it proves itself so many seconds after it says that it was signed."""
    return is_proved(Proof.SIGNATURE, KEY, request, at=AT + timedelta(seconds=after_s))


@pytest.mark.guarantee("I12")
@pytest.mark.parametrize("after_s", [WINDOW_S, -WINDOW_S])
def test_a_signature_is_good_for_five_minutes_either_way_and_not_a_second_longer(
    after_s: int,
) -> None:
    assert WINDOW_S == 300
    beyond = after_s + (1 if after_s > 0 else -1)
    assert [proves(signed(), after_s=s) for s in (after_s, beyond)] == [True, False]


@pytest.mark.parametrize(
    ("length", "is_good"), [(0, False), (1, True), (MAX_NONCE, True), (MAX_NONCE + 1, False)]
)
def test_a_number_used_once_has_one_to_sixty_four_characters(length: int, is_good: bool) -> None:
    assert proves(signed("n" * length)) is is_good


def test_of_several_signatures_the_first_five_are_looked_at() -> None:
    right = signed().headers["webhook-signature"]
    for others, is_good in ((MAX_SIGNATURES - 1, True), (MAX_SIGNATURES, False)):
        assert proves(signed(**{"webhook-signature": f"{SCHEME}x " * others + right})) is is_good


@pytest.mark.guarantee("I12")
@pytest.mark.parametrize(
    "changed",
    [
        {"method": "GET"},
        {"path": "/api/v1/sightings/2?id=7"},
        {"path": "/api/v1/sightings/1?id=8"},
        {"body": b'{"name": "Ann"}'},
    ],
)
def test_what_is_signed_is_the_whole_request(changed: dict[str, object]) -> None:
    request = signed()
    assert proves(request)
    assert not proves(replace(request, **changed))  # type: ignore[arg-type]


@pytest.mark.parametrize("stamp", ["", "-1", "1e9", f"{STAMP}.0", "9" * 13])
def test_a_time_that_is_none_proves_nothing(stamp: str) -> None:
    assert not proves(signed(**{"webhook-timestamp": stamp}))


@pytest.mark.guarantee("I12")
def test_what_a_broker_speaks_for_is_proved_by_nothing_here() -> None:
    others = [proof for proof in Proof if proof not in {Proof.SIGNATURE, Proof.BASIC, Proof.TOKEN}]
    assert len(others) == 1
    by_token = signed(authorization=f"Bearer {KEY.decode()}", **{"x-tocsin-key": KEY.decode()})
    assert not is_proved(others[0], KEY, by_token, at=AT)
