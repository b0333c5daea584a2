"""What does the record say that an administrator takes out? All of it but what is new in each world: ids, times, names."""

import json
import re
from collections import Counter
from collections.abc import Callable
from typing import Any

import requests

from tests.pages.house import Browser

# How long something took and how often it was tried, what was drawn, the name under which it went, and which of her messages of
# one code an answer was put to.
OF_ITS_OWN = re.compile(
    r"_(ms|s)$|^(attempt|delivery|size|word|key|last_key|reference|provider_id|after|before|root)$"
)
# A busy machine may keep one world's engine from its database for a moment; and how often he took it out, he knows.
APART = ('["engine.', '["clock.', '["record.exported"')


def whole(browser: Browser, plain: Callable[[str], str]) -> "Counter[str]":
    """Return each entry of the employer's record, without what is new in each of its kind."""
    return entries(browser.post_form("/record/export", "/record"), plain)


def of_incident(browser: Browser, where: str, plain: Callable[[str], str]) -> "Counter[str]":
    """Return each entry of one incident, by the address of its page."""
    return entries(browser.post_form(f"{where}/export", where), plain)


def entries(shown: requests.Response, plain: Callable[[str], str]) -> "Counter[str]":
    """Return how often each entry stands in an export."""
    assert shown.status_code == 200, shown.text
    leaves = [json.loads(line).get("leaf") for line in shown.text.splitlines()]
    return Counter(plain(_said(leaf)) for leaf in leaves if leaf)


def _said(leaf: dict[str, Any]) -> str:
    body = {name: _sorted(each) for name, each in leaf["body"].items() if not OF_ITS_OWN.search(name)}  # fmt: skip
    return json.dumps([leaf["kind"], leaf["actor"], body], sort_keys=True)


def _sorted(value: Any) -> Any:
    """Return lists in an order of their own: each engine asks people in the order of its messages' ids."""
    return sorted(value) if isinstance(value, list) else value


def is_apart(entry: str) -> bool:
    """Return whether an entry is about the machine itself, or that the record was taken out."""
    return entry.startswith(APART)
