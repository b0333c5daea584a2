"""An administrator changes who is called when: checked, on record, and with a second person if it calls less (I17)."""

from datetime import datetime
from typing import Final
from uuid import UUID

from tocsin.flow.ask_loosening import ask_loosening
from tocsin.registry import store_sign_ins as sign_ins
from tocsin.registry import store_sites as sites
from tocsin.registry.access import LEADS, Hidden, Viewer, note
from tocsin.registry.rules import policy_document
from tocsin.registry.rules.findings import Finding, errors, warning
from tocsin.registry.rules.loosening import POLICY, loosens_policy
from tocsin.registry.rules.policy import Policy
from tocsin.registry.rules.policy_check import check
from tocsin.registry.rules.usual import usual_sos
from tocsin.runtime.database import Connection

SOS: Final = "sos"
SECOND_PERSON: Final = "second_person"


def change_policy(
    conn: Connection, viewer: Viewer, site_id: UUID, policy: Policy, *, at: datetime
) -> tuple[Finding, ...]:
    """Save a policy unless it has errors; return what is wrong with it either way.

    One that calls fewer people, later or by fewer ways than what holds at the site now is kept until a second person
    agrees, and the warning `second_person` says so. A site that has none yet calls as usual (`usual.py`), and its first
    one is compared with that, unless nobody else here could agree: somebody has to begin. A running incident keeps the
    policy that it began with.

    Raises:
        Hidden: the viewer is no administrator, or there is no such site here.
        TooManyAsked: too much waits for a second person already.
    """
    if (
        not viewer.is_administrator
        or sites.find_site(conn, viewer.organisation_id, site_id) is None
    ):
        raise Hidden
    found = check(policy)
    if errors(found):
        return found
    before = _present(conn, site_id, policy.kind) or _usual(conn, viewer, site_id, policy.kind)
    reasons = loosens_policy(before, policy) if before else ()
    if reasons:
        body = policy_document.to_dict(policy)
        ask_loosening(conn, viewer, (site_id, POLICY), body, reasons, at=at)
        return (*found, warning(SECOND_PERSON, "", "A second person must agree: it calls less."))
    keep_policy(conn, viewer, site_id, policy, at=at)
    return found


def _present(conn: Connection, site_id: UUID, kind: str) -> Policy | None:
    body = sites.load_policies(conn, site_id).get(kind)
    return policy_document.from_dict(body) if body else None


def _usual(conn: Connection, viewer: Viewer, site_id: UUID, kind: str) -> Policy | None:
    if kind != SOS or not sign_ins.has_other(conn, viewer.organisation_id, LEADS, viewer.person_id):
        return None
    return usual_sos(site_id)


def keep_policy(
    conn: Connection, viewer: Viewer, site_id: UUID, policy: Policy, *, at: datetime
) -> None:
    """Write a policy that was checked, and agreed to where that takes two."""
    body = policy_document.to_dict(policy)
    sites.save_policy(conn, viewer.organisation_id, site_id, body, at=at, by_id=viewer.person_id)
    said = {"row": site_id, "table": "policy", "policy": policy.id}
    note(conn, viewer, "policy.changed", said, at=at)
