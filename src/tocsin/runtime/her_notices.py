"""Who says whether she is sent a notice that people were told of her case? She alone. The statements that migrations run."""

from typing import Final

HER_NOTICES: Final = """
create function tocsin_check_notices() returns trigger language plpgsql security definer set search_path = public, pg_temp
    as $$
    begin
        if session_user = 'tocsin_web' and tocsin_viewer() is distinct from old.protected_id then
            raise insufficient_privilege using message = 'whether she has a notice is hers to say';
        end if;
        return new;
    end $$;
create trigger check_notices before update of no_notices_at on registry_case
    for each row when (new.no_notices_at is distinct from old.no_notices_at) execute function tocsin_check_notices();
-- Looked through every fifteen seconds: of what she knows already nothing is read.
create index disclosure_unnoticed on notifications_disclosure (case_id) where notice_at is null;
"""
