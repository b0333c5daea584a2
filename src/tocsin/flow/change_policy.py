"""An administrator changes who is called when: checked, linted against the roster, and on record."""

from datetime import datetime
from uuid import UUID

from tocsin.record import store as record
from tocsin.record.rules.entries import Entry
from tocsin.registry import store_sites as sites
from tocsin.registry.access import Hidden, Viewer
from tocsin.registry.rules import policy_document
from tocsin.registry.rules.findings import Finding, errors
from tocsin.registry.rules.policy import Policy
from tocsin.registry.rules.policy_check import check
from tocsin.runtime.database import Connection
from tocsin.runtime.ids import uuid7


def change_policy(
    conn: Connection, viewer: Viewer, site_id: UUID, policy: Policy, *, at: datetime
) -> tuple[Finding, ...]:
    """Save a policy unless it has errors; return what is wrong with it either way.

    A running incident keeps the policy that it began with.

    Raises:
        Hidden: the viewer is no administrator, or there is no such site here.
    """
    if (
        not viewer.is_administrator
        or sites.find_site(conn, viewer.organisation_id, site_id) is None
    ):
        raise Hidden
    found = check(policy)
    if errors(found):
        return found
    body = policy_document.to_dict(policy)
    sites.save_policy(conn, viewer.organisation_id, site_id, body, at=at, by_id=viewer.person_id)
    said = {"row": site_id, "table": "policy", "policy": policy.id}
    entry = Entry(
        uuid7(),
        viewer.organisation_id,
        at,
        "policy.changed",
        None,
        viewer.person_id,
        said,
    )
    record.append(conn, [entry])
    return found
