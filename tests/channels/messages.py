"""Which messages do the tests of channels send?"""

from dataclasses import replace
from typing import Any
from uuid import UUID

from tocsin.notifications.rules.message import Message

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"  # noqa: S105 - the example of the Standard Webhooks document

MESSAGE = Message(
    reference="01f0c1d2.1.person.webhook",
    delivery_id=UUID(int=1),
    organisation_id=UUID(int=2),
    incident_id=UUID(int=3),
    person_id=UUID(int=4),
    step=1,
    key="press-0001",
    address="",
    subject="Tocsin needs you",
    text="Tocsin: you are needed. Open https://tocsin.example.org/a#k3y\nReply 1 421 in charge",
    link="https://tocsin.example.org/a#k3y",
    code="421",
    is_drill=False,
    is_silent=False,
    secret=SECRET,
)


def a_message(**changes: Any) -> Message:  # noqa: ANN401 - any field
    """Return the usual message with some fields changed."""
    return replace(MESSAGE, **changes)
