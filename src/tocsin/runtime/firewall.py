"""Who is shut out of what, and who may let somebody in? The statements that migrations run; pages cannot get past them.

    KEPT_OUT   who is a party, from whom he is kept, and whom the recipients of her incidents leave out
    READINGS   who looked into a case, when and why
    PARTIES    who may shut somebody out, and that it takes two to let him in again
    GRANTS     who may read a case: two people, or one with a reason and an hour

Functions that policies ask run as the owner of the tables. What they say to somebody on the other side is *no* or nothing.
"""

from typing import Final

from tocsin.runtime.granting import MAX_BREAK_GLASS, check_grant, check_new_grant
from tocsin.runtime.reviewing import ENTERED_ONE, REVIEW_WITHIN, TOLD_ONE

HERE: Final = "organisation_id = nullif(current_setting('app.organisation', true), '')::uuid"

KEPT_OUT: Final = """
create or replace function tocsin_is_party(the_case uuid) returns boolean language sql stable security definer
    set search_path = public, pg_temp
    as $$ select exists (select 1 from registry_party where case_id = the_case and person_id = tocsin_viewer()
            and until is null)
          or exists (select 1 from registry_case where id = the_case and colleague_id = tocsin_viewer()) $$;
create or replace function tocsin_is_kept_from(the_person uuid) returns boolean language sql stable security definer
    set search_path = public, pg_temp
    as $$ select the_person <> tocsin_viewer() and (
          exists (select 1 from registry_party p join registry_case c on c.id = p.case_id
            where c.protected_id = the_person and p.person_id = tocsin_viewer() and p.until is null)
          or exists (select 1 from registry_case
            where protected_id = the_person and colleague_id = tocsin_viewer())) $$;
create function tocsin_is_no_party() returns boolean language sql stable security definer
    set search_path = public, pg_temp
    as $$ select not exists (select 1 from registry_party where person_id = tocsin_viewer() and until is null)
          and not exists (select 1 from registry_case where colleague_id = tocsin_viewer()) $$;
create function tocsin_person_is_party(the_case uuid, the_person uuid) returns boolean language sql stable
    security definer set search_path = public, pg_temp
    as $$ select exists (select 1 from registry_party where case_id = the_case and person_id = the_person
            and until is null)
          or exists (select 1 from registry_case where id = the_case and colleague_id = the_person) $$;
create function tocsin_kept_out(the_people uuid[]) returns table (person_id uuid, colleague_id uuid)
    language sql stable security definer set search_path = public, pg_temp
    as $$ with known as (
            select id, protected_id, colleague_id from registry_case c
            where c.protected_id = any(the_people)
              and (session_user <> 'tocsin_web'
                or c.organisation_id = nullif(current_setting('app.organisation', true), '')::uuid)
              and (tocsin_viewer() is null or not tocsin_is_kept_from(c.protected_id)))
          select k.protected_id, p.person_id from known k join registry_party p on p.case_id = k.id
            where p.until is null and p.person_id <> k.protected_id
          union
          select k.protected_id, k.colleague_id from known k where k.colleague_id is not null $$;
create function tocsin_kept_out_of_cases(the_cases uuid[]) returns setof uuid
    language sql stable security definer set search_path = public, pg_temp
    as $$ with known as (
            select id, protected_id, colleague_id from registry_case c
            where c.id = any(the_cases)
              and (session_user <> 'tocsin_web'
                or c.organisation_id = nullif(current_setting('app.organisation', true), '')::uuid)
              and (tocsin_viewer() is null or not tocsin_is_party(c.id)))
          select p.person_id from known k join registry_party p on p.case_id = k.id
            where p.until is null and p.person_id is distinct from k.protected_id
          union
          select k.colleague_id from known k where k.colleague_id is not null $$;
create function tocsin_case_word(the_case uuid) returns text language sql stable security definer
    set search_path = public, pg_temp
    as $$ select word from registry_case where id = the_case and tocsin_viewer() is not null
          and organisation_id = nullif(current_setting('app.organisation', true), '')::uuid
          and not tocsin_is_party(the_case) $$;
create function tocsin_case_of_word(the_word text) returns uuid language sql stable security definer
    set search_path = public, pg_temp
    as $$ select id from registry_case where word = the_word and tocsin_viewer() is not null and erased_at is null
          and organisation_id = nullif(current_setting('app.organisation', true), '')::uuid
          and not tocsin_is_party(id) $$;
create function tocsin_is_advocate(the_case uuid) returns boolean language sql stable security definer
    set search_path = public, pg_temp
    as $$ select exists (select 1 from registry_case where id = the_case and advocate_id = tocsin_viewer())
          and not tocsin_is_party(the_case) $$;
create function tocsin_advocate_of(the_case uuid) returns uuid language sql stable security definer
    set search_path = public, pg_temp
    as $$ select advocate_id from registry_case where id = the_case and tocsin_viewer() is not null
          and organisation_id = nullif(current_setting('app.organisation', true), '')::uuid
          and not tocsin_is_party(the_case) and not tocsin_person_is_party(the_case, advocate_id) $$;
create function tocsin_is_administrator() returns boolean language sql stable security definer
    set search_path = public, pg_temp
    as $$ select exists (select 1 from registry_person where id = tocsin_viewer() and is_active
          and role in ('safety_lead', 'admin')) $$;
create function tocsin_is_being_opened(the_case uuid) returns boolean language plpgsql stable security definer
    set search_path = public, pg_temp
    as $$
    declare
        here bigint := pg_current_xact_id()::text::bigint;
        made bigint;
    begin
        select xmin::text::bigint into made from registry_case
            where id = the_case and opened_by_id = tocsin_viewer();
        return made is not null
            and pg_xact_status((((here >> 32) << 32) | made)::text::xid8) = 'in progress';
    exception when invalid_parameter_value then
        return false;
    end $$;
revoke all on function tocsin_is_no_party(), tocsin_person_is_party(uuid, uuid), tocsin_kept_out(uuid[]),
    tocsin_kept_out_of_cases(uuid[]), tocsin_case_word(uuid), tocsin_case_of_word(text),
    tocsin_is_advocate(uuid), tocsin_advocate_of(uuid), tocsin_is_administrator(), tocsin_is_being_opened(uuid)
    from public;
grant execute on function tocsin_is_no_party(), tocsin_kept_out(uuid[]), tocsin_kept_out_of_cases(uuid[]),
    tocsin_case_word(uuid), tocsin_case_of_word(text), tocsin_is_advocate(uuid), tocsin_advocate_of(uuid),
    tocsin_is_administrator() to tocsin_web;
grant execute on function tocsin_kept_out(uuid[]), tocsin_kept_out_of_cases(uuid[]),
    tocsin_person_is_party(uuid, uuid) to tocsin_engine;
create policy owner_asks on registry_person for select to tocsin_owner using (true);
"""

READINGS: Final = f"""
alter table registry_reading enable row level security;
alter table registry_reading force row level security;
revoke all on registry_reading from public;
grant select, insert on registry_reading to tocsin_web;
grant select, insert, delete on registry_reading to tocsin_engine;
create policy web_reads on registry_reading for select to tocsin_web using ({HERE} and tocsin_sees_case(case_id));
create policy web_adds on registry_reading for insert to tocsin_web
    with check ({HERE} and person_id = tocsin_viewer() and not tocsin_is_party(case_id));
create policy engine on registry_reading to tocsin_engine using (true) with check (true);
"""

# Shutting out takes one who may read the case, or who opens it now; letting in again takes two. The respondent
# himself stays out for as long as the case is kept.
PARTIES: Final = """
create function tocsin_check_party() returns trigger language plpgsql security definer set search_path = public, pg_temp
    as $$
    declare
        who uuid := tocsin_viewer();
        kept registry_case;
    begin
        if session_user = 'tocsin_engine' then return new; end if;
        select * into kept from registry_case where id = new.case_id;
        if tg_op = 'INSERT' then
            if who is not null and not tocsin_sees_case(new.case_id) and not tocsin_is_being_opened(new.case_id) then
                raise insufficient_privilege using message = 'only who may read the case shuts somebody out';
            end if;
            if new.person_id = kept.protected_id then
                raise insufficient_privilege using message = 'nobody is shut out of her own case';
            end if;
            new.added_by_id := who;
            return new;
        end if;
        if (new.id, new.case_id, new.person_id, new.since) is distinct from (old.id, old.case_id, old.person_id, old.since)
            or new.added_by_id is distinct from old.added_by_id then
            raise insufficient_privilege using message = 'a party is not changed';
        end if;
        if new.unlink_asked_by_id is distinct from old.unlink_asked_by_id
            and new.unlink_asked_by_id is distinct from who and new.unlink_asked_by_id is not null then
            raise insufficient_privilege using message = 'the viewer asks';
        end if;
        if new.until is distinct from old.until then
            if old.until is not null or old.unlink_asked_by_id is null or old.unlink_asked_by_id = who
                or new.unlinked_by_id is distinct from who or new.person_id = kept.colleague_id then
                raise insufficient_privilege using message = 'letting somebody in again takes two, and never him';
            end if;
        end if;
        return new;
    end $$;
create trigger check_party before insert or update on registry_party
    for each row execute function tocsin_check_party();
revoke delete on registry_party from tocsin_web;
"""

_CHECK_NEW_GRANT: Final = """\
create function tocsin_check_new_grant() returns trigger language plpgsql security definer set search_path = public, pg_temp"""
# Who breaks glass names at once who was told of it.
_SOMEBODY_IS_TOLD: Final = f"""\
            if new.person_id <> who or new.until_at > clock_timestamp() + interval '{MAX_BREAK_GLASS}'
                or new.reason_sealed is null or new.told_id is null or new.told_id = who
                or tocsin_person_is_party(new.case_id, new.told_id) then
"""
_IS_LEAD_REVIEWING: Final = f"""\
tocsin_is_administrator() and exists (select 1 from registry_case c
            where c.id = new.case_id and c.opened_by_id = new.asked_by_id
              and new.asked_at > now() - interval '{REVIEW_WITHIN}')"""  # noqa: S608 - constants of this file only
_AGREES: Final = "tocsin_sees_case(new.case_id) or tocsin_is_administrator()"

GRANTS: Final = f"""
drop policy web_reads on registry_grant;
drop policy web_changes on registry_grant;
drop policy web_removes on registry_grant;
revoke delete on registry_grant from tocsin_web;
create policy web_reads on registry_grant for select to tocsin_web using ({HERE}
    and tocsin_viewer() is not null and not tocsin_is_party(case_id)
    and (tocsin_viewer() in (person_id, asked_by_id, told_id) or tocsin_is_administrator()
        or tocsin_sees_case(case_id) or tocsin_is_advocate(case_id)));
create policy web_changes on registry_grant for update to tocsin_web using ({HERE}
    and tocsin_viewer() is not null and not tocsin_is_party(case_id)
    and (tocsin_viewer() in (person_id, asked_by_id, told_id) or tocsin_is_administrator()
        or tocsin_sees_case(case_id))) with check ({HERE} and not tocsin_is_party(case_id));
{check_new_grant(_CHECK_NEW_GRANT, _SOMEBODY_IS_TOLD)}\
{check_grant("create function", _IS_LEAD_REVIEWING, _AGREES)}\
create trigger check_new_grant before insert on registry_grant
    for each row execute function tocsin_check_new_grant();
create trigger check_grant before update on registry_grant
    for each row execute function tocsin_check_grant();
"""

# Nobody else is a safety lead who is on no side of it: then another supervisor may take the review on himself.
STANDS_IN: Final = """(exists (select 1 from registry_person v where v.id = who and v.is_active
                  and v.organisation_id = c.organisation_id and v.role in ('shift_lead', 'manager')
                  and v.id is distinct from c.protected_id)
                and not exists (select 1 from registry_person p where p.organisation_id = c.organisation_id
                  and p.is_active and p.role in ('safety_lead', 'admin') and p.id <> new.asked_by_id
                  and p.id is distinct from c.protected_id and not tocsin_person_is_party(c.id, p.id)))"""
_IS_REVIEWING: Final = f"""\
exists (select 1 from registry_case c
            where c.id = new.case_id and (c.opened_by_id = new.asked_by_id or {ENTERED_ONE} or {TOLD_ONE})
              and new.asked_at > now() - interval '{REVIEW_WITHIN}'
              and (tocsin_is_administrator() or {STANDS_IN}))"""  # noqa: S608 - constants of this file only
REVIEWERS: Final = f"""
{check_grant("create or replace function", _IS_REVIEWING, f"{_AGREES} or is_reviewer")}"""

REVIEWERS_OF_EVERY_ORDER: Final = (
    "create policy owner_asks on registry_protectionorder for select to tocsin_owner using (true);"
    + REVIEWERS
)

# One look at whether the viewer is on any other side, then row by row only for those who are.
EVERYBODY: Final = "(select tocsin_is_no_party())"


def keep_from(table: str, condition: str) -> str:
    """Return SQL that adds a wall to a table: for `web`, a viewer on another side sees rows only where `condition`."""
    wall = f"({EVERYBODY} or ({condition}))"
    return f"create policy firewall on {table} as restrictive to tocsin_web using {wall} with check {wall};"


# Asked about incidents: which are about somebody the viewer is kept from, and who must not hear of one.
INCIDENTS: Final = """
create policy owner_asks on decisions_incident for select to tocsin_owner using (true);
create policy owner_asks on registry_emergencycontact for select to tocsin_owner using (true);
create function tocsin_is_hidden_incident(the_incident uuid) returns boolean language sql stable security definer
    set search_path = public, pg_temp
    as $$ select exists (select 1 from decisions_incident where id = the_incident and not is_drill
          and (tocsin_is_kept_from(person_id) or tocsin_is_party(case_id))) $$;
create function tocsin_hidden_from(the_incidents uuid[]) returns table (incident_id uuid, person_id uuid)
    language sql stable security definer set search_path = public, pg_temp
    as $$ with asked as (
            select i.id, i.person_id, i.case_id, i.is_about_place, i.is_drill, i.kind,
                tocsin_viewer() is not null and tocsin_is_hidden_incident(i.id) as is_hidden
            from decisions_incident i where i.id = any(the_incidents)
              and i.organisation_id = nullif(current_setting('app.organisation', true), '')::uuid)
          select id, tocsin_viewer() from asked where is_hidden
          union
          select id, person_id from asked where not is_drill and not is_about_place and not is_hidden
            and kind not in ('task', 'task_due')
          union
          select a.id, e.colleague_id from asked a join registry_emergencycontact e on e.person_id = a.person_id
            where not a.is_drill and not a.is_hidden and e.colleague_id is not null
              and (e.never_notify or e.never_give_location)
          union
          select a.id, p.person_id from asked a join registry_party p on p.until is null
            join registry_case c on c.id = p.case_id
            where not a.is_drill and not a.is_hidden and (c.id = a.case_id or c.protected_id = a.person_id)
              and p.person_id <> a.person_id
          union
          select a.id, c.colleague_id from asked a join registry_case c on c.id = a.case_id or c.protected_id = a.person_id
            where not a.is_drill and not a.is_hidden and c.colleague_id is not null $$;
revoke all on function tocsin_is_hidden_incident(uuid), tocsin_hidden_from(uuid[]) from public;
grant execute on function tocsin_is_hidden_incident(uuid), tocsin_hidden_from(uuid[]) to tocsin_web;
"""
OF_PERSON: Final = "not tocsin_is_kept_from(person_id)"
OF_INCIDENT: Final = "not tocsin_is_hidden_incident(incident_id)"


# A post that somebody keeps who is shut out of a case counts as uncovered for it. Leads are told which, never why; whoever
# is on that other side sees the roster as it is.
UNCOVERED: Final = """
create policy owner_asks on registry_shift for select to tocsin_owner using (true);
create function tocsin_uncovered(the_start timestamptz, the_end timestamptz)
    returns table (word text, site_id uuid, post_id uuid, role text, starts_at timestamptz, ends_at timestamptz)
    language sql stable security definer set search_path = public, pg_temp
    as $$ select distinct c.word, s.site_id, s.post_id, s.role, s.starts_at, s.ends_at
          from registry_case c join registry_shift s on s.organisation_id = c.organisation_id
            and s.starts_at < the_end and s.ends_at > the_start
          where c.organisation_id = nullif(current_setting('app.organisation', true), '')::uuid
            and c.closed_at is null and c.erased_at is null and not tocsin_is_party(c.id)
            and exists (select 1 from registry_person where id = tocsin_viewer() and is_active
              and role in ('shift_lead', 'safety_lead', 'admin'))
            and (s.person_id = c.colleague_id or exists (select 1 from registry_party p
              where p.case_id = c.id and p.person_id = s.person_id and p.until is null)) $$;
revoke all on function tocsin_uncovered(timestamptz, timestamptz) from public;
grant execute on function tocsin_uncovered(timestamptz, timestamptz) to tocsin_web;
"""

# Whoever is shut out is out of what waits to be sent, too: a retry, the next channel, a later wave.
TAKE_BACK: Final = """
create policy owner_asks on notifications_delivery for select to tocsin_owner using (true);
create policy owner_takes_back on notifications_delivery for update to tocsin_owner
    using (state in ('pending', 'retrying')) with check (state = 'cancelled');
create function tocsin_take_back(the_case uuid, the_person uuid) returns void language sql security definer
    set search_path = public, pg_temp
    as $$ update notifications_delivery d set state = 'cancelled', ended_at = now(), error = 'not to be told'
          where d.person_id = the_person and d.state in ('pending', 'retrying') and d.incident_id in (
            select i.id from decisions_incident i join registry_case c on c.id = the_case
            where not i.is_drill and i.closed_at is null and (i.case_id = c.id or i.person_id = c.protected_id)) $$;
create function tocsin_take_back_party() returns trigger language plpgsql security definer set search_path = public, pg_temp
    as $$ begin perform tocsin_take_back(new.case_id, new.person_id); return null; end $$;
create function tocsin_take_back_colleague() returns trigger language plpgsql security definer
    set search_path = public, pg_temp
    as $$ begin
        if new.colleague_id is not null then perform tocsin_take_back(new.id, new.colleague_id); end if;
        return null;
    end $$;
create trigger take_back after insert on registry_party
    for each row execute function tocsin_take_back_party();
create trigger take_back after insert or update of colleague_id on registry_case
    for each row execute function tocsin_take_back_colleague();
revoke all on function tocsin_take_back(uuid, uuid) from public;
"""
