"""How is a policy written down as JSON, and read back without losing or adding anything?"""

from typing import Any, Final

from tocsin.registry.rules.document import Reader
from tocsin.registry.rules.policy import Policy, Step

STEP_FIELDS: Final = ("offset_s", "who", "quorum", "reach", "channels")
POLICY_FIELDS: Final = (
    "id",
    "name",
    "kind",
    "steps",
    "repeat_after_s",
    "confirm_every_s",
    "call_unclaimed_s",
    "required_proven",
    "deadline_s",
    "prove_at_start",
)


def to_dict(policy: Policy) -> dict[str, Any]:
    """Return the policy as JSON-able values; `from_dict` gives the same policy back."""
    return {
        "id": str(policy.id),
        "name": policy.name,
        "kind": policy.kind,
        "steps": [_step_to_dict(step) for step in policy.steps],
        "repeat_after_s": policy.repeat_after_s,
        "confirm_every_s": policy.confirm_every_s,
        "call_unclaimed_s": policy.call_unclaimed_s,
        "required_proven": policy.required_proven,
        "deadline_s": policy.deadline_s,
        "prove_at_start": policy.prove_at_start,
    }


def _step_to_dict(step: Step) -> dict[str, Any]:
    return {
        "offset_s": step.offset_s,
        "who": list(step.who),
        "quorum": step.quorum,
        "reach": step.reach,
        "channels": list(step.channels),
    }


def from_dict(value: object) -> Policy:
    """Return the policy that this document holds; its types are checked, its sense by `check`.

    Absent numbers take the defaults of `Policy`. Raises DocumentError for an unknown or missing
    field and for a wrong type, with its path.
    """
    read = Reader(value, "", POLICY_FIELDS)
    return Policy(
        id=read.id("id"),
        name=read.text("name"),
        kind=read.text("kind"),
        steps=tuple(_step_from_dict(item, path) for path, item in read.each("steps")),
        repeat_after_s=read.whole("repeat_after_s", 60),
        confirm_every_s=read.whole("confirm_every_s", 300),
        call_unclaimed_s=read.whole("call_unclaimed_s", 10),
        required_proven=read.whole("required_proven", 1),
        deadline_s=read.whole("deadline_s", 30),
        prove_at_start=read.flag("prove_at_start", False),
    )


def _step_from_dict(value: object, path: str) -> Step:
    read = Reader(value, path, STEP_FIELDS)
    return Step(
        offset_s=read.whole("offset_s"),
        who=read.texts("who"),
        quorum=read.whole("quorum", 1),
        reach=read.text("reach", "all"),
        channels=read.texts("channels"),
    )
