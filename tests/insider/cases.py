"""Who plays in the two worlds, and what is the secret? Every field of it that can hold words holds a canary."""

import zlib
from base64 import b64decode
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import UUID

from tests.insider.routes import Route
from tests.pages.house import IDS, Browser, House, Organisation
from tocsin.decisions.access_safeguards import load_mine
from tocsin.decisions.index import load_index
from tocsin.decisions.rules.incident import Doing
from tocsin.decisions.rules.review import Answer, Review
from tocsin.decisions.store_safeguards import load_safeguards
from tocsin.flow.agree_grant import agree_grant
from tocsin.flow.amend_order import Told, amend_order
from tocsin.flow.ask_grant import ask_grant
from tocsin.flow.break_glass import break_glass
from tocsin.flow.do_safeguard import finish_safeguard
from tocsin.flow.enter_order import Entered, enter_order
from tocsin.flow.keep_account import keep_account
from tocsin.flow.keep_draft import keep_draft
from tocsin.flow.keep_review import keep_review
from tocsin.flow.know_respondent import know_respondent
from tocsin.flow.match_report import decide_report
from tocsin.flow.open_held_walks import open_held_walks
from tocsin.flow.postgres_alarms import PostgresAlarms
from tocsin.flow.record_custody import record_custody
from tocsin.flow.respond import Refused, respond
from tocsin.record.rules.accounts import About, Account
from tocsin.registry import store_people as people
from tocsin.registry import store_sign_ins as sign_ins
from tocsin.registry import store_sites as sites
from tocsin.registry.access import Viewer, find_viewer
from tocsin.registry.access_cases import load_case_view
from tocsin.registry.rules.door import KnownPlate
from tocsin.registry.rules.duty import Shift
from tocsin.registry.rules.grants import Grant
from tocsin.registry.rules.order import FactKind, Family
from tocsin.registry.rules.order_amending import FactDraft
from tocsin.registry.rules.order_document import (
    Elsewhere,
    OrderBody,
    ProtectedPerson,
    Respondent,
)
from tocsin.registry.rules.order_entry import OrderDraft, Picture, RuleDraft, When
from tocsin.registry.rules.rows import ContactRow, PersonRow
from tocsin.registry.store_senders import keep_gone
from tocsin.runtime.database import viewing
from tocsin.runtime.ids import uuid7
from tocsin.signals.rules.custody import CustodyBody, CustodyFact, Source, State
from tocsin.signals.rules.seen import Position, Seen
from tocsin.signals.rules.seen import Source as Source_
from tocsin.signals.store_fixes import FixRow, keep_case_fix

# Strings that occur nowhere else, one a field; whoever finds one where it must not be knows which field leaked.
CANARY = "Qx7Zv"
# What holds no words is hunted as what it is: his plate, and where his monitor was.
PLATE = "QXZV77"
LATITUDE = 41.8097531
NUMBERS = (PLATE, str(LATITUDE))


def canary(field: str) -> str:
    """Return the canary of a field: letters only, so that no clean-up of the entry changes it."""
    return CANARY + "".join(letter for letter in field.title() if letter.isalpha())


def picture(field: str) -> Picture:
    """Return a picture that carries the canary of a field beside its one point, as PNG lets it: twice in a text.

    Once as it is, for where bytes lie; once so that it stands in base64 too, for the pages that hold a picture within them.
    """
    head = b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", bytes((0, 0, 0, 1, 0, 0, 0, 1, 8, 0, 0, 0, 0)))
    start, word = b"Comment\0", canary(field)
    start += b"." * (-(len(head) + 8 + len(start)) % 3)
    text = start + b64decode(word + "x" * (-len(word) % 4)) + word.encode()
    point = _chunk(b"IDAT", zlib.compress(b"\0\0")) + _chunk(b"IEND", b"")
    return Picture("image/png", head + _chunk(b"tEXt", text) + point)


def _chunk(name: bytes, body: bytes) -> bytes:
    return len(body).to_bytes(4, "big") + name + body + zlib.crc32(name + body).to_bytes(4, "big")


@dataclass
class Insiders:
    """The employer of both worlds. `roles`: by the name of the player, who he is to the case, and his login."""

    org: Organisation
    other: Organisation
    relations: dict[str, str]


@dataclass
class Secret:
    """What exists in one world only. `ids`: of every table, what is there; `forbidden`: what is there only in it."""

    case_id: UUID
    word: str
    ids: dict[str, list[UUID]]
    forbidden: frozenset[UUID]


@dataclass
class Worlds:
    """The same house twice. `outside` is the world without the order, `inside` the one with it."""

    outside: House
    inside: House
    insiders: Insiders
    secret: Secret
    routes: tuple[Route, ...]
    folder: Path
    superuser_url: str
    signed: dict[tuple[str, str], Browser] = field(default_factory=dict)

    def browser(self, name: str, house: House | None = None) -> Browser:
        """Return the browser in which this player is signed in, once: each code of the second step counts once."""
        where = house or self.inside
        key = (where.base, name)
        if key not in self.signed:
            self.signed[key] = where.signed_in(self.insiders.org, name)
        return self.signed[key]


# Name, role, and what he is to the case.
PLAYERS = (
    ("wren", "responder", "protected"),
    ("rex", "guard", "respondent"),
    ("lin", "shift_lead", "linked"),
    ("ada", "admin", "linked"),
    ("nia", "safety_lead", "holder"),
    ("pat", "guard", "none"),
    ("max", "safety_lead", "none"),
    ("pip", "guard", "none"),
    ("zoe", "safety_lead", "none"),
    ("tom", "guard", "none"),
    ("amy", "responder", "advocate"),
    ("oli", "manager", "owner"),
    ("mia", "manager", "manager"),
    ("sam", "guard", "former"),
)
# Beside the matrix nobody meets them: they have no shift, so that no list of who is on duty is longer for them.
OFF_DUTY = frozenset({"amy", "oli", "mia", "sam"})


def seed(house: House) -> Insiders:
    """Write the employer, its people and an unrelated SOS, as both worlds have them."""
    org, other = house.new_organisation(), house.new_organisation()
    at = datetime.now(UTC)
    # In the order of the players, also within a millisecond: what is to be done is given to the first of a role.
    org.people.update(zip((name for name, *_ in PLAYERS), sorted(uuid7() for _ in PLAYERS), strict=True))  # fmt: skip
    with viewing(house.conn, org.id):
        for number, (name, role, _relation) in enumerate(PLAYERS, 10):
            _person(house, org, name, role, number, at)
    shifts = [
        Shift(person_id=org.people[name], role=role, starts_at=at - timedelta(hours=1), ends_at=at + timedelta(minutes=30), local_start=at.replace(tzinfo=None), local_end=at.replace(tzinfo=None), source="pattern")
        for name, role, _relation in PLAYERS
        if name not in OFF_DUTY
    ]  # fmt: skip
    with viewing(house.conn, org.id):
        sites.insert_shifts(house.conn, org.id, org.site_id, shifts)
    incident_id = house.sos(org, by="responder")
    # Somebody takes it, so that no line of it changes with the seconds.
    alarms = PostgresAlarms(house.engine, house.ring)
    for doing in (Doing.CALLING, Doing.IN_CHARGE):
        with alarms.atomically():
            done = respond(alarms, org.id, incident_id, by=org.people["pip"], doing=doing, via="page", ids=IDS)  # fmt: skip
        assert not isinstance(done, Refused), done
    return Insiders(org, other, {name: relation for name, _role, relation in PLAYERS})


def _person(
    house: House, org: Organisation, name: str, role: str, number: int, at: datetime
) -> None:
    person = PersonRow(id=org.people[name], organisation_id=org.id, staff_number=f"{org.id.hex[-6:]}-{number}", name=f"{name.title()} Sample", short_name=f"{name.title()}", role=role, site_id=org.site_id)  # fmt: skip
    people.insert_person(house.conn, house.ring, person)
    phone = ContactRow(id=uuid7(), person_id=person.id, channel="sms", address=f"+131255501{number:02d}", position=1, verified_at=at)  # fmt: skip
    people.insert_contact(house.conn, house.ring, org.id, phone)
    login = f"{name}-{org.id.hex[-6:]}"
    from tests.pages.house import hashed

    account_id = sign_ins.insert_account(house.conn, org.id, person.id, login, hashed())
    house.set_up_second_factor(account_id)
    org.logins[name] = login


def viewer_of(house: House, org: Organisation, name: str) -> Viewer:
    """Return a player as a viewer, inside an open transaction that shows what he may see."""
    account = sign_ins.find_account(house.conn, org.people[name])
    assert account is not None
    found = find_viewer(house.conn, account.id)
    assert found is not None
    return found


def draft(insiders: Insiders) -> OrderDraft:
    """Return an order with a canary in every field that holds words."""
    org = insiders.org
    return OrderDraft(
        respondent=Respondent(
            name=canary("respondent name"),
            aliases=(canary("alias"),),
            born_on=date(1971, 3, 4),
            description=canary("description"),
            relation=canary("relation"),
            phones=("+13125550177",),
            badges=(canary("badge"),),
            plates=(KnownPlate(PLATE, "IL"),),
            vehicles=canary("vehicle"),
            addresses=(canary("account of his"),),
        ),
        court_time_zone="America/Chicago",
        protected_id=org.people["wren"],
        colleague_id=org.people["rex"],
        linked_ids=(org.people["lin"], org.people["ada"]),
        family=Family.FINAL,
        body=OrderBody(
            court=canary("court"),
            docket=canary("docket"),
            petitioner=canary("petitioner"),
            others=(ProtectedPerson(canary("child"), date(2019, 1, 2), is_child=True),),
            elsewhere=(Elsewhere(canary("elsewhere"), 100),),
            terms=canary("terms"),
            findings=canary("findings"),
            caution=canary("caution"),
        ),
        conditions=("01", "04"),
        has_firearm_mark=True,
        issued=When(at=datetime.now(UTC) - timedelta(days=1)),
        house_rule=RuleDraft(contest=canary("contest"), reason=canary("rule reason")),
        photo=picture("photo"),
        document=Picture("application/pdf", b"%PDF-1.4 " + canary("document").encode()),
        first_page=picture("first page"),
    )


def enter_everything(house: House, insiders: Insiders) -> Secret:
    """Enter the order and let everything come of it that can come of it without the engine."""
    org, at = insiders.org, datetime.now(UTC)
    conn, ring = house.conn, house.ring
    before = ids_of(house)
    with viewing(conn, org.id):
        nia = viewer_of(house, org, "nia")
        entered = enter_order(conn, ring, nia, draft(insiders), at=at, ids=IDS)
    assert isinstance(entered, Entered), entered
    case_id = entered.case_id
    with viewing(conn, org.id):
        nia = viewer_of(house, org, "nia")
        view = load_case_view(conn, ring, nia, case_id, at=at)
        asked = ask_grant(conn, ring, nia, view.word, org.people["pat"], reason=canary("grant reason"), lasting=timedelta(days=1), at=at)  # fmt: skip
        assert isinstance(asked, Grant), asked
        fact = CustodyFact(id=uuid7(), case_id=case_id, state=State.HELD, heard_at=at, source=Source.JAIL, true_at=at, is_confirmed=True, heard_by_id=nia.person_id)  # fmt: skip
        body = CustodyBody(words=canary("custody words"), place=canary("custody place"), raw=canary("custody notice"))  # fmt: skip
        kept = record_custody(conn, ring, org.id, fact, body)
        assert not isinstance(kept, Refused), kept
        said = Account(id=uuid7(), organisation_id=org.id, about=About.CASE, about_id=case_id, case_id=case_id, fact="age", label=canary("fact"), source=canary("source"), words=canary("account"), heard_at=at, kept_at=at)  # fmt: skip
        assert keep_account(conn, view.key, case_id, said, by=nia.person_id, at=at) == {}
        answers = Review(id=uuid7(), organisation_id=org.id, case_id=case_id, question_set="utah-77-36-2.1", version="2023-enacted", asked_at=at, asked_by_id=nia.person_id, answers={4: Answer.YES}, notes={12: canary("answer")})  # fmt: skip
        assert keep_review(conn, view.key, answers, is_hers=False) is None
        more = Respondent(name="", aliases=(canary("another alias"),))
        assert know_respondent(conn, ring, nia, case_id, more, at=at) == ()
        tried = FactDraft(
            kind=FactKind.SERVICE_ATTEMPTED, when=When(at=at), words=canary("officer")
        )
        told = amend_order(conn, ring, nia, (case_id, entered.order_id), tried, at=at, ids=IDS)
        assert isinstance(told, Told), told
        assert load_mine(conn, nia, at=at).open
        kept_for = {each.template: each.id for each in load_safeguards(conn, org.id, case_id)}
        assert finish_safeguard(conn, ring, nia, kept_for["recordings"], canary("evidence"), at=at) is None  # fmt: skip
        typed = {"case": [str(case_id)], "respondent_name": [canary("draft")]}
        keep_draft(conn, ring, nia, uuid7(), (typed, {"photo": picture("photo of a draft")}), at=at)
        keep_gone(conn, org.id, case_id, uuid7(), at)
    alarms = PostgresAlarms(conn, ring)
    with viewing(conn, org.id):
        lead = viewer_of(house, org, "max")
        broken = break_glass(alarms, lead, view.word, reason=canary("glass reason"), at=at, ids=IDS)
        assert not isinstance(broken, Refused), broken
    with viewing(conn, org.id):
        assert not isinstance(agree_grant(alarms, viewer_of(house, org, "max"), asked.id, at=at, ids=IDS), Refused)  # fmt: skip
    # Everything of hers that comes afterwards, with the engine: he must not see it either.
    engine = PostgresAlarms(house.engine, ring)
    with engine.atomically():
        open_held_walks(engine, ids=IDS)
        position = Position(LATITUDE, -87.6, at, 5)
        assert keep_case_fix(house.engine, ring, org.id, case_id, FixRow(uuid7(), position, {}), heard_at=at)  # fmt: skip
    seen = Seen(organisation_id=org.id, source=Source_.GUARD, track="guard-1", seen_at=at, heard_at=at, site_id=org.site_id, reported_by_id=org.people["pat"], name=canary("respondent name"), words=canary("sighting words"))  # fmt: skip
    with engine.atomically():
        hits = load_index(house.engine, ring, org.id).match(seen)
        assert decide_report(engine, seen, hits, ids=IDS), hits
    house.sos(org, by="wren")
    ids = ids_of(house)
    known = {each for rows in before.values() for each in rows}
    forbidden = {each for rows in ids.values() for each in rows} - known
    return Secret(case_id, view.word, ids, frozenset(forbidden))


def ids_of(house: House) -> dict[str, list[UUID]]:
    """Return every id of every table of ours, by table, as the engine sees them: what he might guess at best."""
    found = {}
    tables = house.engine.execute(
        "select table_name from information_schema.columns where table_schema = 'public' and column_name = 'id' and data_type = 'uuid'"
    ).fetchall()
    for (table,) in tables:
        if house.engine.execute("select has_table_privilege(%s, 'select')", (table,)).fetchone() == (True,):  # fmt: skip
            rows = house.engine.execute(f"select id from {table} order by id desc limit 40")
            found[str(table)] = [row[0] for row in rows.fetchall()]
    return found
