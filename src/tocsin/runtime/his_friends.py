"""Who entered somebody in the registry, and when? The statements that migrations run.

Whom a party of a case enters is shut out with him from that moment (`shutting_out.py`). Whom he entered in the weeks before,
nobody shuts out by himself: a colleague who comes to her must not be lost for that. Safety leads on no side are told of her.
"""

from typing import Final

HIS_FRIENDS: Final = """
create function tocsin_mark_entry() returns trigger language plpgsql security definer set search_path = public, pg_temp
    as $$
    begin
        if tg_op = 'UPDATE' then
            new.made_by_id := old.made_by_id;
            new.made_at := old.made_at;
        elsif session_user = 'tocsin_web' then
            new.made_by_id := tocsin_viewer();
            new.made_at := clock_timestamp();
        end if;
        return new;
    end $$;
create trigger mark_entry before insert or update on registry_person
    for each row execute function tocsin_mark_entry();
"""
