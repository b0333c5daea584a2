"""Write what names a case into its log, also of an incident that began before there was one. A function."""

from typing import ClassVar

from django.db import migrations

# The function as it was then; `runtime/case_logs.py` has it as it is.
LATER_CASES = """\
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


class Migration(migrations.Migration):
    """What is sealed stays where it is."""

    dependencies: ClassVar = [("record", "0007_confirmed_logs")]
    operations: ClassVar = [migrations.RunSQL(LATER_CASES)]
