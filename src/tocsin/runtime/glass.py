"""Whose right to read is it that nobody could be told of yet? The statements that migrations run.

Who breaks glass names the second person who was told, and none if nobody could be: the engine tells one later, and writes
it. Nobody else does, and nothing of the grant changes with it.
"""

from typing import Final

from tocsin.runtime.granting import MAX_BREAK_GLASS, check_new_grant

_HEAD: Final = """\
create or replace function tocsin_check_new_grant() returns trigger language plpgsql security definer
    set search_path = public, pg_temp"""
_TOLD_LATER: Final = f"""\
            -- No `told_id`: nobody could be told yet, and the engine goes on trying.
            if new.person_id <> who or new.until_at > clock_timestamp() + interval '{MAX_BREAK_GLASS}'
                or new.reason_sealed is null or (new.told_id is not null
                  and (new.told_id = who or tocsin_person_is_party(new.case_id, new.told_id))) then
"""
UNTOLD: Final = f"""
{check_new_grant(_HEAD, _TOLD_LATER)}drop trigger check_grant on registry_grant;
create trigger check_grant before update on registry_grant for each row when (not (session_user = 'tocsin_engine'
        and old.kind = 'break_glass' and old.told_id is null
        and to_jsonb(new) - 'told_id' = to_jsonb(old) - 'told_id'))
    execute function tocsin_check_grant();
create index grant_untold on registry_grant (asked_at) where kind = 'break_glass' and told_id is null;
"""
