"""How many may one person shut out? The statements that migrations run.

Whoever is shut out of a case is called to no SOS of the one it protects. Without a bound, one supervisor who enters an order
in her name could empty the list of those who come (I17): beyond a few a day, another person adds the rest. What is told in
words may be about any case, so nobody hears of it who is shut out of one: of those who lead, one person shuts out fewer
still, over all cases together and for longer, or a made-up case would make him the only one who hears.
"""

from typing import Final

from tocsin.runtime.firewall import PARTIES

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

# What he makes is he: a person whom he enters, with a sign-in of his own making, would read the whole case for him. Such a
# one is shut out from the first moment, of what he is shut out of; who may read the case sees it, and two let in again.
# Nobody who was called before is lost by it, so the bound above does not hold here.
_BY_A_TRIGGER: Final = "if pg_trigger_depth() > 1 then return new; end if;"


def _with_way_past(function: str) -> str:
    """Return SQL that replaces a trigger function of parties by the same one, which passes what a trigger of ours adds."""
    return function.replace("create function", "create or replace function", 1).replace(
        "    begin\n", f"    begin\n        {_BY_A_TRIGGER}\n", 1
    )


_LINKS: Final = """
create policy owner_links on registry_party for insert to tocsin_owner with check (true);
create function tocsin_link_new_person() returns trigger language plpgsql security definer set search_path = public, pg_temp
    as $$
    begin
        if tocsin_viewer() is not null then
            insert into registry_party (id, organisation_id, case_id, person_id, since, added_by_id)
                select gen_random_uuid(), c.organisation_id, c.id, new.id, now(), tocsin_viewer() from registry_case c
                where c.organisation_id = new.organisation_id and c.erased_at is null and tocsin_is_party(c.id);
        end if;
        return null;
    end $$;
create trigger link_new_person after insert on registry_person
    for each row execute function tocsin_link_new_person();
revoke all on function tocsin_link_new_person() from public;
"""
MADE_BY_HIM: Final = (
    _with_way_past(PARTIES[: PARTIES.index("create trigger")])
    + _with_way_past(FEW[: FEW.index("create trigger")])
    + _LINKS
)

# Of those who lead, linked by one person, in four weeks; the respondent himself is not counted: his order is looked at by
# a second person, and is entered at night by one.
MOST_LEADS: Final = 3
_LEADS: Final = "('shift_lead', 'manager', 'safety_lead', 'admin')"
FEW_LEADS: Final = f"""
create function tocsin_few_leads() returns trigger language plpgsql security definer set search_path = public, pg_temp
    as $$
    declare
        who uuid := tocsin_viewer();
    begin
        if pg_trigger_depth() > 1 or who is null or session_user = 'tocsin_engine' then return new; end if;
        if not exists (select 1 from registry_person where id = new.person_id and role in {_LEADS})
            or exists (select 1 from registry_case where id = new.case_id and colleague_id = new.person_id) then
            return new;
        end if;
        perform pg_advisory_xact_lock(hashtextextended('shut out leads ' || who, 0));
        if (select count(distinct p.person_id) from registry_party p join registry_case c on c.id = p.case_id
                join registry_person l on l.id = p.person_id and l.role in {_LEADS}
            where p.organisation_id = new.organisation_id and p.added_by_id = who and p.until is null
              and c.closed_at is null and p.person_id is distinct from c.colleague_id
              and p.person_id <> new.person_id and p.since > now() - interval '28 days') >= {MOST_LEADS} then
            raise insufficient_privilege using message = 'one person shuts out only a few of those who lead';
        end if;
        return new;
    end $$;
revoke all on function tocsin_few_leads() from public;
create trigger few_leads before insert on registry_party
    for each row execute function tocsin_few_leads();
"""  # noqa: S608 - constants of this file only
