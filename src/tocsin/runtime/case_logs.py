"""In which log does an entry get its number? The statements that migrations run.

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


def log_of(
    head: str,
    also: str = "",
    began: str = "return nullif(found, the_organisation);",
    first: str = "",
) -> str:
    """Return the SQL of the function, begun by `head`; `also` is what is asked last.

    `began`: what becomes of an entry whose incident began in the log `found`; `first`: in which order that is looked for.

    It comes out as it was run: a migration's SQL does not change afterwards.
    """
    return f"""\
{head} function tocsin_log_of(the_organisation uuid, the_incident uuid, the_kind text, the_leaf bytea) returns uuid
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
                where organisation_id = the_organisation and incident_id = the_incident and log_id is not null{first} limit 1;
            if found is not null then
                {began}
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
{also}        return found;
    exception when others then
        return null;
    end $$;
"""  # noqa: S608 - constants


CASE_LOGS: Final = f"""
create policy owner_asks on record_entry for select to tocsin_owner using (true);
{log_of("create")}revoke all on function tocsin_log_of(uuid, uuid, text, bytea) from public;
grant execute on function tocsin_log_of(uuid, uuid, text, bytea) to tocsin_web, tocsin_engine;
grant update (seq, log_id) on record_entry to tocsin_engine;
create policy firewall on record_entry as restrictive for select to tocsin_web using (
    (select tocsin_is_no_party())
    or not coalesce(tocsin_is_party(coalesce(log_id, tocsin_log_of(organisation_id, incident_id, kind, leaf))), false));
create policy web_case on record_head for select to tocsin_web using (tocsin_case_word(organisation_id) is not null);
"""  # noqa: S608 - constants

# That a lead stands for what a party has made happens only where there is a case.
_CONFIRMED: Final = """\
        if found is null and the_kind in ('contact.confirmed', 'device.confirmed', 'account.confirmed') then
            select c.id into found from registry_case c join registry_party p on p.case_id = c.id and p.until is null
                where c.organisation_id = the_organisation and p.person_id in (
                    select unnest(array[m.made_by_id, m.removed_by_id, m.ruled_by_id]) from registry_contactmethod m
                        where m.id = (body ->> 'row')::uuid
                    union select d.enrolled_by_id from registry_device d where d.id = (body ->> 'device')::uuid
                    union select a.made_by_id from registry_account a where a.id = (body ->> 'account')::uuid)
                order by c.protected_id is distinct from (body ->> 'person')::uuid, c.opened_at limit 1;
        end if;
"""
CONFIRMED_LOGS: Final = f"""
create policy owner_asks on registry_contactmethod for select to tocsin_owner using (true);
create policy owner_asks on registry_device for select to tocsin_owner using (true);
{log_of("create or replace", _CONFIRMED)}"""

# Her SOS began before anybody entered an order; what names the case since is the case's, whatever log the incident is in.
_OF_THE_CASE: Final = """\
return case when found <> the_organisation then found else (
                    select c.id from registry_case c where c.organisation_id = the_organisation and c.id in (
                        (convert_from(the_leaf, 'utf8')::jsonb -> 'body' ->> 'case')::uuid,
                        (convert_from(the_leaf, 'utf8')::jsonb -> 'body' -> 'cases' ->> 0)::uuid) limit 1) end;"""
LATER_CASES: Final = log_of("create or replace", _CONFIRMED, _OF_THE_CASE, " order by at, id")

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
