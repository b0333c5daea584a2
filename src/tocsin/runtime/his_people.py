"""What becomes of a person's record that somebody writes who is kept from her? The statements that migrations run.

An administrator who is a party of her case may say that she left, works elsewhere or has another name: nobody would call
her any more, or would look for somebody else in another place. So the row stays as it was, and what he wrote stands beside
it (`his_record`). His screens show that, everybody else reads the row. What another writes afterwards holds for him, too.

So it is with who reads her case, too, and her advocate: he would take from her whoever acts for her. A new password for
such a one is his to give, ends her sessions, and reads nothing of the case (`runtime/his_readers.py`).

Her staff number is his to change: it is unique, so a second truth would tell him of itself, and no alarm goes by it.
"""

from typing import Final

_KEPT: Final = "coalesce(tocsin_writes_in_vain({}), false)"

IN_VAIN: Final = """
create function tocsin_writes_in_vain(the_person uuid) returns boolean language sql stable security definer
    set search_path = public, pg_temp
    as $$ select tocsin_is_kept_from(the_person) or (the_person <> tocsin_viewer() and exists (
          select 1 from registry_case c where c.closed_at is null and c.erased_at is null and tocsin_is_party(c.id)
            and not tocsin_person_is_party(c.id, the_person)
            and (c.advocate_id = the_person or exists (select 1 from registry_grant g where g.case_id = c.id
              and g.person_id = the_person and g.ended_at is null and g.until_at > now()
              and (g.kind <> 'granted' or g.agreed_at is not null))))) $$;
"""

# The triggers run in the order of their names. `set_manager` writes the manager alone, so that it is a trigger by itself.
WRITES: Final = f"""
create function tocsin_his_record() returns trigger language plpgsql security definer set search_path = public, pg_temp
    as $$
    begin
        new.his_record := case when {_KEPT.format("old.id")} then coalesce(new.his_record, '{{}}') || jsonb_build_object(
            'by', tocsin_viewer(), 'site_id', new.site_id, 'role', new.role, 'language', new.language, 'is_active', new.is_active,
            'left_at', case when not new.is_active then coalesce(case when not (old.his_record->>'is_active')::boolean
                then old.his_record->>'left_at' end, clock_timestamp()::text) end,
            'name_sealed', encode(new.name_sealed, 'hex'), 'short_name_sealed', encode(new.short_name_sealed, 'hex')) end;
        return new;
    end $$;
create function tocsin_his_manager() returns trigger language plpgsql security definer set search_path = public, pg_temp
    as $$
    begin
        new.his_record := case when {_KEPT.format("old.id")}
            then coalesce(new.his_record, '{{}}') || jsonb_build_object('by', tocsin_viewer(), 'manager_id', new.manager_id) end;
        return new;
    end $$;
create function tocsin_keep_person() returns trigger language plpgsql security definer set search_path = public, pg_temp
    as $$
    declare
        his jsonb := new.his_record;
        his_number text := new.staff_number;
    begin
        if {_KEPT.format("old.id")} then
            new := old;
            new.his_record := his;
            new.staff_number := his_number;
        end if;
        return new;
    end $$;
create function tocsin_keep_whole() returns trigger language plpgsql security definer set search_path = public, pg_temp
    as $$
    begin
        if {_KEPT.format("old.id")} then return null; end if;
        return old;
    end $$;
create function tocsin_keep_key() returns trigger language plpgsql security definer set search_path = public, pg_temp
    as $$
    begin
        if {_KEPT.format("old.person_id")} then return old; end if;
        return new;
    end $$;
create trigger his_manager before update of manager_id on registry_person
    for each row execute function tocsin_his_manager();
create trigger his_record before update of site_id, role, language, is_active, name_sealed, short_name_sealed
    on registry_person for each row execute function tocsin_his_record();
create trigger keep_person before update on registry_person
    for each row execute function tocsin_keep_person();
create trigger keep_whole before delete on registry_person
    for each row execute function tocsin_keep_whole();
-- Nobody deletes it in the web role.
create trigger keep_key before update on registry_personkey
    for each row execute function tocsin_keep_key();
"""


# Who reads a case may soon read it no more; what he wrote stays on his screens.
# `is not null` stands before it everywhere: null is asked on, and each SOS would ask it of everybody who works here.
_HIS: Final = f"((his_record->>'by')::uuid = tocsin_viewer() or {_KEPT.format('id')})"


def _shown(column: str, his: str, is_his: str) -> str:
    known = f"his_record is not null and his_record ? '{column}' and {is_his}"
    return f"case when {known} then {his} else {column} end as {column}"


def show_people(head: str, is_his: str, told: str = "") -> str:
    """Return the SQL of the view that screens read, begun by `head`.

    `is_his`: whether the viewer is shown his version. `told`: what must hold besides that somebody else is told of it.
    With the rights of who reads: the walls of the table are its own. `left_at`: she left on the viewer's screens only.
    """
    return f"""
{head} registry_person_shown with (security_invoker = true) as select id, organisation_id, staff_number,
    {_shown("name_sealed", "decode(his_record->>'name_sealed', 'hex')", is_his)},
    {_shown("short_name_sealed", "decode(his_record->>'short_name_sealed', 'hex')", is_his)},
    {_shown("role", "(his_record->>'role')::varchar(40)", is_his)},
    {_shown("language", "(his_record->>'language')::varchar(10)", is_his)},
    {_shown("site_id", "(his_record->>'site_id')::uuid", is_his)},
    {_shown("manager_id", "(his_record->>'manager_id')::uuid", is_his)},
    {_shown("is_active", "(his_record->>'is_active')::boolean", is_his)},
    case when his_record is not null and is_active and his_record->>'is_active' = 'false' and {is_his}
        then (his_record->>'left_at')::timestamptz end as left_at,
    case when his_record is not null and not {is_his}{told} then his_record end as contested
    from registry_person;
"""  # noqa: S608 - constants, and what migrations say


SHOWN: Final = (
    show_people("create view", _HIS)
    + """\
revoke all on registry_person_shown from public;
grant select on registry_person_shown to tocsin_web, tocsin_engine;
"""
)

HIS_PEOPLE: Final = IN_VAIN + WRITES + SHOWN
