"""Who comes to her, and where to, when he is an administrator? The statements that migrations run.

A party of her case may set inactive whoever would be called, or write another address where she works: nobody would come,
or somebody would come to the wrong door. So the record of everybody who may be called for her, and what a site of hers says
of itself, stay as they were when he writes of them; what he wrote is so on his screens, and on those of whoever is shut out
with him. Safety leads on no other side see it, and make it so by saving it themselves.

A name of a site is unique, and its rosters are planned in its time zone: a second one beside it would tell him of itself.
Both are his to change, as a staff number is.
"""

from typing import Final

from tocsin.runtime.his_people import show_people

# Longer than any roster is changed back for: who is taken off it first, and set inactive then, is still one who comes.
CALLED_WITHIN: Final = "28 days"

# As `registry/store.py` finds who may be called, at any hour and site: what is seen of him calls the people of that place.
CALLED: Final = f"""
create policy owner_asks on registry_teammember for select to tocsin_owner using (true);
create policy owner_asks on registry_site for select to tocsin_owner using (true);
create function tocsin_is_called(the_organisation uuid, her uuid, the_person uuid) returns boolean language sql stable
    security definer set search_path = public, pg_temp
    as $$ with recursive line (id, height) as (
            select manager_id, 1 from registry_person where id = her and organisation_id = the_organisation
            union all
            select p.manager_id, line.height + 1 from registry_person p join line on p.id = line.id
            where line.height < 5)
          select exists (select 1 from registry_person p where p.id = the_person and p.organisation_id = the_organisation
              and (p.role in ('safety_lead', 'manager', 'admin', 'shift_lead') or p.id in (select id from line)))
            or exists (select 1 from registry_teammember m where m.organisation_id = the_organisation
              and m.person_id = the_person)
            or exists (select 1 from registry_shift s where s.organisation_id = the_organisation
              and s.person_id = the_person and s.ends_at > now() - interval '{CALLED_WITHIN}') $$;
revoke all on function tocsin_is_called(uuid, uuid, uuid) from public;
create or replace function tocsin_writes_in_vain(the_person uuid) returns boolean language sql stable
    security definer set search_path = public, pg_temp
    as $$ select tocsin_is_kept_from(the_person) or (the_person <> tocsin_viewer() and exists (
          select 1 from registry_case c where c.closed_at is null and c.erased_at is null and tocsin_is_party(c.id)
            and not tocsin_person_is_party(c.id, the_person)
            and (c.advocate_id = the_person or tocsin_is_called(c.organisation_id, c.protected_id, the_person)
              or exists (select 1 from registry_grant g where g.case_id = c.id
              and g.person_id = the_person and g.ended_at is null and g.until_at > now()
              and (g.kind <> 'granted' or g.agreed_at is not null))))) $$;
"""  # noqa: S608 - a constant of this file only

# Who is a party of one case is on no side of another: he is shown what stands, and calls whom it names. Two who hold orders
# against each other are so, and her press must not be worked out with his eyes.
# The engine asks it of a whole message's recipients: what he is sent says what his screens say.
WITH_HIM: Final = """
create function tocsin_is_with(the_writer uuid, the_person uuid) returns boolean language sql stable security definer
    set search_path = public, pg_temp
    as $$ select the_writer = tocsin_viewer() or exists (select 1 from registry_case c
            where tocsin_is_party(c.id) and tocsin_person_is_party(c.id, the_writer)
              and (the_person is null or not tocsin_person_is_party(c.id, the_person))) $$;
revoke all on function tocsin_is_with(uuid, uuid) from public;
grant execute on function tocsin_is_with(uuid, uuid) to tocsin_web, tocsin_engine;
create function tocsin_all_with(the_writer uuid) returns uuid[] language sql stable security definer
    set search_path = public, pg_temp
    as $$ select array(select the_writer
          union select p.person_id from registry_party p
            where p.until is null and tocsin_person_is_party(p.case_id, the_writer)
          union select c.colleague_id from registry_case c
            where c.colleague_id is not null and tocsin_person_is_party(c.id, the_writer)) $$;
revoke all on function tocsin_all_with(uuid) from public;
grant execute on function tocsin_all_with(uuid) to tocsin_engine;
"""
# Of himself nobody else reads it but she, and safety leads: a guard would tell his friend what it says of him.
PEOPLE: Final = show_people(
    "create or replace view",
    "coalesce(tocsin_is_with((his_record->>'by')::uuid, id), false)",
    told=" and (id is distinct from tocsin_viewer() or role in ('safety_lead', 'admin')"
    " or exists (select 1 from registry_case c where c.protected_id = registry_person.id))",
)

# The triggers run in the order of their names.
SITES: Final = f"""
create function tocsin_writes_site_in_vain(the_site uuid) returns boolean language sql stable security definer
    set search_path = public, pg_temp
    as $$ select exists (select 1 from registry_case c left join registry_person p on p.id = c.protected_id
          where c.closed_at is null and c.erased_at is null and tocsin_is_party(c.id)
            and (the_site = coalesce(p.site_id,
                (select id from registry_site where organisation_id = c.organisation_id order by id limit 1))
              or exists (select 1 from registry_shift s where s.organisation_id = c.organisation_id
                and s.person_id = c.protected_id and s.site_id = the_site
                and s.ends_at > now() - interval '{CALLED_WITHIN}'))) $$;
revoke all on function tocsin_writes_site_in_vain(uuid) from public;
create function tocsin_his_site() returns trigger language plpgsql security definer set search_path = public, pg_temp
    as $$
    begin
        new.his_record := case when tocsin_writes_site_in_vain(old.id) then jsonb_build_object('by', tocsin_viewer(),
            'kind', new.kind, 'address', new.address, 'psap', new.psap, 'outline', new.outline) end;
        return new;
    end $$;
create function tocsin_keep_site() returns trigger language plpgsql security definer set search_path = public, pg_temp
    as $$
    declare
        his jsonb := new.his_record;
        his_name text := new.name;
        his_zone text := new.time_zone;
    begin
        if tocsin_writes_site_in_vain(old.id) then
            new := old;
            new.his_record := his;
            new.name := his_name;
            new.time_zone := his_zone;
        end if;
        return new;
    end $$;
create function tocsin_keep_whole_site() returns trigger language plpgsql security definer set search_path = public, pg_temp
    as $$
    begin
        if tocsin_writes_site_in_vain(old.id) then return null; end if;
        return old;
    end $$;
create trigger his_site before update of kind, address, psap, outline on registry_site
    for each row execute function tocsin_his_site();
create trigger keep_site before update on registry_site
    for each row execute function tocsin_keep_site();
create trigger keep_whole before delete on registry_site
    for each row execute function tocsin_keep_whole_site();
"""  # noqa: S608 - a constant of this file only

_HIS_SITE: Final = "coalesce(tocsin_is_with((his_record->>'by')::uuid, null), false)"


def _of_site(column: str, his: str) -> str:
    return (
        f"case when his_record is not null and {_HIS_SITE} then {his} else {column} end as {column}"
    )


SITES_SHOWN: Final = f"""
create view registry_site_shown with (security_invoker = true) as select id, organisation_id, name, time_zone,
    {_of_site("kind", "(his_record->>'kind')::varchar(40)")},
    {_of_site("address", "his_record->'address'")},
    {_of_site("psap", "his_record->'psap'")},
    {_of_site("outline", "nullif(his_record->'outline', 'null'::jsonb)")},
    case when his_record is not null and not {_HIS_SITE} then his_record end as contested
    from registry_site;
revoke all on registry_site_shown from public;
grant select on registry_site_shown to tocsin_web, tocsin_engine;
"""  # noqa: S608 - constants of this file only

HIS_CALLERS: Final = CALLED + WITH_HIM + PEOPLE + SITES + SITES_SHOWN
