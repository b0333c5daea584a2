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

# Told by, in this order:
#   1. its incident: what of it was sealed first says in which log it is. Her SOS may have begun before anybody entered an
#      order, in the employer's: what names the case since is the case's all the same.
#   2. whom the incident is about: her case's, if there is one.
#   3. the case that the entry names.
#   4. the one who pressed, walked or was looked for.
#   5. what a lead stands for, of all that a party has made: that happens only where there is a case.
# None of these: the employer's (null). So it is too where the question itself fails: an entry is never lost for it.
LATER_CASES: Final = """\
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
                return case when found <> the_organisation then found else (
                    select c.id from registry_case c where c.organisation_id = the_organisation and c.id in (
                        (convert_from(the_leaf, 'utf8')::jsonb -> 'body' ->> 'case')::uuid,
                        (convert_from(the_leaf, 'utf8')::jsonb -> 'body' -> 'cases' ->> 0)::uuid) limit 1) end;
            end if;
            select coalesce(i.case_id, (select c.id from registry_case c
                where c.protected_id = i.person_id and not i.is_drill order by c.opened_at limit 1))
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
        return found;
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
