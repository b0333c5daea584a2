"""A custody notice came, by mail, by text or pasted: find whose it is, keep it as it came, and count only what is clear."""

import unicodedata
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from tocsin.decisions.rules.matching import Entry as Known
from tocsin.decisions.rules.matching import match_person
from tocsin.flow.record_custody import Recorded, record_custody
from tocsin.flow.respond import Refused
from tocsin.registry.rules.case_rows import CaseRow
from tocsin.registry.store_cases import load_case, load_cases
from tocsin.runtime.database import Connection
from tocsin.runtime.encryption import KeyRing
from tocsin.runtime.ids import named_uuid
from tocsin.signals.feeds.custody_mail.notice import MAX_NOTICE, Notice, read_notice
from tocsin.signals.rules.custody import CustodyBody, CustodyFact, Source, State, is_said_twice
from tocsin.signals.rules.quarantine import Why
from tocsin.signals.rules.seen import Seen
from tocsin.signals.rules.seen import Source as SeenBy
from tocsin.signals.store_custody import load_all_custody
from tocsin.signals.store_quarantine import set_aside

MAX_RAW: Final = 12_000
CUT: Final = "\n[…]"


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeIn:
    """A notice as it came. `digest` is the same for the same message again; `by`: who pasted or forwarded it.

    `is_by_words`: nothing names the message, the digest is of its words alone; later they may say another release.
    """

    organisation_id: UUID
    source: Source
    text: str
    digest: str
    heard_at: datetime
    by: UUID | None = None
    is_by_words: bool = False


def hear_about_case(
    conn: Connection, ring: KeyRing, notice: NoticeIn, case_id: UUID
) -> Recorded | Refused:
    """Keep a notice that is known to be about this case.

    In another layout, or naming somebody else, it is *not understood*: shown to a person, and until she has read it he counts as free.

    Raises:
        LookupError: there is no such case for this viewer.
    """
    case = load_case(conn, ring, case_id)
    if case is None:
        raise LookupError(case_id)
    said = read_notice(notice.text, notice.heard_at)
    return _kept(conn, ring, notice, said if said and names(case, said.name) else None, case)


def hear_notice(
    conn: Connection, ring: KeyRing, notice: NoticeIn, words: tuple[str, ...] = ()
) -> tuple[Recorded | Refused, ...]:
    """Keep a notice that came by itself; `words`: what named a case (the address behind "+"). For the engine's role.

    Without a known word it belongs to every case whose respondent it names. One that names nobody known is set aside,
    sealed; each is counted there, for nobody may tell by it which of them found a case (I11).
    """
    cases = load_cases(conn, ring, notice.organisation_id)
    named = [case for case in cases if case.word.upper() in words]
    said = read_notice(notice.text, notice.heard_at)
    if not named:
        named = [case for case in cases if _mentions(case, said, notice.text)]
    done = tuple(
        _kept(conn, ring, notice, said if said and names(case, said.name) else None, case)
        for case in named
    )
    is_kept = bool(done) and not any(isinstance(one, Refused) for one in done)
    _count(conn, ring, notice, is_kept=is_kept)
    return done


def _count(conn: Connection, ring: KeyRing, notice: NoticeIn, *, is_kept: bool) -> None:
    """Count a notice among all that came; of one that a case keeps nothing lies here but its length."""
    raw = notice.text.encode("utf-8", "replace")
    set_aside(
        conn,
        ring,
        notice.organisation_id,
        notice.source.value,
        Why.CUSTODY_NOTICE,
        bytes(len(raw)) if is_kept else raw,
        at=notice.heard_at,
    )


def names(case: CaseRow, name: str) -> bool:
    """Return whether a notice may mean this case's respondent: a possible match counts, the notice only tightens."""
    known = Known(case_id=case.id, names=(case.respondent.name, *case.respondent.aliases))
    seen = Seen(
        organisation_id=case.organisation_id,
        source=SeenBy.FEED,
        track="",
        seen_at=case.opened_at,
        heard_at=case.opened_at,
        name=name,
    )
    return match_person(seen, known) is not None


def _mentions(case: CaseRow, said: Notice | None, text: str) -> bool:
    if said is not None:
        return names(case, said.name)
    heard = _parts(text[:MAX_NOTICE])
    mine = [_parts(name) for name in (case.respondent.name, *case.respondent.aliases)]
    return any(len(name) > 1 and name <= heard for name in mine)


def _parts(text: str) -> set[str]:
    folded = unicodedata.normalize("NFKD", text).casefold()
    plain = "".join(c if c.isalpha() else " " for c in folded if not unicodedata.combining(c))
    return set(plain.split())


def _writable(text: str) -> str:
    """Return the words as they came, without what is no character; as many as a sealed field holds for certain.

    What was cut ends in `CUT`, so that nobody takes the beginning of a notice for all of it.
    """
    plain = "".join(c if c.isprintable() or c in "\n\t" else " " for c in text)
    return plain if len(plain) <= MAX_RAW else plain[:MAX_RAW] + CUT


def _kept(
    conn: Connection, ring: KeyRing, notice: NoticeIn, said: Notice | None, case: CaseRow
) -> Recorded | Refused:
    fact = CustodyFact(
        id=_fact_id(conn, notice, case.id),
        case_id=case.id,
        state=said.state if said else State.NOT_UNDERSTOOD,
        source=notice.source,
        heard_at=notice.heard_at,
        true_at=said.true_at if said else None,
        heard_by_id=notice.by,
    )
    body = CustodyBody(
        place=said.place if said else "",
        raw=_writable(notice.text),
        asks_to_be_answered=bool(said and said.asks_to_be_answered),
    )
    return record_custody(conn, ring, notice.organisation_id, fact, body)


def _fact_id(conn: Connection, notice: NoticeIn, case_id: UUID) -> UUID:
    """Return the id of the fact that this notice is: that of one before, if it is the same message once more."""
    said = ("custody", case_id, notice.source.value, notice.digest)
    fact_id = named_uuid(case_id, *said)
    if not notice.is_by_words:
        return fact_id
    facts = load_all_custody(conn, case_id)
    known = {fact.id: fact for fact in facts}
    # Each time the same words are said anew has its number, so that two presses in one moment come to the same id.
    for number in range(1, len(known) + 1):
        if fact_id not in known or is_said_twice(facts, known[fact_id], notice.heard_at):
            return fact_id
        fact_id = named_uuid(case_id, *said, number)
    return fact_id
