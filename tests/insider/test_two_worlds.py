"""What does an insider learn? He asks the same in two worlds that differ in one order; every byte must be the same.

I11. The acts that are addressed to him (service, suspension) are timed and listed: `ADDRESSED` is that list.
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from difflib import unified_diff
from itertools import product
from urllib.parse import urlencode
from uuid import UUID, uuid4

import pytest
import requests

from tests.insider.cases import Worlds, canary
from tests.insider.queries import ANY, read_by
from tests.insider.routes import Route
from tests.pages.house import Browser, House
from tocsin.record import store as record
from tocsin.record.rules.accounts import About

# Nothing is told to him yet: the release of visible steps, service and suspension are acts of people.
ADDRESSED: frozenset[str] = frozenset()
INSIDERS = ("rex", "lin", "ada")
# They end the session that asks, or are the framework's own page about it.
NOT_PRESSED = frozenset(
    {"account_logout", "account_change_password", "mfa_generate_recovery_codes"}
)
# Which tables an address's parameter may name; whatever is not here is tried with one id of every table.
NAMED = {
    "person_id": ("registry_person",),
    "site_id": ("registry_site",),
    "device_id": ("registry_device",),
    "contact_id": ("registry_contactmethod",),
    "named_id": ("registry_emergencycontact",),
    "incident_id": ("decisions_incident",),
    "drill_id": ("decisions_incident",),
    "walk_id": ("signals_walk", "signals_hold"),
    "case_id": ("registry_case",),
    "grant_id": ("registry_grant",),
    "order_id": ("registry_protectionorder",),
    "rule_id": ("registry_houserule",),
    "paper_id": ("registry_orderdocument",),
    "hold_id": ("signals_hold",),
    "fact_id": ("signals_custodyfact",),
    "review_id": ("decisions_riskreview",),
}
# What a name of a query is about: the tables whose ids it takes, or what else is typed there. One without a line fails.
QUERY: dict[str, tuple[str, ...]] = {
    "case": ("registry_case",),
    "draft": ("registry_orderdraft",),
}
TYPED: dict[str, tuple[str, ...]] = {
    "page": ("2", "x"),
    "at": ("2024-02-29T12:00", "2099-01-01T00:00", "x"),
    "known_at": ("2024-02-29T12:00", "2099-01-01T00:00", "x"),
    "asked_at": ("2024-02-29T12:00", "2099-01-01T00:00", "x"),
    "kept": ("",),
    "next": ("/orders", "https://elsewhere.example/"),
    # They ask nobody who he is, but for a signature.
    ANY: ("x",),
}
# A new secret each time, and its picture, whose size hangs on it.
QR = re.compile(r'<img class="qr"[^>]*>|/enrol#[0-9a-f]{32}\.[A-Za-z0-9_-]{32}')
SIGNATURE = re.compile(r'"(sha256|signature|root)":"[^"]*"')
UUID_TEXT = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
MASKS = (
    (re.compile(r"\b[0-9a-f]{64}\b"), "HASH"),
    (QR, "QR"),
    (SIGNATURE, "SIGNATURE"),
    (re.compile(r'value="[A-Za-z0-9]{64}"'), 'value="TOKEN"'),
    (re.compile(r"\d{4}-\d\d-\d\d"), "DAY"),
    (re.compile(r"\d\d:\d\d(:\d\d)?(\.\d+)?"), "TIME"),
    (re.compile(r" +\+\d+\.\d{3} s"), " LATER"),
    (re.compile(r"127\.0\.0\.1:\d+"), "HERE"),
    (re.compile(r"\b[A-Z]{3,5}-[A-Z]{3,5}\b"), "WORD"),
)
# What a server says about this very answer.
OF_THE_MOMENT = frozenset({"date", "set-cookie", "last-modified", "etag"})


def masked(text: str) -> str:
    """Return a text without what differs between two answers that say the same."""
    for pattern, instead in MASKS:
        text = pattern.sub(instead, text)
    return UUID_TEXT.sub(lambda found: found[0] if found[0] in KNOWN else "NEW", text)


# The ids that both worlds were made with, and those of the secret: an id of this very moment is none of them.
KNOWN: set[str] = set()


def said(answer: requests.Response) -> tuple[object, ...]:
    """Return everything that an answer tells: status, headers, size and bytes."""
    is_picture = QR.search(answer.text) is not None
    left_out = OF_THE_MOMENT | {"content-length"} if is_picture else OF_THE_MOMENT
    headers = {
        name.lower(): masked(value)
        for name, value in answer.headers.items()
        if name.lower() not in left_out
    }
    size = 0 if is_picture else len(answer.content)
    return answer.status_code, headers, size, masked(answer.text)


def addresses(worlds: Worlds, route: Route) -> Iterator[str]:
    """Yield a route's addresses: with what is there, with what only the other world has, with what is nowhere."""
    names = [name for name, _kind in route.parameters]
    if not names:
        yield route.filled({})
        return
    wanted = {name: _candidates(worlds, name, kind) for name, kind in route.parameters}
    longest = max(len(found) for found in wanted.values())
    for number in range(longest):
        yield route.filled({name: wanted[name][number % len(wanted[name])] for name in names})


def _candidates(worlds: Worlds, name: str, kind: str) -> list[str]:
    if kind != "uuid":
        return ["1", "x", worlds.secret.word]
    ids = worlds.secret.ids
    tables = NAMED.get(name) or [
        table for table in ids if table.endswith("_" + name.removesuffix("_id").replace("_", ""))
    ]
    if tables:
        found = [each for table in tables for each in ids.get(table, [])]
    else:
        found = [each for rows in ids.values() for each in rows[:1]]
    nobody: UUID = uuid4()
    of_the_secret = [each for each in found if each in worlds.secret.forbidden]
    of_both = [each for each in found if each not in worlds.secret.forbidden]
    chosen = [*of_the_secret[:2], *of_the_secret[-1:], *of_both[:1], *of_both[-2:], nobody]
    return [str(each) for each in dict.fromkeys(chosen)]


def script(worlds: Worlds) -> Iterator[tuple[str, str, dict[str, str]]]:
    """Yield what he asks: every address, read and pressed; and what the forms are for, with what he knows best."""
    for route in worlds.routes:
        for address in addresses(worlds, route):
            yield "GET", address, {}
            if route.name not in NOT_PRESSED:
                yield "POST", address, {}
    yield from queries(worlds)
    people = worlds.insiders.org.people
    for text in (
        canary("respondent name"),
        "Rex Sample",
        "Wren Sample",
        "QXZV77",
        worlds.secret.word,
    ):
        for field in ("name", "text", "q", "plate", "word"):
            yield "POST", "/desk", {field: text}
    for person in ("wren", "rex"):
        form = {"word": worlds.secret.word, "person": str(people[person]), "lasting": "1"}
        yield "POST", "/access", form | {"reason": "I would like to know."}
    yield "POST", "/access", {"word": worlds.secret.word, "reason": "It is urgent, really."}


def queries(worlds: Worlds) -> Iterator[tuple[str, str, dict[str, str]]]:
    """Yield every address whose page reads a query, with each name that it reads: ids of the other world, of both, of none."""
    names = read_by(worlds.routes)
    for route in worlds.routes:
        for address, name in product(_few(worlds, route), sorted(names.get(route.name, ()))):
            for value in _values(worlds, name):
                asked = f"{address}?{urlencode({name: value})}"
                yield "GET", asked, {}
                if name in QUERY:
                    yield "POST", asked, {}


def _few(worlds: Worlds, route: Route) -> list[str]:
    """Return some of a route's addresses: of the other world, of both, of none."""
    if "about" in dict(route.parameters):
        ids = _candidates(worlds, "case_id", "uuid") + _candidates(worlds, "person_id", "uuid")
        return [route.filled({"about": a, "about_id": i}) for a, i in product(About, ids)]
    found = [*addresses(worlds, route)]
    return [*dict.fromkeys((found[0], found[-1], found[len(found) // 2]))]


def _values(worlds: Worlds, name: str) -> tuple[str, ...] | list[str]:
    """Return what is asked for under a name of a query."""
    if name not in QUERY:
        return TYPED.get(name, ())
    of_it = [each for table in QUERY[name] for each in worlds.secret.ids[table]]
    assert worlds.secret.forbidden & {*of_it}, f"the other world has no {name}"
    return [*(str(each) for each in of_it[:2]), str(uuid4()), "x"]


Answers = list[tuple[str, tuple[object, ...]]]


def ask(house: House, worlds: Worlds, name: str) -> tuple[Answers, Browser]:
    """Return what the whole script was answered in one world, and who asked."""
    KNOWN.update(str(each) for rows in worlds.secret.ids.values() for each in rows)
    browser: Browser = worlds.browser(name, house)
    record.seal_all(house.engine, house.keys.record, at=datetime.now(UTC))
    token = browser.token(browser.get("/sessions"))
    found = []
    for method, address, form in script(worlds):
        if method == "GET":
            answer = browser.session.get(house.base + address, timeout=20, allow_redirects=False)
        else:
            data = {"csrfmiddlewaretoken": token, **form}
            answer = browser.session.post(house.base + address, data=data, timeout=20, allow_redirects=False)  # fmt: skip
        found.append((f"{method} {address} {form or ''}", said(answer)))
    return found, browser


@pytest.mark.guarantee("I11")
@pytest.mark.parametrize("name", INSIDERS)
def test_an_insider_is_answered_the_same_in_both_worlds(worlds: Worlds, name: str) -> None:
    (without, one), (within, other) = (
        ask(house, worlds, name) for house in (worlds.outside, worlds.inside)
    )
    assert len(without) == len(within) > 2 * len(worlds.routes)
    differing = [
        (asked, first, second)
        for (asked, first), (_, second) in zip(without, within, strict=True)
        if first != second and asked not in ADDRESSED and not _is_same_now(asked, one, other)
    ]
    assert not differing, _told(differing)


def _is_same_now(asked: str, one: Browser, other: Browser) -> bool:
    """Return whether a page that said another second before says the same now: what is secret would still differ."""
    method, address = asked.split()[:2]
    if method != "GET":
        return False
    for _ in range(3):
        first, second = (
            said(browser.session.get(browser.base + address, timeout=20, allow_redirects=False))
            for browser in (one, other)
        )
        if first == second:
            return True
    return False


def _told(differing: list[tuple[str, tuple[object, ...], tuple[object, ...]]]) -> str:
    """Return what differs, in lines."""
    lines = [f"{len(differing)} answers tell the worlds apart"]
    for asked, one, other in differing[:12]:
        lines.append(asked)
        lines += [f"  {a!r} / {b!r}" for a, b in zip(one[:3], other[:3], strict=True) if a != b]
        texts = (str(one[3]).splitlines(), str(other[3]).splitlines())
        lines += [f"  {line[:300]}" for line in unified_diff(*texts, n=0, lineterm="")][2:8]
    return "\n".join(lines)


def test_every_name_of_a_query_that_a_page_reads_is_asked_for_in_both_worlds(
    worlds: Worlds,
) -> None:
    names = read_by(worlds.routes)
    spelled = {route.name for route in worlds.routes}
    assert {*names} <= spelled, f"no address comes to these: {sorted({*names} - spelled)}"
    read = {name for found in names.values() for name in found}
    assert read == QUERY.keys() | TYPED.keys(), "a name without a line, or a line of a name that is gone"  # fmt: skip
    asked = {address.partition("?")[2].partition("=")[0] for _, address, _ in script(worlds)}
    assert read - {ANY} <= asked


@pytest.mark.guarantee("I11")
def test_the_two_worlds_differ_for_who_may_read(worlds: Worlds) -> None:
    # Else the test above would compare nothing with nothing.
    without = worlds.browser("nia", worlds.outside).get(f"/cases/{worlds.secret.case_id}/access")
    within = worlds.browser("nia").get(f"/cases/{worlds.secret.case_id}/access")
    assert (without.status_code, within.status_code) == (404, 200)
    assert canary("glass reason") in within.text
