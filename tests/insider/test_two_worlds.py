"""What does an insider learn? He asks the same in two worlds that differ in one order; every byte must be the same.

I11. The acts that are addressed to him (service, suspension) are timed and listed: `ADDRESSED` is that list.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from difflib import unified_diff
from functools import cache
from itertools import product, zip_longest
from urllib.parse import urlencode
from uuid import UUID, uuid4

import psycopg
import pytest
import requests

from tests.insider import moments
from tests.insider.cases import Worlds, canary
from tests.insider.queries import ANY, read_by
from tests.insider.routes import Route
from tests.pages.house import Browser
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
# What is drawn anew for each answer or each world; no time is among them (`moments`).
NONCES = (
    (re.compile(r"\b[0-9a-f]{64}\b"), "HASH"),
    (QR, "QR"),
    (SIGNATURE, "SIGNATURE"),
    (re.compile(r'value="[A-Za-z0-9]{64}"'), 'value="TOKEN"'),
    (re.compile(r"\b(csrftoken|tocsin)=[^;]+"), r"\1=COOKIE"),
    (re.compile(r"127\.0\.0\.1:\d+"), "HERE"),
)


def drawn_out(text: str) -> str:
    """Return a text without what was drawn for it; its times stand."""
    for pattern, instead in NONCES:
        text = pattern.sub(instead, text)
    return UUID_TEXT.sub(lambda found: found[0] if found[0] in KNOWN else "NEW", text)


def masked(text: str) -> str:
    """Return a text without what was drawn for it, and without its times: for what comes in each world at its own pace."""
    return moments.split(drawn_out(text))[0]


# The ids that both worlds were made with, and those of the secret: an id of this very moment is none of them.
KNOWN: set[str] = set()


@dataclass(frozen=True, slots=True)
class Said:
    """Everything that an answer tells: status, headers, size and bytes; the times in them are apart, in their order."""

    status: int
    headers: dict[str, str]
    size: int
    text: str
    times: tuple[moments.Moment, ...]

    def is_like(self, other: "Said", *, since: datetime, apart_s: float) -> bool:
        """Return whether both say the same. `apart_s`: how far apart both were asked, at most, since then."""
        if replace(self, times=()) != replace(other, times=()):
            return False
        return moments.are_same(self.times, other.times, since=since, apart_s=apart_s)


def said(answer: requests.Response) -> Said:
    """Return everything that an answer tells."""
    is_picture = QR.search(answer.text) is not None
    left_out = {"content-length"} if is_picture else set()
    headers, times = {}, []
    for name, value in answer.headers.items():
        if name.lower() not in left_out:
            headers[name.lower()], found = moments.split(drawn_out(value))
            times += found
    text, found = moments.split(drawn_out(answer.text))
    size = 0 if is_picture else len(answer.content)
    return Said(answer.status_code, headers, size, text, (*times, *found))


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


Pairs = list[tuple[str, Said, Said]]
# Both worlds are asked the same, one right after the other; a busy machine may stop in between.
APART_S = 45.0


@cache
def asked_since() -> datetime:
    """Return when anything was first asked here: what is older was there before."""
    return datetime.now(UTC)


def in_both(worlds: Worlds, name: str) -> tuple[Browser, Browser]:
    """Return his browsers in the world without the order and in the one with it, with the record of both sealed at one moment."""
    KNOWN.update(str(each) for rows in worlds.secret.ids.values() for each in rows)
    asked_since()
    at = datetime.now(UTC)
    for house in (worlds.outside, worlds.inside):
        record.seal_all(house.engine, house.keys.record, at=at)
    one, other = (worlds.browser(name, house) for house in (worlds.outside, worlds.inside))
    return one, other


def ask(
    browsers: tuple[Browser, Browser], asking: Iterable[tuple[str, str, dict[str, str]]]
) -> Pairs:
    """Return what both worlds answer to each step, asked of the one and at once of the other."""
    tokens = [browser.token(browser.get("/sessions")) for browser in browsers]
    found = []
    for method, address, form in asking:
        both = []
        for browser, token in zip(browsers, tokens, strict=True):
            data = {"csrfmiddlewaretoken": token, **form} if method == "POST" else None
            both.append(said(browser.session.request(method, browser.base + address, data=data, timeout=20, allow_redirects=False)))  # fmt: skip
        found.append((f"{method} {address} {form or ''}", both[0], both[1]))
    return found


@pytest.mark.guarantee("I11")
@pytest.mark.parametrize("name", INSIDERS)
def test_an_insider_is_answered_the_same_in_both_worlds(worlds: Worlds, name: str) -> None:
    browsers = in_both(worlds, name)
    pairs = ask(browsers, script(worlds))
    assert len(pairs) > 2 * len(worlds.routes)
    differing = [
        (asked, one, other)
        for asked, one, other in pairs
        if not one.is_like(other, since=asked_since(), apart_s=APART_S)
        and asked not in ADDRESSED
        and not _is_same_now(asked, browsers, asked_since())
    ]
    assert not differing, told(differing)


def _is_same_now(asked: str, browsers: tuple[Browser, Browser], since: datetime) -> bool:
    """Return whether a page that said another second before says the same now: what is secret would still differ."""
    method, address = asked.split()[:2]
    if method != "GET":
        return False
    for _ in range(3):
        ((_, one, other),) = ask(browsers, [(method, address, {})])
        if one.is_like(other, since=since, apart_s=APART_S):
            return True
    return False


def told(differing: Pairs) -> str:
    """Return what differs, in lines."""
    lines = [f"{len(differing)} answers tell the worlds apart"]
    for asked, one, other in differing[:12]:
        lines.append(asked)
        pairs = ((one.status, other.status), (one.headers, other.headers), (one.size, other.size))
        lines += [f"  {a!r} / {b!r}" for a, b in pairs if a != b]
        texts = (one.text.splitlines(), other.text.splitlines())
        lines += [f"  {line[:300]}" for line in unified_diff(*texts, n=0, lineterm="")][2:8]
        times = zip_longest((each.shown for each in one.times), (each.shown for each in other.times))  # fmt: skip
        lines += [f"  {a} / {b}" for a, b in times if a != b][:6]
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


# What an act of the order might do to a time of something that has nothing to do with it, by the seconds.
TOUCHED = {"by a minute": "opened_at + interval '1 minute'", "by a second": "opened_at + interval '1 second'", "to when it was": "now() - interval '7 minutes'"}  # fmt: skip


@pytest.mark.guarantee("I11")
@pytest.mark.parametrize("wrong", TOUCHED)
def test_a_time_that_the_order_has_touched_is_found(worlds: Worlds, wrong: str) -> None:
    org, browsers = worlds.insiders.org, in_both(worlds, "ada")
    row = worlds.outside.engine.execute("select id, opened_at from decisions_incident where person_id = %s", (org.people["responder"],)).fetchone()  # fmt: skip
    assert row
    incident_id, was = row
    asking = [("GET", f"/incidents/{incident_id}", {})]
    ((_, one, other),) = ask(browsers, asking)
    assert one.is_like(other, since=asked_since(), apart_s=APART_S)
    with psycopg.connect(worlds.superuser_url, autocommit=True) as dba:
        dba.execute("set session_replication_role = replica")
        dba.execute(f"update decisions_incident set opened_at = {TOUCHED[wrong]} where id = %s".encode(), (incident_id,))  # fmt: skip
        try:
            ((_, one, other),) = ask(browsers, asking)
        finally:
            dba.execute("update decisions_incident set opened_at = %s where id = %s", (was, incident_id))  # fmt: skip
    assert replace(one, times=()) == replace(other, times=())
    assert not one.is_like(other, since=asked_since(), apart_s=APART_S)


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        ("at 00:18:05", "at 00:18:05", True),
        ("at 00:18:05", "at 00:18:06", False),
        ("at 00:45:03.132", "at 00:45:09.141", True),
        ("at 00:45:03", "at 00:46:04", False),
        ("at 00:45", "at 00:46", True),
        ("at 00:45", "at 00:47", False),
        ("at 2026-11-28T06:18", "at 2026-11-28T06:19", False),
        ("at 2026-11-28T06:45:20.594495", "at 2026-11-28T06:45:20.606989", True),
        ("on 2026-11-28", "on 2026-11-27", False),
        ("expires=Sun, 28 Nov 2027 06:48:23 GMT", "expires=Sun, 28 Nov 2027 06:48:24 GMT", True),
        ("expires=Sun, 28 Nov 2027 06:48:23 GMT", "expires=Sun, 28 Nov 2027 06:55:23 GMT", False),
        ("on 28 Nov 2026 06:38:00 GMT", "on 28 Nov 2026 06:38:01 GMT", False),
        ("a   +33.528 s  b", "a   +33.537 s  b", True),
        ("a   +33.528 s  b", "a  +393.528 s  b", False),
        ("at 00:45", "at 00:45 and 00:45", False),
    ],
)
def test_two_times_are_the_same_only_if_the_asking_may_have_set_them_apart(one: str, other: str, is_same: bool) -> None:  # fmt: skip
    since = datetime(2026, 11, 28, 6, 45, tzinfo=UTC)
    times = [moments.split(text)[1] for text in (one, other)]
    assert moments.are_same(*times, since=since, apart_s=APART_S) is is_same
