"""Who may touch a row? The statements that migrations run on every new table.

`web` sees and changes the rows of the organisation that the transaction names, `engine` those of all
(it serves every organisation on the machine), the owner of the tables none: FORCE holds for it too.
"""

from typing import Final

_HERE: Final = "organisation_id = nullif(current_setting('app.organisation', true), '')::uuid"


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
