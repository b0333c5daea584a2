"""Whose right to read is it that nobody could be told of yet? The statements that migrations run.

Who breaks glass names the second person who was told, and none if nobody could be: the engine tells one later, and writes
it. Nobody else does, and nothing of the grant changes with it.
"""

from typing import Final

from tocsin.runtime.firewall import MAX_BREAK_GLASS, MAX_ENTERED, MAX_GRANT

UNTOLD: Final = f"""
create or replace function tocsin_check_new_grant() returns trigger language plpgsql security definer
    set search_path = public, pg_temp
    as $$
    declare
        who uuid := tocsin_viewer();
    begin
        if who is null or new.asked_by_id is distinct from who then
            raise insufficient_privilege using message = 'whoever looks asks for himself';
        end if;
        if tocsin_person_is_party(new.case_id, new.person_id) or tocsin_person_is_party(new.case_id, who) then
            raise insufficient_privilege using message = 'there is no such case';
        end if;
        if new.agreed_at is not null or new.agreed_by_id is not null or new.ended_at is not null
            or new.reviewed_at is not null then
            raise insufficient_privilege using message = 'nobody agrees while asking';
        end if;
        if new.kind = 'entered' then
            if new.person_id <> who or not tocsin_is_being_opened(new.case_id)
                or new.until_at > clock_timestamp() + interval '{MAX_ENTERED}'
                or exists (select 1 from registry_grant where case_id = new.case_id and kind = 'entered') then
                raise insufficient_privilege using message = 'only who opens a case has entered it';
            end if;
        elsif new.kind = 'break_glass' then
            -- No `told_id`: nobody could be told yet, and the engine goes on trying.
            if new.person_id <> who or new.until_at > clock_timestamp() + interval '{MAX_BREAK_GLASS}'
                or new.reason_sealed is null or (new.told_id is not null
                  and (new.told_id = who or tocsin_person_is_party(new.case_id, new.told_id))) then
                raise insufficient_privilege using message = 'breaking glass takes a reason, an hour, a second who is told';
            end if;
        elsif new.kind = 'granted' then
            if new.until_at > clock_timestamp() + interval '{MAX_GRANT}' then
                raise insufficient_privilege using message = 'a grant ends within {MAX_GRANT}';
            end if;
        else
            raise insufficient_privilege using message = 'there is no such kind of grant';
        end if;
        return new;
    end $$;
drop trigger check_grant on registry_grant;
create trigger check_grant before update on registry_grant for each row when (not (session_user = 'tocsin_engine'
        and old.kind = 'break_glass' and old.told_id is null
        and to_jsonb(new) - 'told_id' = to_jsonb(old) - 'told_id'))
    execute function tocsin_check_grant();
create index grant_untold on registry_grant (asked_at) where kind = 'break_glass' and told_id is null;
"""  # noqa: S608 - constants of this file and of the firewall
