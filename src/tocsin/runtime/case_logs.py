"""In which log does an entry get its number? The statements that migrations run; what they ran before stands in those.

An employer has one log, and each case one of its own: what is written about a case, and about the incidents of the person
whom it protects. So the employer's log is the same, to the byte and in its size, whether there is an order or not, and
whoever exports it learns of none. An incident stays in the log in which it began.
"""

from typing import Final

FILL: Final = """
alter table record_entry no force row level security;
update record_entry set log_id = organisation_id where seq is not null;
alter table record_entry force row level security;
"""

# An administrator who is a party may say in vain that somebody left, or take a way of hers away: she is called still. His
# screens do not show it (`notifications/store.py`), and the employer's log, which he may take out, would: her messages since,
# and what she did. Without an order there would be none. So they are in the log of the case.
CALLED: Final = """
create function tocsin_called_in_vain(the_organisation uuid, the_kind text, the_leaf bytea) returns uuid language sql stable
    security definer set search_path = public, pg_temp
    as $$ with said as materialized (
            select coalesce(leaf -> 'body' ->> 'person', leaf ->> 'actor')::uuid as person_id,
                coalesce(d.made_at, (leaf ->> 'at')::timestamptz) as at, d.contact_id
            from (select convert_from(the_leaf, 'utf8')::jsonb as leaf where the_kind ~ '^(delivery|act|charge)\\.') e
            left join notifications_delivery d on d.id = (leaf -> 'body' ->> 'delivery')::uuid),
          in_vain (person_id, by_id) as (
            select p.id, (p.his_record ->> 'by')::uuid from said join registry_person p on p.id = said.person_id
            where p.is_active and p.his_record ->> 'is_active' = 'false'
              and (p.his_record ->> 'left_at')::timestamptz <= said.at
            union all
            select m.person_id, null from said join registry_contactmethod m on m.id = said.contact_id
            where m.his_revoked_at <= said.at)
          select c.id from in_vain v join registry_case c on c.organisation_id = the_organisation and c.erased_at is null
            and (c.protected_id = v.person_id or tocsin_person_is_party(c.id, v.by_id))
          order by c.closed_at is not null, c.protected_id is distinct from v.person_id, c.opened_at limit 1 $$;
revoke all on function tocsin_called_in_vain(uuid, text, bytea) from public;
"""

# Told by, in this order:
#   1. its incident: what of it was sealed first says in which log it is. Her SOS may have begun before anybody entered an
#      order, in the employer's: what names the case since is the case's all the same.
#   2. whom the incident is about: her case's, if there is one. What only tells leads of a place is about nobody.
#   3. the case that the entry names.
#   4. the one who pressed, walked or was looked for.
#   5. what a lead stands for, of all that a party has made: that happens only where there is a case.
#   6. who was called in vain, as above.
# None of these: the employer's (null). So it is too where the question itself fails: an entry is never lost for it.
LOG_OF: Final = """\
create or replace function tocsin_log_of(the_organisation uuid, the_incident uuid, the_kind text, the_leaf bytea) returns uuid
    language plpgsql stable security definer set search_path = public, pg_temp
    as $$
    declare
        found uuid;
        body jsonb;
    begin
        if not exists (select 1 from registry_case where organisation_id = the_organisation) then
            return null;
        end if;
        if the_incident is not null then
            select log_id into found from record_entry
                where organisation_id = the_organisation and incident_id = the_incident and log_id is not null order by at, id limit 1;
            if found is not null then
                return case when found <> the_organisation then found else coalesce((
                    select c.id from registry_case c where c.organisation_id = the_organisation and c.id in (
                        (convert_from(the_leaf, 'utf8')::jsonb -> 'body' ->> 'case')::uuid,
                        (convert_from(the_leaf, 'utf8')::jsonb -> 'body' -> 'cases' ->> 0)::uuid) limit 1),
                    tocsin_called_in_vain(the_organisation, the_kind, the_leaf)) end;
            end if;
            select coalesce(i.case_id, (select c.id from registry_case c
                where c.protected_id = i.person_id and not i.is_drill and i.kind not in ('gap', 'blind', 'sees')
                order by c.opened_at limit 1))
                into found from decisions_incident i where i.id = the_incident;
            if found is not null then
                return found;
            end if;
        end if;
        body := convert_from(the_leaf, 'utf8')::jsonb -> 'body';
        select id into found from registry_case where organisation_id = the_organisation and id in (
            (body ->> 'case')::uuid, (body -> 'cases' ->> 0)::uuid,
            case when the_kind like 'record.%' then (body ->> 'subject')::uuid end) limit 1;
        if found is null and the_kind ~ '^(sos|walk|hold|look|cancel|watch)\\.' then
            select id into found from registry_case
                where organisation_id = the_organisation and protected_id = (body ->> 'person')::uuid
                order by opened_at limit 1;
        end if;
        if found is null and the_kind in ('contact.confirmed', 'device.confirmed', 'account.confirmed') then
            select c.id into found from registry_case c join registry_party p on p.case_id = c.id and p.until is null
                where c.organisation_id = the_organisation and p.person_id in (
                    select unnest(array[m.made_by_id, m.removed_by_id, m.ruled_by_id]) from registry_contactmethod m
                        where m.id = (body ->> 'row')::uuid
                    union select d.enrolled_by_id from registry_device d where d.id = (body ->> 'device')::uuid
                    union select a.made_by_id from registry_account a where a.id = (body ->> 'account')::uuid)
                order by c.protected_id is distinct from (body ->> 'person')::uuid, c.opened_at limit 1;
        end if;
        return coalesce(found, tocsin_called_in_vain(the_organisation, the_kind, the_leaf));
    exception when others then
        return null;
    end $$;
"""

# With a case its parties are erased: whoever was shut out would read in its log that there was one.
ERASED_LOGS: Final = """
create function tocsin_is_erased(the_case uuid) returns boolean language sql stable security definer
    set search_path = public, pg_temp
    as $$ select exists (select 1 from registry_case where id = the_case and erased_at is not null) $$;
revoke all on function tocsin_is_erased(uuid) from public;
grant execute on function tocsin_is_erased(uuid) to tocsin_web;
create policy erased on record_entry as restrictive for select to tocsin_web
    using (log_id is null or log_id = organisation_id or not tocsin_is_erased(log_id));
create policy erased on record_head as restrictive for select to tocsin_web
    using (not tocsin_is_erased(organisation_id));
"""
