"""What does an insider learn from what he makes himself: a phone, an account, a machine's key? The same in both worlds.

He is the worst one: an administrator who is linked to the respondent. Everything runs, in either world: pages, gate,
engine and the far end of the texts. Each step is done in one world and then in the other, and whatever comes back, on
whichever door, is compared to the byte. I11, I12.
"""

import base64
import html
import json
import re
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from difflib import unified_diff
from itertools import zip_longest
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import requests
from psycopg.types.json import Jsonb

from tests.channels.messages import a_subscription
from tests.conftest import clone
from tests.gate.gate_process import Answer
from tests.insider import doors, taken_out
from tests.insider.cases import Insiders, Secret, Worlds, canary, enter_everything, viewer_of
from tests.insider.conftest import TEMPLATE
from tests.insider.moments import ORDER_BEFORE, Shown, aged, are_same, split
from tests.insider.running import WITHIN_S, Running, engine_of, running, until
from tests.insider.test_leaving import leaks_in_log
from tests.insider.test_two_worlds import KNOWN, masked, said, script
from tests.pages.house import PASSWORD, Browser, House, totp
from tests.pages.test_live import Stream
from tests.pages.test_live import opened as opened_stream
from tocsin.engine.cover import LOOK_S
from tocsin.engine.held_walks import READ_S
from tocsin.flow.plan_shifts import keep_roster_lines
from tocsin.registry.rules.policy_document import to_dict
from tocsin.registry.rules.roster_document import line_from_dict
from tocsin.registry.rules.usual import usual_sos
from tocsin.registry.store_sites import save_policy
from tocsin.runtime.database import viewing
from tocsin.runtime.ids import uuid7
from tocsin.runtime.postgres import Cluster
from tocsin.runtime.spool import Reader, read_drained

CODE = re.compile(r'<code class="break">(.*?)</code>')
KEY_BY_HAND = re.compile(r"<code>([A-Z2-7]{16,})</code>")
IDS = re.compile(r"/people/([0-9a-f-]{36})")
LINK = re.compile(r"/a#(\S+)")
ASKED = re.compile(r"<li><strong>(.*?)</strong>")
CALLED = re.compile(r"<tr><td>([^<]+) <span")
SIZE = re.compile(r"<dt>Entries</dt><dd>(\d+)</dd>")
LINE = re.compile(r'name="remove" value="([0-9a-f-]{36})"')
NUMBER = re.compile(r'name="staff_number" value="([^"]+)"')
# What is new in every message, and who was at the far end first.
TEXT_MASKS = (
    (re.compile(r"/a#\S+"), "/a#SECRET"),
    (re.compile(r"127\.0\.0\.1:\d+"), "HERE"),
    (re.compile(r"\bTocsin [A-Z0-9]{4}\b"), "Tocsin NAME"),
    (re.compile(r"(?<=[1-9] )\d{3}\b"), "NUM"),
    (re.compile(r"tcs1\.[A-Za-z0-9_-]+"), "TOKEN"),
    (re.compile(r'"key": ?"[^"]+"'), '"key": "KEY"'),
    (re.compile(r'<code class="break">[^<]*</code>'), "CODE"),
    (re.compile(r"<code>[A-Z2-7]{16,}</code>"), "CODE"),
    (re.compile(r"<code>\d{8}</code>"), "CODE"),
    (re.compile(r"\b(phone|monitor) [A-Z0-9]{8}\b"), "MACHINE"),
    (re.compile(r'<span class="word">[A-Z0-9]{4}</span>'), "NAME"),
    (re.compile(r"(?<=SOS )[A-Z0-9]{4}(?=</a>)"), "NAME"),
    (re.compile(r"(?<=Our word for it is )[A-Z0-9]{4}\b"), "NAME"),
    (re.compile(r"(?<=\(word: )[A-Z0-9]{4}\b"), "NAME"),
    (re.compile(r"data:image/svg\+xml[^\"]*"), "PICTURE"),
)
ADA, REX, WREN = "+13125550113", "+13125550111", "+13125550110"
# Nobody listens there.
PUSH = json.loads(a_subscription("https://127.0.0.1:9/his-own"))
# Whoever reads one of these in a log can use it.
# Longer than two cores full of other tests need for the few messages of a world.
SETTLED_WITHIN_S = 60.0
# Each step is done in the one world and then in the other, and the longest asks for every page there is.
STEPS_APART_S = 240.0
HELD = ("token", "link", "badge", "osmand", "word")
Said = tuple[Any, ...]


@dataclass
class Actor:
    """The insider in one world, with what he holds, and everything that was said to him."""

    world: Running
    insiders: Insiders
    browser: Browser
    since: datetime
    heard: list[tuple[str, Said]] = field(default_factory=list)
    held: dict[str, str] = field(default_factory=dict)
    asking: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)
    other: Browser | None = None
    taken: Counter[int] = field(default_factory=Counter)

    def hear(self, step: str, answer: requests.Response | Answer) -> None:
        """Note what came back."""
        if isinstance(answer, requests.Response):
            found = said(answer)
            # A page with a new secret in it: its length hangs on the secret's picture.
            is_new = "data:image/svg" in answer.text
            left = {n: v for n, v in found.headers.items() if not (is_new and n == "content-length")}  # fmt: skip
            size = 0 if is_new else found.size
            self.heard.append((step, (found.status, left, size, plain(found.text), Shown(found.times))))  # fmt: skip
            return
        heads = {name: split(value) for name, value in answer.headers.items()}
        head = {name: text for name, (text, _) in heads.items()}
        text, times = split(answer.body.decode())
        times = (*(each for _, found in heads.values() for each in found), *times)
        self.heard.append((step, (answer.status, head, len(answer.body), plain(text), Shown(times))))  # fmt: skip


def is_like(one: tuple[str, Said], other: tuple[str, Said], since: datetime) -> bool:
    """Return whether the same was said in both worlds, at times that are no further apart than their steps."""
    a, b = one[1], other[1]
    if isinstance(a[-1], Shown) and isinstance(b[-1], Shown):
        return a[:-1] == b[:-1] and are_same(a[-1].times, b[-1].times, since=since, apart_s=STEPS_APART_S)  # fmt: skip
    return a == b


def told(differing: list[tuple[tuple[str, Said], tuple[str, Said]]]) -> str:
    """Return what differs, in lines."""
    lines = [f"{len(differing)} answers tell the worlds apart"]
    for one, other in differing[:8]:
        lines.append(one[0])
        lines += [f"  {a!r:.600} / {b!r:.600}" for a, b in zip(one[1][:3], other[1][:3], strict=False) if a != b]  # fmt: skip
        texts = ("\n".join(map(str, each[1][3:4])).splitlines() for each in (one, other))
        lines += [f"  {line[:300]}" for line in unified_diff(*texts, n=0, lineterm="")][2:10]
        shown = [each[1][-1].times for each in (one, other) if isinstance(each[1][-1], Shown)]
        lines += [f"  {a and a.shown} / {b and b.shown}" for a, b in zip_longest(*shown) if a != b][:8]  # fmt: skip
    return "\n".join(lines)


def plain(text: str) -> str:
    """Return a text without what is new in each of its kind."""
    for pattern, instead in TEXT_MASKS:
        text = pattern.sub(instead, text)
    return masked(text)


def both_running(
    stack: ExitStack, cluster: Cluster, folder: Path, worlds: Worlds, purpose: str
) -> tuple[list[Running], Secret]:
    """Return the world without the order and the one with it, running until the stack ends, and what only the second has."""
    slug = f"house-{worlds.insiders.org.id.hex[-8:]}"
    both = []
    for name in ("without", "with"):
        database = f"insider_{purpose}_{name}"
        clone(cluster, database, template=TEMPLATE)
        world = running(cluster, folder / name, database, worlds.inside.keys, slug, worlds.inside.settings.keys_dir)  # fmt: skip
        both.append(stack.enter_context(world))
    secret = enter_everything(both[1].house, worlds.insiders)
    KNOWN.update(str(each) for rows in secret.ids.values() for each in rows)
    return both, secret


@pytest.fixture(scope="module")
def actors(
    worlds: Worlds, cluster: Cluster, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Actor, Actor]]:
    """Return the insider in a world without the order and in one with it, both running."""
    folder, org = tmp_path_factory.mktemp("own"), worlds.insiders.org
    with ExitStack() as stack:
        both, secret = both_running(stack, cluster, folder, worlds, "own")
        for world in both:
            nothing_goes_on(world.house, worlds.insiders)
            aged(cluster.url("postgres", database=world.house.conn.info.dbname), ORDER_BEFORE)
            stack.enter_context(engine_of(world))
        since = datetime.now(UTC)
        found = [Actor(w, worlds.insiders, w.house.signed_in(org, "ada"), since) for w in both]
        for actor in found:
            actor.held["word"] = secret.word
            actor.asking = [*script(replace(worlds, secret=secret))]
        found[1].asking = found[0].asking
        yield found[0], found[1]


def nothing_goes_on(house: House, insiders: Insiders) -> None:
    """Put off for an hour what goes on by itself, in each world by its own seconds: pages would say another moment of it."""
    org, at = insiders.org, datetime.now(UTC)
    usual = usual_sos(org.site_id)
    late = replace(usual.steps[1], offset_s=3_600)
    calm = replace(usual, steps=(usual.steps[0], late), repeat_after_s=3_600, confirm_every_s=3_600, call_unclaimed_s=3_600, deadline_s=3_600)  # fmt: skip
    with viewing(house.conn, org.id):
        save_policy(house.conn, org.id, org.site_id, to_dict(calm), at=at, by_id=None)
    # What is open counts anew with every act, by the ladder that it began with: whoever took the one that both have was asked to
    # confirm 150 s later, on a busy machine between a page of the one world and that page of the other.
    ladder = {
        name: each for name, each in to_dict(calm).items() if name not in {"id", "name", "kind"}
    }
    house.engine.execute("update decisions_incident set policy = policy || %s where policy ->> 'kind' = 'sos'", (Jsonb(ladder),))  # fmt: skip
    for statement in (
        "update decisions_incident set due_at = due_at + interval '1 hour'",
        "update notifications_delivery set deadline_at = deadline_at + interval '1 hour'",
    ):
        house.engine.execute(statement.encode())


def together(actors: tuple[Actor, Actor], *steps: Callable[[Actor], None]) -> None:
    """Do each step in the one world and then in the other; whatever was heard since must be the same."""
    for step in steps:
        before = [len(actor.heard) for actor in actors]
        for actor in actors:
            step(actor)
        one, other = (actor.heard[n:] for actor, n in zip(actors, before, strict=True))
        assert [name for name, _ in one] == [name for name, _ in other], step.__name__
        since = actors[0].since
        differing = [(a, b) for a, b in zip(one, other, strict=True) if not is_like(a, b, since)]
        assert not differing, f"{step.__name__}: {told(differing)}"


def new_phone(actor: Actor) -> None:
    """Enrol a phone of his own, by his own QR, and let it be called by push."""
    me = actor.insiders.org.people["ada"]
    shown = actor.browser.post_form(f"/people/{me}/enrol")
    actor.hear("qr", shown)
    code = CODE.search(shown.text)
    assert code
    phone = Browser(actor.world.house.base)
    token = phone.token(phone.get("/enrol"))
    wanted = {"secret": html.unescape(code[1]).split("#")[1], "label": "mine", "code": "1357", "other_code": "8642"}  # fmt: skip
    for _ in range(2):
        done = phone.session.post(phone.base + "/enrol/now", json=wanted, headers={"X-CSRFToken": token}, timeout=20)  # fmt: skip
        answer = done.json()
        actor.held.setdefault("token", str(answer.get("token", "")))
        actor.heard.append(("enrol", (done.status_code, sorted(answer), answer.get("psap"), answer.get("error"))))  # fmt: skip
    bearer = {"Authorization": f"Bearer {actor.held['token']}"}
    actor.hear("push", requests.post(phone.base + "/phone/push", json={"subscription": PUSH}, headers=bearer, timeout=20))  # fmt: skip


def at_the_gate(actor: Actor) -> None:
    """Use the phone's token on every door of the gate, rightly and wrongly."""
    token, world = actor.held["token"], actor.world
    for method in ("GET", "HEAD", "OPTIONS", "PUT"):
        head = f"{method} /sos HTTP/1.1\r\nHost: gate\r\nAuthorization: Bearer {token}\r\n\r\n"
        actor.hear(method, world.gate(head.encode()))
    actor.hear("health", world.gate(b"GET /health HTTP/1.1\r\nHost: gate\r\n\r\n"))
    actor.hear("nobody", world.press(None, key="his-own-0"))
    actor.hear("made up", world.press(token[:-4] + "AAAA", key="his-own-0"))
    actor.hear("malformed", world.press(token, key="x"))
    for act in ("walk", "extend", "end", "way", "stay", "decline", "cancel"):
        key = "the-way-now" if act == "way" else f"his-own-{act}"
        actor.hear(act, world.press(token, key=key, act=act, code="1357"))
    for door in ("/in/peer", "/in/nobody", "/in/"):
        head = f"POST {door} HTTP/1.1\r\nHost: gate\r\nContent-Length: 2\r\n\r\nhi"
        actor.hear(door, world.gate(head.encode()))


def press(actor: Actor) -> None:
    """Raise an SOS and ask what became of it until somebody is called: each answer as often as it changes."""
    answers: list[Answer] = []

    def ask() -> bool:
        answers.append(actor.world.press(actor.held["token"], key="his-own-sos"))
        return answers[-1].json["grade"] not in {"stored", "received"}

    assert until(ask), answers[-1]
    last = None
    for answer in answers:
        if answer.json["grade"] != last:
            last = answer.json["grade"]
            actor.hear("sos", answer)


def got(actor: Actor) -> dict[str, set[str]]:
    """Return what has arrived at his number and at the respondent's, each text once."""
    return {n: {plain(text) for text in actor.world.texts_to(n)} for n in (ADA, REX)}


def is_same_on_their_phones(actors: tuple[Actor, Actor]) -> bool:
    """Return whether the same has arrived in both worlds; when each goes out is the engines' own, which run by the second."""
    one, other = (got(actor) for actor in actors)
    return one == other and bool(one[REX])


def keep_link(actor: Actor) -> None:
    """Keep the link that came about his own press."""
    for text in actor.world.texts_to(REX):
        found = LINK.search(text)
        row = actor.world.house.engine.execute(
            "select i.person_id from notifications_delivery d join decisions_incident i on i.id = d.incident_id where d.id = %s",
            (found[1].split(".")[1] if found else None,),
        ).fetchone()
        if found and row == (actor.insiders.org.people["ada"],):
            actor.held["link"] = found[1]


def by_links(actor: Actor) -> None:
    """Open the link that came, press what it offers, and press what it does not."""
    base, secret = actor.world.house.base, actor.held["link"]
    broken = secret[:-2] + ("AA" if not secret.endswith("AA") else "BB")
    actor.hear("a", requests.get(base + "/a", timeout=20))
    for each in (secret, broken):
        actor.hear("show", requests.post(base + "/a/show", data={"secret": each}, timeout=20))
        for act in ("seen", "going", "calling", "look-nothing", "nonsense"):
            actor.hear(act, requests.post(base + "/a/act", data={"secret": each, "act": act}, timeout=20))  # fmt: skip


def by_text(actor: Actor) -> None:
    """Write to the number of the place: from his own, from one that nobody knows."""
    for number in (ADA, REX, "+13125550999"):
        for n, words in enumerate(("hello", "STOP", "1 000", "4 000")):
            actor.hear("text", actor.world.text(number, words, f"SM-own-{number[-3:]}-{n}"))


MACHINES = ("badge", "signed_json", "contact", "visitor_list", "plate_recognizer", "rekor")


def new_machines(actor: Actor) -> None:
    """Enrol a machine of each kind at his site, and a monitor of the case, whose word he guesses."""
    site = str(actor.insiders.org.site_id)
    for kind in MACHINES:
        shown = actor.browser.post_form("/senders/new", kind=kind, name=f"his {kind}", where=site, interval_s="3600", proof="basic")  # fmt: skip
        actor.hear(f"new {kind}", shown)
        key, address = (html.unescape(each) for each in CODE.findall(shown.text)[:2])
        actor.held[kind], actor.held[f"{kind} at"] = key, address
    monitor = {"kind": "osmand", "case": actor.held["word"], "interval_s": "3600"}
    actor.hear("monitor", actor.browser.post_form("/senders/new", **monitor))
    actor.hear("own phone", shown := actor.browser.post_form("/my-position", do="osmand"))
    key, address = (html.unescape(each) for each in CODE.findall(shown.text)[:2])
    actor.held["osmand"], actor.held["osmand at"] = key, address


def by_machines(actor: Actor) -> None:
    """Hand in everything that could be asked of a door: his badge, his plate, his name, hers."""
    said_of_him = [
        {"id": "1", "kind": "badge", "badge": canary("badge"), "at": "2026-11-27T00:00:00Z"},
        {"id": "2", "kind": "person", "name": canary("respondent name")},
        {"id": "3", "kind": "plate", "plate": "QXZV77"},
        {"badge": canary("badge")},
        {"name": "Rex Sample", "number": "+13125550177"},
        [],
    ]
    for kind in MACHINES:
        for wrong in ("", "x"):
            auth = ("any", actor.held[kind] + wrong)
            for body in said_of_him:
                answer = requests.post(actor.held[f"{kind} at"], data=json.dumps(body), auth=auth, headers={"Content-Type": "application/json"}, timeout=20)  # fmt: skip
                actor.hear(f"{kind}{wrong}", answer)
        actor.hear("read", requests.get(actor.held[f"{kind} at"], timeout=20))
    for where in ("?lat=41.8&lon=-87.6", "?lat=x"):
        basic = base64.b64encode(f"any:{actor.held['osmand']}".encode()).decode()
        actor.hear("position", requests.get(actor.held["osmand at"] + where, headers={"Authorization": f"Basic {basic}"}, timeout=20))  # fmt: skip


def new_account(actor: Actor) -> None:
    """Make a person of the highest role and a sign-in for him, and sign in as that person."""
    site, tail = str(actor.insiders.org.site_id), actor.insiders.org.id.hex[-6:]
    made = actor.browser.post_form("/people/new", name="Zed Sample", short_name="Zed", staff_number=f"zed-{tail}", role="safety_lead", language="en", site=site, is_active="on")  # fmt: skip
    actor.hear("person", made)
    person = IDS.search(made.url)
    assert person, made.text
    login = f"zed-{tail}"
    actor.hear("account", actor.browser.post_form(f"/people/{person[1]}", login=login, password=PASSWORD))  # fmt: skip
    zed = Browser(actor.world.house.base, actor.insiders.org.address)
    shown = zed.post_form("/sign-in", login=login, password=PASSWORD)
    actor.hear("sign in", shown)
    shown = zed.get("/account/second/set-up")
    by_hand = KEY_BY_HAND.search(shown.text)
    assert by_hand, shown.text
    shown = zed.post_to("/account/second/set-up", zed.token(shown), code=totp(secret=by_hand[1]))
    actor.hear("second step", shown)
    actor.other = zed


def her_record(actor: Actor) -> None:
    """Give her another name, role and site, say that she left, and look at every page that names people."""
    settled(actor)
    hers = f"/people/{actor.insiders.org.people['wren']}"
    shown = actor.browser.get(f"{hers}/edit")
    number = NUMBER.search(shown.text)
    assert number, shown.text
    form = {"name": "Wren Sample", "short_name": "Wren", "staff_number": number[1], "role": "responder", "language": "en", "site": str(actor.insiders.org.site_id), "is_active": "on"}  # fmt: skip
    other = form | {"name": "Nobody", "short_name": "N.", "role": "manager", "site": ""}
    gone = {name: text for name, text in form.items() if name != "is_active"}
    for values in (other, gone, form, gone):
        actor.hear("saved", actor.browser.post_form(f"{hers}/edit", **values))
        for where in ("/people", hers, f"{hers}/edit", f"{hers}/enrol", f"/sites/{actor.insiders.org.site_id}", "/reachable", "/"):  # fmt: skip
            actor.hear(where, actor.browser.get(where))
    shown = actor.browser.post_form("/drills", site=form["site"])
    settled(actor)
    where = shown.url.removeprefix(actor.browser.base)
    later = actor.browser.get(where).text
    # While it ran on, every page about it would say another moment of it in the other world.
    actor.browser.post_form(where)
    settled(actor)
    # Each line of it in the order in which the engines sent, which is their own.
    actor.heard.append(("asked in a drill", tuple(sorted(ASKED.findall(later)))))
    another_calls(actor)


def another_calls(actor: Actor) -> None:
    """Let a colleague press, which in the one world calls her too, and look at the incident and take out what is on record."""
    where = f"/incidents/{actor.world.house.sos(actor.insiders.org, by='pip')}"
    settled(actor)
    # Whoever was called, in an order of the messages' own.
    actor.heard.append(("called", tuple(sorted(CALLED.findall(actor.browser.get(where).text)))))
    written = taken_out.of_incident(actor.browser, where, plain)
    actor.heard.append(("on record", ("\n".join(sorted(written.elements())),)))


def her_roster(actor: Actor) -> None:
    """Take her out of the roster that another has written, in both ways, and look at every page that says who is on duty."""
    settled(actor)
    org, conn = actor.insiders.org, actor.world.house.conn
    where = f"/sites/{org.site_id}"
    day = (datetime.now(UTC) + timedelta(days=2)).date()

    def line(name: str, action: str) -> dict[str, str]:
        # Of two shifts that begin at once the page has no order that is the same in both worlds.
        starts = f"{day}T07:00" if name == "pat" else f"{day}T08:00"
        body = {"id": str(uuid7()), "action": action, "person_id": str(org.people[name]), "starts": starts, "ends": f"{day}T16:00"}  # fmt: skip
        return body | {"role": "guard"} if action == "add" else body

    with viewing(conn, org.id, org.people["nia"]):
        nia = viewer_of(actor.world.house, org, "nia")
        for name in ("pat", "wren"):
            added = line_from_dict("override", line(name, "add"))
            keep_roster_lines(conn, nia, org.site_id, [added], at=datetime.now(UTC))
    cut = json.dumps({"kind": "override", **line("wren", "remove")})
    for form in ({"document": cut}, {"remove": "last"}, {"remove": "last"}):
        if "remove" in form:
            form["remove"] = LINE.findall(actor.browser.get(where).text)[-1]
        actor.hear("roster", actor.browser.post_form(f"{where}/roster", where, **form))
        for looked_at in (where, "/", "/reachable"):
            actor.hear(looked_at, actor.browser.get(looked_at))
    # Long enough that the engine has read the rosters: what it keeps of hers must show nowhere either.
    time.sleep(READ_S + 2)
    for looked_at in (where, "/", "/reachable"):
        actor.hear(looked_at, actor.browser.get(looked_at))


def settled(actor: Actor) -> None:
    """Wait until all that came in is taken, no message under way and no entry unsealed: each world has its own pace."""
    under_way = """select (select count(*) from notifications_delivery where state in ('pending', 'leased')
            or state = 'retrying' and error = 'organisation_not_known_yet')
        + (select count(*) from record_entry where seq is null)"""
    spool = actor.world.house.settings.spool_dir
    last = time.monotonic() + SETTLED_WITHIN_S
    while time.monotonic() < last:
        is_taken = not Reader(spool).read(read_drained(spool), 1)
        now = actor.world.house.engine.execute(under_way).fetchone()
        if is_taken and now == (0,):
            return
        time.sleep(0.1)
    pytest.fail(f"not settled within {SETTLED_WITHIN_S} s: taken {is_taken}, under way {now}")


def everything_by_it(actor: Actor) -> None:
    """Ask for every page with the account that he made, and press what asks for words."""
    settled(actor)
    browser = actor.other
    assert browser
    token = browser.token(browser.get("/sessions"))
    for method, address, form in actor.asking:
        if method == "POST" and not form:
            continue
        if address == "/record":
            # `test_what_he_takes_out_of_the_record_tells_him_nothing`: each engine writes by its own seconds.
            continue
        where = browser.base + address
        if method == "GET":
            answer = browser.session.get(where, timeout=20, allow_redirects=False)
        else:
            data = {"csrfmiddlewaretoken": token, **form}
            answer = browser.session.post(where, data=data, timeout=20, allow_redirects=False)
        actor.hear(f"{method} {address} {form or ''}", answer)


@contextmanager
def opened(actor: Actor) -> Iterator[Stream]:
    """Open the live stream in his browser."""
    with opened_stream(actor.world.house, actor.browser) as stream:
        yield stream


@pytest.mark.guarantee("I11")
def test_a_phone_of_his_own_tells_him_nothing(actors: tuple[Actor, Actor]) -> None:
    together(actors, new_phone, at_the_gate, press)
    assert until(lambda: is_same_on_their_phones(actors)), [got(actor) for actor in actors]
    together(actors, keep_link, by_links, by_text)


@pytest.mark.guarantee("I11")
def test_a_machine_of_his_own_tells_him_nothing(actors: tuple[Actor, Actor]) -> None:
    together(actors, new_machines, by_machines)


@pytest.mark.guarantee("I12")
def test_every_door_outside_django_gives_everybody_what_its_line_says(actors: tuple[Actor, Actor]) -> None:  # fmt: skip
    seen: list[dict[str, str]] = []

    def at_the_doors(actor: Actor) -> None:
        gate = doors.gate_lines(actor.world, actor.insiders, actor.held, actor.hear)
        pages = doors.console_lines(actor.world, actor.insiders, actor.held, actor.browser, actor.hear)  # fmt: skip
        seen.append(gate | pages)

    together(actors, at_the_doors)
    said = {f"{door} {method}": doors.gate_line(door, method) for door, method in doors.gate_doors()}  # fmt: skip
    assert seen[0] == said | doors.CONSOLE


@pytest.mark.guarantee("I11")
def test_the_stream_that_he_holds_open_tells_him_nothing(actors: tuple[Actor, Actor]) -> None:
    # Her incidents change in the one world, again and again; what both have in common changes last.
    org, common = actors[0].insiders.org, {}
    for actor in actors:
        house = actor.world.house
        hers = house.engine.execute("select id from decisions_incident where person_id = %s", (org.people["wren"],)).fetchall()  # fmt: skip
        row = house.engine.execute("select id from decisions_incident where person_id = %s", (org.people["responder"],)).fetchone()  # fmt: skip
        assert row
        common[actor.world.house.base] = row[0]
        with opened(actor) as stream:
            for (incident_id,) in hers:
                house.ring_screens(org, incident_id, 5)
            stream.wait_for(b"never", within_s=0.3)
            house.ring_screens(org, row[0], 77)
            assert stream.wait_for(b'"version": 77', within_s=5)
            frames = [f for f in stream.read.decode().split("\n\n") if "changed" in f]
        cookie = "; ".join(f"{one.name}={one.value}" for one in actor.browser.session.cookies)
        last = re.search(r"^id: (.*)$", stream.read.decode(), re.M)
        for (incident_id,) in hers:
            house.ring_screens(org, incident_id, 6)
        again = Stream(house.base, {"Cookie": cookie, "Last-Event-ID": last[1] if last else ""})
        assert again.wait_for(b"event: reload", within_s=WITHIN_S)
        again.socket.close()
        head, _, body = again.read.decode().partition("\r\n\r\n")
        actor.heard.append(("frames", (frames, plain(re.sub(r"date: .*", "", head)), body)))
    one, other = (actor.heard[-1] for actor in actors)
    assert one == other, told([(one, other)])
    assert len(set(common.values())) == 1


@pytest.mark.guarantee("I11")
def test_what_he_makes_of_her_record_tells_him_nothing_and_she_is_called(actors: tuple[Actor, Actor]) -> None:  # fmt: skip
    together(actors, her_record)
    wren, org = actors[0].insiders.org.people["wren"], actors[0].insiders.org
    called = []
    for actor in actors:
        row = actor.world.house.engine.execute("select is_active from registry_person where id = %s", (wren,)).fetchone()  # fmt: skip
        assert row
        called.append(row[0])
    # Where nothing is known of an order he is an administrator like any other.
    assert called == [False, True], org.id


@pytest.mark.guarantee("I11")
def test_an_account_that_he_makes_tells_him_nothing(actors: tuple[Actor, Actor]) -> None:
    together(actors, new_account, everything_by_it)
    # Nor is the new person on anybody's list of those who come to her; who may read the case sees who made him.
    house, org = actors[1].world.house, actors[1].insiders.org
    row = house.engine.execute("select person_id, added_by_id from registry_party where added_by_id = %s", (org.people["ada"],)).fetchall()  # fmt: skip
    assert len(row) == 1


def a_number_of_hers(actor: Actor) -> None:
    """Make her number one that he wrote down before the order; end what is open of hers, and give a message a code."""
    org, engine = actor.insiders.org, actor.world.house.engine
    hers = {"hers": org.people["wren"], "his": org.people["ada"], "common": common_incident(actor)}
    settled(actor)
    shown = actor.browser.get(f"/people/{hers['hers']}/edit")
    number = NUMBER.search(shown.text)
    assert number, shown.text
    actor.browser.post_form(f"/people/{hers['hers']}/edit", name="Wren Sample", short_name="Wren", staff_number=number[1], role="responder", language="en", site=str(org.site_id), is_active="on")  # fmt: skip
    for statement in (
        "update registry_contactmethod set made_by_id = %(his)s where person_id = %(hers)s and channel = 'sms'",
        "update decisions_incident set closed_at = now(), due_at = null, version = version + 1 where id <> %(common)s and closed_at is null",
        "update notifications_delivery set code = '123' where incident_id = %(common)s and person_id = %(hers)s",
    ):
        engine.execute(statement.encode(), hers)


def common_incident(actor: Actor) -> UUID:
    """Return the alarm of somebody else that was there before the order."""
    asked = "select id from decisions_incident where person_id = %s"
    row = actor.world.house.engine.execute(asked, (actor.insiders.org.people["responder"],)).fetchone()  # fmt: skip
    assert row
    found: UUID = row[0]
    return found


def from_her_number(actor: Actor) -> None:
    """Write words without a code and an answer with one from her number, and look wherever either may stand."""
    common, engine = common_incident(actor), actor.world.house.engine
    for n, words in enumerate(("north gate, he has a knife", "2 123", "1 000")):
        actor.hear("text", actor.world.text(WREN, words, f"SM-hers-{n}"))

        def is_kept(count: int = n + 1) -> bool:
            row = engine.execute("select count(*) from signals_textreceived where person_id = %s", (actor.insiders.org.people["wren"],)).fetchone()  # fmt: skip
            return row == (count,)

        assert until(is_kept), words
    settled(actor)
    shown = actor.browser.get(f"/incidents/{common}")
    assert "north gate, he has a knife" in shown.text
    assert "1 000" in shown.text
    assert "2 123" not in shown.text
    for where in ("/", f"/incidents/{common}", "/unverified", "/people", f"/people/{actor.insiders.org.people['wren']}", "/reachable"):  # fmt: skip
        actor.hear(where, actor.browser.get(where))


@pytest.mark.guarantee("I11")
def test_what_he_writes_from_a_number_that_he_wrote_down_as_hers_tells_him_nothing(actors: tuple[Actor, Actor]) -> None:  # fmt: skip
    together(actors, a_number_of_hers, from_her_number)
    # It counted, in both.
    for actor in actors:
        row = actor.world.house.engine.execute(
            "select progress -> 'standing' ? %s from decisions_incident where id = %s",
            (str(actor.insiders.org.people["wren"]), common_incident(actor)),
        ).fetchone()
        assert row == (True,)


@pytest.mark.night
@pytest.mark.guarantee("I11")
def test_what_he_writes_of_her_roster_tells_him_nothing_and_her_shift_is_kept(actors: tuple[Actor, Actor]) -> None:  # fmt: skip
    together(actors, her_roster)
    kept = []
    for actor in actors:
        asked = "select count(*) from registry_keptshift where person_id = %s"
        row = actor.world.house.engine.execute(asked, (actor.insiders.org.people["wren"],)).fetchone()  # fmt: skip
        assert row
        kept.append(row[0])
    assert kept == [0, 1]


@pytest.mark.guarantee("I11")
def test_what_he_takes_out_of_the_record_tells_him_nothing(actors: tuple[Actor, Actor]) -> None:
    # Last, for a drill's figures, and what an engine looks after once a minute, come in each world by its own seconds: until both
    # say the same, so long that each has looked once more. What is only in one of them never comes in the other.
    found: list[Counter[str]] = []

    def is_same() -> bool:
        found[:] = [what_he_takes_out(actor) for actor in actors]
        return found[0] == found[1]

    assert until(is_same, within_s=LOOK_S + WITHIN_S), (found[0] - found[1], found[1] - found[0])
    assert found[0].total() > 50


def what_he_takes_out(actor: Actor) -> "Counter[str]":
    """Return the whole record, once its page counts no more than what is in it and that it was taken out."""
    written: Counter[str] = Counter()

    def is_whole() -> bool:
        nonlocal written
        written = taken_out.whole(actor.browser, plain)
        settled(actor)
        size = SIZE.search(actor.browser.get("/record").text)
        return size is not None and int(size[1]) == written.total() + 1

    assert until(is_whole)
    return Counter({entry: n for entry, n in written.items() if not taken_out.is_apart(entry)})


@pytest.mark.guarantee("I24")
@pytest.mark.parametrize("n", [0, 1, 2], ids=["console", "gate", "engine"])
def test_no_log_says_a_word_of_hers_or_holds_what_he_holds(actors: tuple[Actor, Actor], n: int) -> None:  # fmt: skip
    for actor in actors:
        text = actor.world.logs[n].read_text(encoding="utf-8")
        # The console has nothing to log while all goes well.
        assert n == 0 or '"event"' in text
        assert leaks_in_log(text) == []
        assert [name for name in HELD if actor.held.get(name, "-none-") in text] == []
