"""Who may read what only tells leads of a place: a gap in cover, something that sees nothing? The statements of a migration.

It is about nobody; the person who stands in its row is the first lead who was told (`flow/announce_gaps.py`). So she reads
it herself, and whoever is kept from her reads it as he would without an order. What belongs to a case stays the case's.
"""

from typing import Final

from tocsin.runtime.firewall import EVERYBODY

_NOBODY: Final = "('gap', 'blind', 'sees')"
_WALL: Final = (
    f"{EVERYBODY} or is_drill or not (kind not in {_NOBODY} and tocsin_is_kept_from(person_id)"
    " or coalesce(tocsin_is_party(case_id), false))"
)

TOLD_LEADS: Final = f"""
create or replace function tocsin_is_hidden_incident(the_incident uuid) returns boolean language sql stable
    security definer set search_path = public, pg_temp
    as $$ select exists (select 1 from decisions_incident where id = the_incident and not is_drill
          and (kind not in {_NOBODY} and tocsin_is_kept_from(person_id) or tocsin_is_party(case_id))) $$;
create or replace function tocsin_hidden_from(the_incidents uuid[]) returns table (incident_id uuid, person_id uuid)
    language sql stable security definer set search_path = public, pg_temp
    as $$ with asked as (
            select i.id, case when i.kind not in {_NOBODY} then i.person_id end as person_id, i.case_id,
                i.is_about_place, i.is_drill, i.kind,
                tocsin_viewer() is not null and tocsin_is_hidden_incident(i.id) as is_hidden
            from decisions_incident i where i.id = any(the_incidents)
              and i.organisation_id = nullif(current_setting('app.organisation', true), '')::uuid)
          select id, tocsin_viewer() from asked where is_hidden
          union
          select id, person_id from asked where not is_drill and not is_about_place and not is_hidden
            and kind not in ('task', 'task_due') and person_id is not null
          union
          select a.id, e.colleague_id from asked a join registry_emergencycontact e on e.person_id = a.person_id
            where not a.is_drill and not a.is_hidden and e.colleague_id is not null
              and (e.never_notify or e.never_give_location)
          union
          select a.id, p.person_id from asked a join registry_party p on p.until is null
            join registry_case c on c.id = p.case_id
            where not a.is_drill and not a.is_hidden and (c.id = a.case_id or c.protected_id = a.person_id)
              and p.person_id is distinct from a.person_id
          union
          select a.id, c.colleague_id from asked a join registry_case c on c.id = a.case_id or c.protected_id = a.person_id
            where not a.is_drill and not a.is_hidden and c.colleague_id is not null $$;
alter policy firewall on decisions_incident using ({_WALL}) with check ({_WALL});
"""  # noqa: S608 - constants of this file and of the firewall
