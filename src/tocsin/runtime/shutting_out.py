"""How many may one person shut out? The statements that migrations run.

Whoever is shut out of a case is called to no SOS of the one it protects. Without a bound, one supervisor who enters an order
in her name could empty the list of those who come (I17): beyond a few a day, another person adds the rest.
"""

from typing import Final

MOST_IN_A_DAY: Final = 6
FEW: Final = f"""
create function tocsin_few_parties() returns trigger language plpgsql security definer set search_path = public, pg_temp
    as $$
    declare
        who uuid := tocsin_viewer();
        her uuid;
    begin
        if who is null or session_user = 'tocsin_engine' then return new; end if;
        select protected_id into her from registry_case where id = new.case_id;
        if her is null then return new; end if;
        -- Two presses in one moment are counted one after the other.
        perform pg_advisory_xact_lock(hashtextextended('shut out ' || her || who, 0));
        if (select count(distinct p.person_id) from registry_party p join registry_case c on c.id = p.case_id
            where c.protected_id = her and p.added_by_id = who and p.person_id <> new.person_id
              and p.since > now() - interval '24 hours') >= {MOST_IN_A_DAY} then
            raise insufficient_privilege using message = 'one person shuts out only a few in a day';
        end if;
        return new;
    end $$;
create trigger few_parties before insert on registry_party
    for each row execute function tocsin_few_parties();
"""  # noqa: S608 - a constant of this file only
