"""The name under which every phone asks about the way is no name for an SOS."""

import json

import pytest

from tocsin.gate import signal_body
from tocsin.signals.rules.hold import WAY_KEY


def test_the_gate_knows_the_name_of_the_question() -> None:
    # The gate imports nothing of the rules.
    assert signal_body.WAY_KEY == WAY_KEY


@pytest.mark.guarantee("I1")
def test_an_sos_under_the_name_of_the_question_is_refused_and_not_answered_as_one() -> None:
    assert signal_body.read(json.dumps({"key": WAY_KEY, "act": "way"}).encode()).act == "way"
    for said in ({"key": WAY_KEY}, {"key": WAY_KEY, "act": "sos"}, {"key": WAY_KEY, "act": "walk"}):
        with pytest.raises(signal_body.MalformedError, match="make another"):
            signal_body.read(json.dumps(said).encode())
