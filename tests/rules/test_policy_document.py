"""Is a policy written down and read back exactly, and everything else refused?"""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.builders import a_policy, a_step
from tocsin.registry.rules.document import MAX_ITEMS, MAX_TEXT, DocumentError
from tocsin.registry.rules.policy import Policy, Step
from tocsin.registry.rules.policy_document import from_dict, to_dict

# What a database keeps.
KEPT = st.characters(exclude_characters="\0", exclude_categories=["Cs"])
STEPS = st.builds(
    Step,
    offset_s=st.integers(),
    who=st.lists(st.text(KEPT, max_size=50), max_size=5).map(tuple),
    quorum=st.integers(),
    reach=st.text(KEPT, max_size=20),
    channels=st.lists(st.text(KEPT, max_size=20), max_size=4).map(tuple),
)
POLICIES = st.builds(
    Policy,
    id=st.uuids(),
    name=st.text(KEPT, max_size=100),
    kind=st.text(KEPT, max_size=20),
    steps=st.lists(STEPS, max_size=4).map(tuple),
    repeat_after_s=st.integers(),
    confirm_every_s=st.integers(),
    call_unclaimed_s=st.integers(),
    required_proven=st.integers(),
    deadline_s=st.integers(),
    prove_at_start=st.booleans(),
)


@given(POLICIES)
def test_any_policy_comes_back_exactly_through_json(policy):
    assert from_dict(json.loads(json.dumps(to_dict(policy)))) == policy


def test_absent_numbers_take_the_defaults_of_a_policy():
    written = to_dict(a_policy())
    short = {name: written[name] for name in ("id", "name", "kind")}
    steps = [{"offset_s": 0, "who": ["everyone_on_duty"]}]
    assert from_dict(short | {"steps": steps}) == a_policy(a_step())


def changed(path, value):
    """Return an ordinary policy's document with `value` at `path`."""
    document = to_dict(a_policy())
    at = document
    for part in path[:-1]:
        at = at[part]
    at[path[-1]] = value
    return document


@pytest.mark.parametrize(
    ("path", "value", "where", "problem"),
    [
        (("repeat_afters",), 5, "repeat_afters", "is not a known field"),
        (("steps", 1, "after_s"), 5, "steps[1].after_s", "is not a known field"),
        (("id",), None, "id", "is missing"),
        (("id",), "7", "id", "is not an id"),
        (("name",), 7, "name", f"is not a text of at most {MAX_TEXT} characters"),
        (("name",), "a\0b", "name", f"is not a text of at most {MAX_TEXT} characters"),
        (("name",), "a\ud800b", "name", f"is not a text of at most {MAX_TEXT} characters"),
        (
            ("name",),
            "x" * (MAX_TEXT + 1),
            "name",
            f"is not a text of at most {MAX_TEXT} characters",
        ),
        (("deadline_s",), "30", "deadline_s", "is not a whole number"),
        (("deadline_s",), 30.5, "deadline_s", "is not a whole number"),
        (("deadline_s",), True, "deadline_s", "is not a whole number"),
        (("steps",), {}, "steps", f"is not a list of at most {MAX_ITEMS}"),
        (("steps",), [{}] * (MAX_ITEMS + 1), "steps", f"is not a list of at most {MAX_ITEMS}"),
        (("steps", 0), "now", "steps[0]", "is not an object"),
        (("steps", 0, "offset_s"), None, "steps[0].offset_s", "is missing"),
        (("steps", 0, "who"), "herself", "steps[0].who", f"is not a list of at most {MAX_ITEMS}"),
        (("steps", 0, "who"), ["herself", 3], "steps[0].who[1]", "is not a text"),
    ],
)
def test_what_is_no_policy_is_refused_with_its_place(path, value, where, problem):
    with pytest.raises(DocumentError) as refused:
        from_dict(changed(path, value))
    assert (refused.value.path, refused.value.problem) == (where, problem)


@pytest.mark.parametrize("value", [None, [], "policy", 7])
def test_a_document_that_is_no_object_is_refused(value):
    with pytest.raises(DocumentError, match="the document: is not an object"):
        from_dict(value)
