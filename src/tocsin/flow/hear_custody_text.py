"""She forwards a custody notice to the employer's number: it is kept in her case, as a pasted one would be."""

import hashlib

import psycopg

from tocsin.flow.alarms import Change
from tocsin.flow.hear_custody_notice import NoticeIn, hear_about_case, names
from tocsin.flow.postgres_alarms import PostgresAlarms
from tocsin.flow.receive_text import TextIn
from tocsin.flow.record_custody import Recorded
from tocsin.registry.access import Hidden
from tocsin.registry.rules.case_rows import CaseRow
from tocsin.registry.store_cases import load_cases_of
from tocsin.runtime import logs
from tocsin.runtime.encryption import DecryptionRefused
from tocsin.signals.feeds.custody_mail.notice import is_notice, read_notice
from tocsin.signals.rules.custody import Source

log = logs.get("custody")


def hear_custody_text(alarms: PostgresAlarms, text: TextIn) -> list[Change]:
    """Return the incidents that say something else now; [] if it is no notice, or its sender has no case here.

    Whatever goes wrong with it goes wrong alone: the text was taken already as what else it may be, an SOS or an answer, and a
    notice that breaks must not undo that (I25).
    """
    if not is_notice(text.text):
        return []
    try:
        with alarms.conn.transaction():
            return _heard(alarms, text)
    except (psycopg.Error, LookupError, ValueError, DecryptionRefused, Hidden) as problem:
        log.warning("custody.text_lost", kind=type(problem).__name__)
        return []


def _heard(alarms: PostgresAlarms, text: TextIn) -> list[Change]:
    sender = alarms.sender(text.organisation, text.number)
    if sender is None or sender.person_id is None:
        return []
    if sender.is_doubted:
        # He may have written himself that he is held. Its words are shown as any unclear text is.
        return []
    organisation_id, person_id = sender.organisation_id, sender.person_id
    found = load_cases_of(alarms.conn, alarms.ring, organisation_id, person_id)
    cases = [case for case in found if case.closed_at is None]
    notice = NoticeIn(
        organisation_id=organisation_id,
        source=Source.SMS_NOTICE,
        text=text.text,
        # The message, not its words: a jail says each release in the same ones.
        digest=hashlib.sha256(f"{text.gateway}\n{text.provider_id}".encode()).hexdigest(),
        heard_at=alarms.now(),
        by=person_id,
    )
    changes: list[Change] = []
    for case in _meant(cases, notice):
        done = hear_about_case(alarms.conn, alarms.ring, notice, case.id)
        changes += done.changes if isinstance(done, Recorded) else ()
    return changes


def _meant(cases: list[CaseRow], notice: NoticeIn) -> list[CaseRow]:
    """Return the cases whose respondent it names; all of hers if it names none of them."""
    said = read_notice(notice.text, notice.heard_at)
    return [case for case in cases if said and names(case, said.name)] or cases
