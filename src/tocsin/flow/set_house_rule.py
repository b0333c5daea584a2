"""The duty manager shuts somebody out at once, with a ground, a contact and an end; two people let him in again."""

from datetime import datetime
from uuid import UUID

from tocsin.flow.keep_doors import refresh_door
from tocsin.flow.respond import Refused
from tocsin.registry import store_doors as doors
from tocsin.registry.access import Hidden, Viewer, note
from tocsin.registry.access_cases import may_read
from tocsin.registry.rules.case_rows import CaseRow
from tocsin.registry.rules.findings import Finding
from tocsin.registry.rules.grants import Says, says
from tocsin.registry.rules.house_rule import HouseRule, Notice
from tocsin.registry.rules.order_entry import RuleDraft, judge_rule
from tocsin.registry.store_cases import key_of, load_case, look_at_case
from tocsin.runtime.database import Connection
from tocsin.runtime.encryption import KeyRing, PersonKey
from tocsin.runtime.ids import Ids


def set_house_rule(
    conn: Connection,
    ring: KeyRing,
    viewer: Viewer,
    case_id: UUID,
    draft: RuleDraft,
    *,
    at: datetime,
    ids: Ids,
) -> tuple[Finding, ...]:
    """Return what is wrong with it; nothing wrong is done: from now on he is not admitted.

    Raises:
        Hidden: no such case for this viewer, or he is no supervisor.
        CaseClosed: its key is lost: nothing can be written for it.
    """
    case = _case(conn, ring, viewer, case_id, may_be_closed=True)
    wrong = tuple(judge_rule(draft))
    if not wrong:
        write_rule(conn, key_of(conn, ring, case), viewer, case, draft, at=at, ids=ids)
        refresh_door(conn, ring, case, at=at, by=viewer.person_id)
    return wrong


def write_rule(
    conn: Connection,
    key: PersonKey,
    viewer: Viewer,
    case: CaseRow,
    draft: RuleDraft,
    *,
    at: datetime,
    ids: Ids,
) -> UUID:
    """Write a house rule that was judged, and return its id; who sets it owns it."""
    due = None if draft.notice is Notice.GIVEN else at + draft.delay
    rule = HouseRule(
        id=ids.uuid(),
        case_id=case.id,
        organisation_id=case.organisation_id,
        sites=draft.sites,
        owner_id=viewer.person_id,
        ground=draft.ground,
        notice=draft.notice,
        notice_due_at=due,
        contest=draft.contest,
        reason=draft.reason,
        starts_at=at,
        ends_at=at + draft.lasts,
        made_at=at,
        made_by_id=viewer.person_id,
    )
    doors.insert_house_rule(conn, key, rule)
    body = {
        "case": case.id,
        "rule": rule.id,
        "ground": rule.ground.value,
        "notice": rule.notice.value,
        "ends_at": rule.ends_at,
        "sites": list(rule.sites),
    } | ({"notice_due_at": due} if due else {})
    note(conn, viewer, "rule.set", body, at=at)
    return rule.id


def lift_house_rule(
    conn: Connection, ring: KeyRing, viewer: Viewer, case_id: UUID, rule_id: UUID, *, at: datetime
) -> Refused | None:
    """Ask to lift a rule, or, as the second person, lift it; None when that is done.

    Raises:
        Hidden: no such case or rule for this viewer, or he is no supervisor.
        CaseClosed: the case cannot be opened: nobody lets anything of it go.
    """
    case = _case(conn, ring, viewer, case_id)
    rule = _rule(conn, ring, case_id, rule_id)
    said = says(rule.lift_asked, None, viewer.person_id, at)
    if said is Says.ASKED_ALREADY:
        return Refused("a second person has to agree")
    if said is Says.ASKS:
        if not doors.ask_to_lift(conn, rule_id, viewer.person_id, at):
            return Refused("it is lifted already")
        note(conn, viewer, "rule.lift_asked", {"case": case_id, "rule": rule_id}, at=at)
        return None
    if not doors.lift(conn, rule_id, viewer.person_id, at):
        return Refused("it is lifted already")
    body = {"case": case_id, "rule": rule_id, "second": viewer.person_id}
    note(conn, viewer, "rule.lifted", body, at=at)
    refresh_door(conn, ring, case, at=at, by=viewer.person_id)
    return None


def notice_given(
    conn: Connection, ring: KeyRing, viewer: Viewer, case_id: UUID, rule_id: UUID, *, at: datetime
) -> Refused | None:
    """Write that the respondent was told of the rule; None when that is done.

    Raises:
        Hidden: as `lift_house_rule`.
    """
    _case(conn, ring, viewer, case_id, may_be_closed=True)
    _rule(conn, ring, case_id, rule_id)
    if not doors.mark_noticed(conn, rule_id):
        return Refused("he has been told already")
    note(conn, viewer, "rule.noticed", {"case": case_id, "rule": rule_id}, at=at)
    return None


def _case(
    conn: Connection, ring: KeyRing, viewer: Viewer, case_id: UUID, *, may_be_closed: bool = False
) -> CaseRow:
    if not viewer.is_supervisor or not may_read(conn, viewer, case_id):
        raise Hidden
    # A case that cannot be opened is shut tighter, and nothing of it is let go.
    case = (look_at_case if may_be_closed else load_case)(conn, ring, case_id)
    if case is None:
        raise Hidden
    return case


def _rule(conn: Connection, ring: KeyRing, case_id: UUID, rule_id: UUID) -> HouseRule:
    for rule in doors.load_house_rules(conn, ring, case_id):
        if rule.id == rule_id:
            return rule
    raise Hidden
