"""How are those reached who come to her, when he writes of their ways? The statements that migrations run.

Who removes a way of a colleague, or says when it is safe, may be a party of her case, or be one a week later. So each row
says who did it last. Nothing is written beside it, and it counts as ever: for whatever is not kept from him. What must be
is called as if he had not (`registry/rules/contacts.py`, `as_it_stood`), until a safety lead on no other side says so too.
"""

from typing import Final

from tocsin.runtime.firewall import HERE
from tocsin.runtime.his_callers import CALLED_WITHIN

# After the triggers that give back what he took from her herself (`in_vain.py`): they run in the order of their names.
HANDS: Final = """
create function tocsin_mark_hands() returns trigger language plpgsql security definer set search_path = public, pg_temp
    as $$
    declare
        who uuid := tocsin_viewer();
    begin
        if session_user <> 'tocsin_web' then return new; end if;
        if tg_op = 'INSERT' then
            new.removed_by_id := null;
            new.ruled_by_id := null;
            new.rule_before := null;
            return new;
        end if;
        new.removed_by_id := old.removed_by_id;
        if new.revoked_at is null then
            new.removed_by_id := null;
        elsif new.revoked_at is distinct from old.revoked_at then
            new.removed_by_id := who;
        end if;
        new.ruled_by_id := old.ruled_by_id;
        new.rule_before := old.rule_before;
        if new.safe_rule is distinct from old.safe_rule and who is distinct from old.ruled_by_id then
            new.ruled_by_id := case when who <> old.person_id then who end;
            new.rule_before := case when who <> old.person_id then old.safe_rule end;
        end if;
        return new;
    end $$;
create trigger mark_hands before insert or update on registry_contactmethod
    for each row execute function tocsin_mark_hands();
"""

# Whether one who is on no side of it may know that `the_other` is a party of a case to which `the_person` is called.
# `the_time`: of what he did; what is older than anybody's roster is changed back for stands as it is.
OTHER_SIDE: Final = f"""
create function tocsin_is_against(the_person uuid, the_other uuid, the_time timestamptz) returns boolean
    language sql stable security definer set search_path = public, pg_temp
    as $$ select the_other is not null and exists (select 1 from registry_case c
          where c.closed_at is null and c.erased_at is null and c.protected_id is distinct from the_person
            and (session_user <> 'tocsin_web' or c.{HERE})
            and (the_time is null or the_time > c.opened_at - interval '{CALLED_WITHIN}')
            and tocsin_person_is_party(c.id, the_other) and not tocsin_person_is_party(c.id, the_person)
            and not tocsin_is_party(c.id) and not tocsin_is_in_his_hands(c.id)
            and tocsin_is_called(c.organisation_id, c.protected_id, the_person)) $$;
revoke all on function tocsin_is_against(uuid, uuid, timestamptz) from public;
grant execute on function tocsin_is_against(uuid, uuid, timestamptz) to tocsin_web, tocsin_engine;
"""  # noqa: S608 - constants of the firewall

HIS_WAYS: Final = HANDS + OTHER_SIDE
