"""Who wrote a roster's line, and who took one out? The statements that migrations run.

A colleague who is a party of her case may plan her shifts, and the walk that opens by itself hangs on them. So each line
says who wrote it, and a line that is taken out is put away with who took it, whoever that is: nothing of it asks whether
there is a case, so nothing of it can tell him. What he wrote counts for everybody, as ever. For her walks the engine plans
her shifts a second time, as if no party had written (`flow/keep_her_shifts.py`).

Of a line that a second person has agreed to (I17), the one who asked counts as its writer.
"""

from typing import Final

from tocsin.runtime.firewall import HERE
from tocsin.runtime.row_security import protect

# What he wrote in the days before the order was entered: he may have heard that it was asked for.
BEFORE_ORDER: Final = "7 days"

_DEFINER: Final = "security definer set search_path = public, pg_temp"

WRITERS: Final = f"""
create policy owner_asks on registry_loosening for select to tocsin_owner using (true);
create function tocsin_writer() returns uuid language sql stable {_DEFINER}
    as $$ select coalesce((select l.asked_by_id from registry_loosening l
            where l.id = nullif(current_setting('app.asked', true), '')::uuid
              and l.is_agreed and l.decided_by_id = tocsin_viewer()), tocsin_viewer()) $$;
revoke all on function tocsin_writer() from public;
create function tocsin_mark_line() returns trigger language plpgsql {_DEFINER}
    as $$
    begin
        if session_user <> 'tocsin_web' then return new; end if;
        if tg_op = 'INSERT' or (new.site_id, new.kind, new.body) is distinct from (old.site_id, old.kind, old.body) then
            new.made_by_id := tocsin_writer();
            new.confirmed_by_id := null;
            return new;
        end if;
        new.made_by_id := old.made_by_id;
        if new.confirmed_by_id is distinct from tocsin_viewer() or not tocsin_is_administrator() then
            new.confirmed_by_id := old.confirmed_by_id;
        end if;
        return new;
    end $$;
create function tocsin_keep_line() returns trigger language plpgsql {_DEFINER}
    as $$
    begin
        if session_user = 'tocsin_web' then
            insert into registry_takenline (id, organisation_id, site_id, kind, body, made_at, made_by_id, taken_at,
                    taken_by_id)
                values (old.id, old.organisation_id, old.site_id, old.kind, old.body, old.made_at,
                    case when old.confirmed_by_id is null then old.made_by_id end, clock_timestamp(), tocsin_writer())
                on conflict (id) do nothing;
        end if;
        return null;
    end $$;
create trigger mark_line before insert or update on registry_rosterline
    for each row execute function tocsin_mark_line();
create trigger keep_line after delete on registry_rosterline
    for each row execute function tocsin_keep_line();
"""  # noqa: S608 - a constant of this file only

# Asked where her alarm needs to know at which site she is: whoever is kept from her is answered nothing, as without a case.
KEPT: Final = f"""
{protect("registry_takenline", web="", engine="select, delete")}
create policy owner_keeps on registry_takenline to tocsin_owner using (true) with check (true);
{protect("registry_keptshift", web="", engine="select, insert, delete")}
create policy owner_asks on registry_keptshift for select to tocsin_owner using (true);
create function tocsin_kept_shifts(her uuid, the_start timestamptz, the_end timestamptz)
    returns table (site_id uuid, starts_at timestamptz, ends_at timestamptz) language sql stable {_DEFINER}
    as $$ select k.site_id, k.starts_at, k.ends_at from registry_keptshift k
          where k.person_id = her and k.ends_at > the_start and k.starts_at <= the_end
            and (session_user <> 'tocsin_web' or (k.{HERE} and tocsin_viewer() is not null
              and not tocsin_is_kept_from(her)
              and not (tocsin_viewer() = her and tocsin_sign_in_is_doubted()))) $$;
revoke all on function tocsin_kept_shifts(uuid, timestamptz, timestamptz) from public;
grant execute on function tocsin_kept_shifts(uuid, timestamptz, timestamptz) to tocsin_web, tocsin_engine;
"""  # noqa: S608 - constants of the firewall

# Which lines of a roster parties of a case have written or taken out, by whom it protects; no site: of all. A line of his
# that another has confirmed is the other's, unless he is a party, too. On the web safety leads on no side are answered, and
# only while a walk of hers hangs on it.
HIS_LINES: Final = f"""
create policy owner_confirms on registry_rosterline to tocsin_owner using (true) with check (true);
create function tocsin_his_lines(the_site uuid) returns table (case_id uuid, organisation_id uuid, her uuid,
    site_id uuid, line_id uuid, kind varchar, body jsonb, is_taken boolean) language sql stable {_DEFINER}
    as $$ with his as (
            select c.id, c.organisation_id, c.protected_id, x.person_id, c.opened_at - interval '{BEFORE_ORDER}' as since
            from registry_case c cross join lateral (
                select p.person_id from registry_party p where p.case_id = c.id and p.until is null
                union select c.colleague_id) x
            where c.closed_at is null and c.erased_at is null and c.protected_id is not null
              and x.person_id is not null and x.person_id <> c.protected_id
              and (session_user <> 'tocsin_web' or (c.{HERE} and tocsin_is_administrator()
                and not tocsin_is_party(c.id) and not tocsin_is_in_his_hands(c.id)))
          ), lines as (
            select h.id as case_id, h.organisation_id, h.protected_id, l.site_id, l.id, l.kind, l.body, false as is_taken
            from his h join registry_rosterline l on l.organisation_id = h.organisation_id
                and l.made_by_id = h.person_id and l.made_at > h.since
            where l.confirmed_by_id is null or exists (
                select 1 from his o where o.id = h.id and o.person_id = l.confirmed_by_id)
            union all
            select h.id, h.organisation_id, h.protected_id, t.site_id, t.id, t.kind, t.body, true
            from his h join registry_takenline t on t.organisation_id = h.organisation_id
                and t.taken_by_id = h.person_id and t.taken_at > h.since
            where not exists (select 1 from his o where o.protected_id = h.protected_id
                and o.person_id = t.made_by_id and t.made_at > o.since))
          select * from lines l where (the_site is null or l.site_id = the_site)
            and (session_user <> 'tocsin_web' or (
              exists (select 1 from registry_keptshift k where k.person_id = l.protected_id and k.site_id = l.site_id)
              and (position(l.protected_id::text in l.body::text) > 0 or exists (
                select 1 from registry_teammember m where m.person_id = l.protected_id
                  and position(m.team_id::text in l.body::text) > 0)))) $$;
create function tocsin_stand_for_line(the_line uuid) returns uuid language plpgsql {_DEFINER}
    as $$
    declare
        the_case uuid;
    begin
        select case_id into the_case from tocsin_his_lines(null) where line_id = the_line limit 1;
        if the_case is not null then
            update registry_rosterline set confirmed_by_id = tocsin_viewer() where id = the_line;
            delete from registry_takenline where id = the_line;
        end if;
        return the_case;
    end $$;
revoke all on function tocsin_his_lines(uuid), tocsin_stand_for_line(uuid) from public;
grant execute on function tocsin_his_lines(uuid) to tocsin_web, tocsin_engine;
grant execute on function tocsin_stand_for_line(uuid) to tocsin_web;
"""  # noqa: S608 - constants of this file and of the firewall

HIS_ROSTERS: Final = KEPT + WRITERS + HIS_LINES
