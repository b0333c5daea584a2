"""When may a key be destroyed? Never during a legal hold. The statements that migrations run.

An incident puts its case, or the cases of the person it is about, on hold before anything can be erased; taking a hold
away takes two people. So does erasing a case sooner, and putting somebody else in the place of the one who hears when
people are let in, unless she does that herself.
"""

from typing import Final

HOLDS: Final = """
create policy owner_holds on registry_case for update to tocsin_owner using (true) with check (true);
create function tocsin_hold_cases() returns trigger language plpgsql security definer set search_path = public, pg_temp
    as $$
    begin
        -- Not what only asks or tells once: a note that work waits is no incident.
        if not new.is_drill and new.kind in ('sos', 'walk', 'possible_breach', 'house_rule', 'inform') then
            update registry_case set legal_hold_at = new.opened_at
            where legal_hold_at is null and erased_at is null
              and (id = new.case_id or (protected_id = new.person_id and not new.is_about_place));
        end if;
        return null;
    end $$;
create trigger hold_cases after insert on decisions_incident
    for each row execute function tocsin_hold_cases();
"""

KEYS: Final = """
create function tocsin_keep_held() returns trigger language plpgsql security definer set search_path = public, pg_temp
    as $$
    begin
        if session_user = 'tocsin_engine' and current_setting('app.erased_before', true) = 'yes' then
            return old;
        end if;
        if tg_table_name = 'registry_casekey' then
            if exists (select 1 from registry_case where id = old.case_id and legal_hold_at is not null) then
                raise insufficient_privilege using message = 'this case is under a legal hold';
            end if;
        elsif exists (select 1 from registry_case c where c.legal_hold_at is not null and c.erased_at is null
            and (c.protected_id = old.person_id or c.colleague_id = old.person_id)) then
            raise insufficient_privilege using message = 'a case of this person is under a legal hold';
        end if;
        return old;
    end $$;
create trigger keep_held before delete on registry_casekey for each row execute function tocsin_keep_held();
create trigger keep_held before delete on registry_personkey for each row execute function tocsin_keep_held();
revoke delete on registry_casekey, registry_personkey, registry_case from tocsin_web;
create function tocsin_check_case() returns trigger language plpgsql security definer set search_path = public, pg_temp
    as $$
    begin
        if old.legal_hold_at is not null and new.legal_hold_at is null and (old.hold_lift_asked_by_id is null
            or tocsin_viewer() is null or old.hold_lift_asked_by_id = tocsin_viewer()) then
            raise insufficient_privilege using message = 'taking a legal hold away takes two';
        end if;
        if new.hold_lift_asked_by_id is distinct from old.hold_lift_asked_by_id
            and new.hold_lift_asked_by_id is not null
            and new.hold_lift_asked_by_id is distinct from tocsin_viewer() then
            raise insufficient_privilege using message = 'the viewer asks';
        end if;
        if session_user = 'tocsin_web' and (new.protected_id is distinct from old.protected_id
            or new.opened_by_id is distinct from old.opened_by_id or new.word <> old.word) then
            raise insufficient_privilege using message = 'whom a case protects does not change';
        end if;
        if session_user = 'tocsin_web' and new.erase_on is distinct from old.erase_on
            and new.erase_on < current_date + 14 then
            raise insufficient_privilege using message = 'nothing is erased sooner than in 14 days';
        end if;
        return new;
    end $$;
create trigger check_case before update on registry_case for each row execute function tocsin_check_case();
"""

BY_TWO: Final = """
create function tocsin_check_keeping() returns trigger language plpgsql security definer set search_path = public, pg_temp
    as $$
    declare
        who uuid := tocsin_viewer();
    begin
        if session_user <> 'tocsin_web' then
            return new;
        end if;
        if (new.advocate_asked_by_id is distinct from old.advocate_asked_by_id and new.advocate_asked_by_id <> who)
            or (new.erase_asked_by_id is distinct from old.erase_asked_by_id and new.erase_asked_by_id <> who) then
            raise insufficient_privilege using message = 'the viewer asks';
        end if;
        if new.advocate_id is distinct from old.advocate_id and old.advocate_id is not null
            and who is distinct from old.protected_id and not tocsin_person_is_party(old.id, old.advocate_id)
            and (old.advocate_asked_by_id is null or who is null or old.advocate_asked_by_id = who
                or new.advocate_id is distinct from old.advocate_asked_id) then
            raise insufficient_privilege using message = 'putting somebody in her advocate''s place takes two';
        end if;
        if new.erase_on is not null and (old.erase_on is null or new.erase_on < old.erase_on)
            and (old.erase_asked_by_id is null or who is null or old.erase_asked_by_id = who
                or new.erase_on is distinct from old.erase_asked_on) then
            raise insufficient_privilege using message = 'erasing a case sooner takes two';
        end if;
        return new;
    end $$;
create trigger check_keeping before update on registry_case for each row execute function tocsin_check_keeping();
"""
