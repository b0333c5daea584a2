"""A badge or a plate is not his any more: one asks, a second agrees, and only then the doors match nobody by it (I17).

While it waits, whoever comes with it is *possible* and goes to a person (I14); a reader refuses the badge until the second
has agreed. Who asked and who agreed stays with the case.
"""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from tocsin.flow.keep_doors import refresh_door
from tocsin.flow.respond import Refused
from tocsin.registry.access import Hidden, Viewer, note
from tocsin.registry.access_cases import may_read
from tocsin.registry.rules.grants import Says, says
from tocsin.registry.rules.known import agreed_not_his, asked_not_his, signs_of, wish_against
from tocsin.registry.rules.not_his import Sign
from tocsin.registry.store_cases import case_key, load_case, update_respondent
from tocsin.runtime.database import Connection
from tocsin.runtime.encryption import KeyRing


def not_his(
    conn: Connection,
    ring: KeyRing,
    viewer: Viewer,
    case_id: UUID,
    sign: Sign | None,
    *,
    at: datetime,
) -> Refused | None:
    """Ask that a badge or plate counts as his no more, or, as the second person, agree to it; None when that is done.

    `sign` None: what was said is neither.

    Raises:
        Hidden: no such case for this viewer, or he is no supervisor.
    """
    may = viewer.is_supervisor and may_read(conn, viewer, case_id)
    case = load_case(conn, ring, case_id, to_change=True) if may else None
    if case is None:
        raise Hidden
    him = case.respondent
    if sign is None or sign not in signs_of(him):
        return Refused("this is not known of him, or not any more")
    said = says(wish_against(him, sign, at), None, viewer.person_id, at)
    if said is Says.ASKED_ALREADY:
        return Refused("a second person has to agree")
    is_agreed = said is Says.AGREES
    change = agreed_not_his if is_agreed else asked_not_his
    case = replace(case, respondent=change(him, sign, viewer.person_id, at))
    update_respondent(conn, case_key(conn, ring, case_id), case)
    # Never which one: the record is for good, and a plate is a person's.
    body: dict[str, object] = {"case": case_id, "what": sign.kind.value}
    if is_agreed:
        note(conn, viewer, "known.not_his", body | {"second": viewer.person_id}, at=at)
    else:
        note(conn, viewer, "known.not_his_asked", body, at=at)
    refresh_door(conn, ring, case, at=at, by=viewer.person_id)
    return None
