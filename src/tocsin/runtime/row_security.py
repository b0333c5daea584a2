"""Who may touch a row? The statements that migrations run on every new table.

`web` sees and changes the rows of the organisation that the transaction names, `engine` those of all
(it serves every organisation on the machine), the owner of the tables none: FORCE holds for it too.

Tables of a case have a second wall, which no role, screen or forgotten filter opens: the viewer that the
transaction names must not be a party on the other side, and must be the protected person or hold a live grant
(`FIREWALL`). No viewer is no rows.
"""

from typing import Final

_HERE: Final = "organisation_id = nullif(current_setting('app.organisation', true), '')::uuid"


# Asked by policies. They run as the owner of the tables, who may read parties, grants and cases for this alone.
FIREWALL: Final = """
create function tocsin_viewer() returns uuid language sql stable
    as $$ select nullif(current_setting('app.viewer', true), '')::uuid $$;
create function tocsin_is_party(the_case uuid) returns boolean language sql stable security definer
    set search_path = public, pg_temp
    as $$ select exists (select 1 from registry_party where case_id = the_case and person_id = tocsin_viewer()
          and until is null) $$;
create function tocsin_is_kept_from(the_person uuid) returns boolean language sql stable security definer
    set search_path = public, pg_temp
    as $$ select exists (select 1 from registry_party p join registry_case c on c.id = p.case_id
          where c.protected_id = the_person and p.person_id = tocsin_viewer() and p.until is null) $$;
create function tocsin_sees_door(the_case uuid) returns boolean language sql stable
    as $$ select tocsin_viewer() is not null and not tocsin_is_party(the_case) $$;
create function tocsin_sees_case(the_case uuid) returns boolean language sql stable security definer
    set search_path = public, pg_temp
    as $$ select tocsin_viewer() is not null and not tocsin_is_party(the_case) and (
          exists (select 1 from registry_case where id = the_case and protected_id = tocsin_viewer())
          or exists (select 1 from registry_grant where case_id = the_case and person_id = tocsin_viewer()
             and ended_at is null and until_at > now() and (kind <> 'granted' or agreed_at is not null))) $$;
revoke all on function tocsin_is_party(uuid), tocsin_is_kept_from(uuid), tocsin_sees_case(uuid) from public;
grant execute on function tocsin_is_party(uuid), tocsin_is_kept_from(uuid), tocsin_sees_case(uuid) to tocsin_web;
create policy owner_asks on registry_party for select to tocsin_owner using (true);
create policy owner_asks on registry_grant for select to tocsin_owner using (true);
create policy owner_asks on registry_case for select to tocsin_owner using (true);
"""


def protect(
    table: str,
    *,
    web: str = "select, insert, update, delete",
    engine: str = "select, insert, update, delete",
    own: str = _HERE,
) -> str:
    """Return SQL that forces row-level security on `table` and grants only what is named.

    An empty grant gives the role nothing. `own` is the condition under which `web` sees a row.
    """
    lines = [
        f"alter table {table} enable row level security",
        f"alter table {table} force row level security",
        f"revoke all on {table} from public",
    ]
    if web:
        lines += [
            f"grant {web} on {table} to tocsin_web",
            f"create policy web on {table} to tocsin_web using ({own}) with check ({own})",
        ]
    if engine:
        lines += [
            f"grant {engine} on {table} to tocsin_engine",
            f"create policy engine on {table} to tocsin_engine using (true) with check (true)",
        ]
    return ";\n".join(lines) + ";"


def protect_all(*tables: str) -> str:
    """Return the SQL of `protect` for several tables with the usual grants."""
    return "\n".join(protect(table) for table in tables)


def protect_case(table: str, *, case: str = "case_id", sees: str = "tocsin_sees_case") -> str:
    """Return SQL that protects a table whose rows belong to a case named by its column `case`.

    `web` adds rows of its organisation to a case on whose other side it is not (entering an order comes before any
    grant), and reads and changes only what `sees` lets it: `tocsin_sees_case`, or `tocsin_sees_door` for what every
    post is to know. A row of no case (`case` null) is of the organisation.
    """
    seen = f"({_HERE} and ({case} is null or {sees}({case})))"
    added = f"({_HERE} and ({case} is null or not tocsin_is_party({case})))"
    return "\n".join(
        [
            protect(table, web=""),
            f"grant select, insert, update, delete on {table} to tocsin_web;",
            f"create policy web_reads on {table} for select to tocsin_web using {seen};",
            f"create policy web_adds on {table} for insert to tocsin_web with check {added};",
            f"create policy web_changes on {table} for update to tocsin_web using {seen} with check {seen};",
            f"create policy web_removes on {table} for delete to tocsin_web using {seen};",
        ]
    )


def let_the_door_match(table: str) -> str:
    """Return SQL that lets the role `tocsin_door` read a table, to build the index that names are matched by.

    What a match is about is then read as the viewer, through the wall above: a hit that the viewer must not know
    of finds nothing.
    """
    return (
        f"grant select on {table} to tocsin_door;"
        f"create policy door on {table} for select to tocsin_door using (true);"
    )
