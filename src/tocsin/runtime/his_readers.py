"""What does somebody read who has made the sign-in of a reader of the case? The statements that migrations run.

An administrator who is a party may choose a first password for the safety lead who reads the case, or for her advocate, and
be that person on a screen. So a sign-in that a party of a case has made or reset reads nothing of it, until a safety lead
on no other side has stood for it on another sign-in. Alarms to that person go on.
"""

from typing import Final

from tocsin.runtime.firewall import HERE
from tocsin.runtime.making import keep_maker

# `the_time`: made since then; null: since the case was opened. Who enters a case goes on, unless he has reset it since.
IN_HIS_HANDS: Final = """
create function tocsin_sign_in_is_his(the_case uuid, the_time timestamptz) returns boolean language sql stable
    security definer set search_path = public, pg_temp
    as $$ select exists (select 1 from registry_account a join registry_case c on c.id = the_case
          where a.person_id = tocsin_viewer() and a.made_by_id is not null and c.erased_at is null
            and coalesce(a.made_at, '-infinity') >= coalesce(the_time, c.opened_at)
            and not tocsin_is_party(the_case) and tocsin_person_is_party(c.id, a.made_by_id)
            and (a.confirmed_by_id is null or tocsin_person_is_party(c.id, a.confirmed_by_id))) $$;
create or replace function tocsin_sees_case(the_case uuid) returns boolean language sql stable security definer
    set search_path = public, pg_temp
    as $$ select tocsin_viewer() is not null and not tocsin_is_party(the_case) and (
          (exists (select 1 from registry_case where id = the_case and protected_id = tocsin_viewer())
             and not tocsin_sign_in_is_doubted())
          or exists (select 1 from registry_grant where case_id = the_case and person_id = tocsin_viewer()
             and ended_at is null and until_at > now() and (kind <> 'granted' or agreed_at is not null)
             and (kind <> 'break_glass' or not tocsin_sign_in_is_doubted())
             and not tocsin_sign_in_is_his(the_case, case when kind = 'entered' then asked_at else '-infinity' end))) $$;
create function tocsin_is_in_his_hands(the_case uuid) returns boolean language sql stable security definer
    set search_path = public, pg_temp
    as $$ select tocsin_sign_in_is_his(the_case, '-infinity') and not tocsin_sees_case(the_case)
          and not tocsin_is_being_opened(the_case) $$;
"""

# The door goes on for a sign-in from before the case: a guard who knows nobody is a danger, and its second step is his own.
DOORS: Final = """
create or replace function tocsin_sees_door(the_case uuid) returns boolean language sql stable
    as $$ select tocsin_viewer() is not null and not tocsin_is_party(the_case)
          and not tocsin_sign_in_is_his(the_case, null) $$;
create or replace function tocsin_has_door_page(the_case uuid) returns boolean language sql stable security definer
    set search_path = public, pg_temp
    as $$ select tocsin_sees_door(the_case) and exists (
          select 1 from registry_doorpage where case_id = the_case
          and organisation_id = nullif(current_setting('app.organisation', true), '')::uuid) $$;
"""

# Asking, agreeing, breaking glass and looking again: all of it is a row of `registry_grant`.
_OPEN: Final = f"""{HERE} and tocsin_viewer() is not null and not tocsin_is_party(case_id)
    and not tocsin_is_in_his_hands(case_id)"""
READERS: Final = f"""
drop policy web_reads on registry_grant;
drop policy web_changes on registry_grant;
drop policy web_adds on registry_grant;
create policy web_reads on registry_grant for select to tocsin_web using ({_OPEN}
    and (tocsin_viewer() in (person_id, asked_by_id, told_id) or tocsin_is_administrator()
        or tocsin_sees_case(case_id) or tocsin_is_advocate(case_id)));
create policy web_changes on registry_grant for update to tocsin_web using ({_OPEN}
    and (tocsin_viewer() in (person_id, asked_by_id, told_id) or tocsin_is_administrator()
        or tocsin_sees_case(case_id))) with check ({_OPEN});
create policy web_adds on registry_grant for insert to tocsin_web with check ({_OPEN});
create or replace function tocsin_case_word(the_case uuid) returns text language sql stable security definer
    set search_path = public, pg_temp
    as $$ select word from registry_case where id = the_case and tocsin_viewer() is not null
          and {HERE} and not tocsin_is_party(the_case) and not tocsin_is_in_his_hands(the_case) $$;
create or replace function tocsin_case_of_word(the_word text) returns uuid language sql stable security definer
    set search_path = public, pg_temp
    as $$ select id from registry_case where word = the_word and tocsin_viewer() is not null and erased_at is null
          and {HERE} and not tocsin_is_party(id) and not tocsin_is_in_his_hands(id) $$;
create or replace function tocsin_is_advocate(the_case uuid) returns boolean language sql stable security definer
    set search_path = public, pg_temp
    as $$ select exists (select 1 from registry_case where id = the_case and advocate_id = tocsin_viewer())
          and not tocsin_is_party(the_case) and not tocsin_sign_in_is_his(the_case, '-infinity') $$;
create or replace function tocsin_advocate_of(the_case uuid) returns uuid language sql stable security definer
    set search_path = public, pg_temp
    as $$ select advocate_id from registry_case where id = the_case and tocsin_viewer() is not null
          and {HERE} and not tocsin_is_party(the_case) and not tocsin_person_is_party(the_case, advocate_id)
          and not tocsin_is_in_his_hands(the_case) $$;
create or replace function tocsin_uncovered(the_start timestamptz, the_end timestamptz)
    returns table (word text, site_id uuid, post_id uuid, role text, starts_at timestamptz, ends_at timestamptz)
    language sql stable security definer set search_path = public, pg_temp
    as $$ select distinct c.word, s.site_id, s.post_id, s.role, s.starts_at, s.ends_at
          from registry_case c join registry_shift s on s.organisation_id = c.organisation_id
            and s.starts_at < the_end and s.ends_at > the_start
          where c.{HERE}
            and c.closed_at is null and c.erased_at is null and not tocsin_is_party(c.id)
            and not tocsin_is_in_his_hands(c.id)
            and exists (select 1 from registry_person where id = tocsin_viewer() and is_active
              and role in ('shift_lead', 'safety_lead', 'admin'))
            and (s.person_id = c.colleague_id or exists (select 1 from registry_party p
              where p.case_id = c.id and p.person_id = s.person_id and p.until is null)) $$;
"""  # noqa: S608 - a constant of the firewall

# Safety leads see whose sign-in waits: of those who read the case, and of whomever he has reset since. Never of their own,
# and never on a sign-in that he made.
WAITING: Final = f"""
create function tocsin_is_out_with(the_maker uuid) returns boolean language sql stable security definer
    set search_path = public, pg_temp
    as $$ select the_maker is not null and exists (select 1 from registry_case c where c.erased_at is null
            and tocsin_person_is_party(c.id, the_maker)
            and (tocsin_is_party(c.id) or tocsin_sign_in_is_his(c.id, '-infinity'))) $$;
create function tocsin_reader_waits(the_person uuid) returns boolean language sql stable security definer
    set search_path = public, pg_temp
    as $$ select tocsin_is_administrator() and the_person <> tocsin_viewer() and exists (
          select 1 from registry_account a join registry_person p on p.id = a.person_id
            join registry_case c on c.organisation_id = p.organisation_id
          where a.person_id = the_person and a.made_by_id is not null and c.erased_at is null and c.{HERE}
            and tocsin_person_is_party(c.id, a.made_by_id)
            and (a.confirmed_by_id is null or tocsin_person_is_party(c.id, a.confirmed_by_id))
            and not tocsin_is_party(c.id) and not tocsin_sign_in_is_his(c.id, '-infinity')
            and not tocsin_person_is_party(c.id, the_person)
            and (p.role in ('safety_lead', 'admin') or c.advocate_id = the_person or a.made_at >= c.opened_at
              or exists (select 1 from registry_grant g where g.case_id = c.id and g.person_id = the_person
                and g.ended_at is null and g.until_at > now()))) $$;
revoke all on function tocsin_sign_in_is_his(uuid, timestamptz), tocsin_is_in_his_hands(uuid), tocsin_is_out_with(uuid),
    tocsin_reader_waits(uuid) from public;
grant execute on function tocsin_sign_in_is_his(uuid, timestamptz), tocsin_is_in_his_hands(uuid),
    tocsin_reader_waits(uuid) to tocsin_web;
"""  # noqa: S608 - a constant of the firewall

_DECLARED: Final = """\
create or replace function tocsin_keep_maker() returns trigger language plpgsql security definer
    set search_path = public, pg_temp"""
# A password that another chooses makes the sign-in his, whatever else the statement says; a second one, too.
MAKERS: Final = "\n" + keep_maker(_DECLARED, knows_when=True)

HIS_READERS: Final = IN_HIS_HANDS + DOORS + READERS + WAITING + MAKERS
