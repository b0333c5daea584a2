"""Time passed over the orders: doors follow them, reviewers are told, a late review and a late notice are said, old drafts go."""

from datetime import timedelta
from typing import Final
from uuid import UUID

from tocsin.flow.alarms import Change
from tocsin.flow.keep_doors import keep_doors
from tocsin.flow.postgres_alarms import PostgresAlarms
from tocsin.flow.tell_quietly import Telling, page_duty, tell_person
from tocsin.flow.tend_inside import tend_inside
from tocsin.record.rules.entries import Entry
from tocsin.registry import store_reviews as reviews
from tocsin.registry.rules.house_rule import LateNotice, late_notice
from tocsin.registry.store_papers import delete_old_drafts
from tocsin.runtime.ids import Ids

DRAFTS_KEPT: Final = timedelta(days=14)
# A late review is paged once in each shift; after two weeks of that, whoever reads the pages has been told 42 times.
PAGED_EVERY: Final = timedelta(hours=8)
PAGED_FOR: Final = timedelta(days=14)


def tend_orders(alarms: PostgresAlarms, *, ids: Ids, engine: str = "") -> list[Change]:
    """Do what time asks of every order, and return the messages, to be sent. Doing it twice changes nothing more."""
    conn, at = alarms.conn, alarms.now()
    for organisation_id in reviews.organisations_with_cases(conn):
        keep_doors(conn, alarms.ring, organisation_id, at=at)
    delete_old_drafts(conn, at - DRAFTS_KEPT)
    inside = tend_inside(alarms, ids=ids, engine=engine)
    return [
        *inside,
        *_ask(alarms, ids, engine),
        *_say_late(alarms, ids, engine),
        *_say_untold(alarms, ids, engine),
    ]


def _ask(alarms: PostgresAlarms, ids: Ids, engine: str) -> list[Change]:
    """Tell those who were asked to look at an entry, or at what was told since, once; again until one can be told."""
    found: list[Change] = []
    # Of two orders of one case in one moment each hears once.
    told: set[tuple[UUID, UUID]] = set()
    for waiting in reviews.load_unasked(alarms.conn):
        telling = _telling(alarms, waiting.organisation_id, waiting.case_id)
        if telling is None:
            continue
        whom = {(waiting.case_id, person_id) for person_id in waiting.reviewers}
        is_told = bool(whom & told)
        for key in sorted(whom - told):
            change = tell_person(alarms, telling, key[1], ids=ids, engine=engine)
            if change is not None:
                found.append(change)
                told.add(key)
                is_told = True
        if is_told:
            reviews.mark_asked(alarms.conn, waiting, alarms.now())
    return found


def _say_late(alarms: PostgresAlarms, ids: Ids, engine: str) -> list[Change]:
    """Page the duty lead about what nobody looked at in time, each shift anew while nobody has.

    Tried again until somebody can be told: one page to a lead who sleeps let an entry stand unseen for good.
    """
    found, at = [], alarms.now()
    late = reviews.load_overdue(alarms.conn, at, every=PAGED_EVERY, for_at_most=PAGED_FOR)
    for waiting in late:
        body = {"case": waiting.case_id, "order": waiting.order_id, "due_at": waiting.due_at}
        body |= {"facts": list(waiting.facts)} if waiting.facts else {}
        who = waiting.organisation_id, at, "order.review_overdue", None, None
        telling = _telling(
            alarms, waiting.organisation_id, waiting.case_id, Entry(ids.uuid(), *who, body)
        )
        paged = page_duty(alarms, telling, ids=ids, engine=engine) if telling else None
        if paged is not None:
            found.append(paged[0])
            reviews.mark_told(alarms.conn, waiting, at)
    return found


def _say_untold(alarms: PostgresAlarms, ids: Ids, engine: str) -> list[Change]:
    """Tell a house rule's owner once that the respondent should have been told by now; after a day the leads, once."""
    found, at = [], alarms.now()
    for (
        organisation_id,
        case_id,
        rule_id,
        owner_id,
        due_at,
        owner,
        leads,
    ) in reviews.load_late_notices(alarms.conn, at):
        whom = late_notice(due_at, at, owner_told=owner, leads_told=leads)
        if whom is None:
            continue
        body = {"case": case_id, "rule": rule_id, "due_at": due_at, "to": whom.value}
        entry = Entry(ids.uuid(), organisation_id, at, "rule.notice_overdue", None, None, body)
        telling = _telling(alarms, organisation_id, case_id, entry)
        if telling is None:
            continue
        if whom is LateNotice.OWNER:
            change = tell_person(alarms, telling, owner_id, ids=ids, engine=engine)
        else:
            paged = page_duty(alarms, telling, ids=ids, engine=engine)
            change = paged[0] if paged else None
        if change is not None:
            found.append(change)
            reviews.mark_notice_told(alarms.conn, rule_id, at, leads=whom is LateNotice.LEADS)
    return found


def _telling(
    alarms: PostgresAlarms, organisation_id: UUID, case_id: UUID, *entries: Entry
) -> Telling | None:
    site_id = reviews.site_of_case(alarms.conn, case_id)
    if site_id is None:
        return None
    return Telling(
        organisation_id=organisation_id,
        site_id=site_id,
        case_id=case_id,
        kept_out=reviews.kept_out_of(alarms.conn, case_id),
        entries=entries,
    )
