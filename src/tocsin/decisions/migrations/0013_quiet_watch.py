"""Let the role that matches at doors ask whether a case is on quiet watch, and nothing else of it. A function only."""

from typing import ClassVar

from django.db import migrations

QUIET = """
create function tocsin_is_quiet(the_case uuid) returns boolean language sql stable security definer
    set search_path = public
    as $$ select exists (select 1 from registry_case
          where id = the_case and colleague_id is not null and released_at is null) $$;
revoke all on function tocsin_is_quiet(uuid) from public;
grant execute on function tocsin_is_quiet(uuid) to tocsin_door, tocsin_engine;
"""


class Migration(migrations.Migration):
    """A colleague's badge opens doors until the visible steps are released together."""

    dependencies: ClassVar = [("decisions", "0012_legal_hold")]
    operations: ClassVar = [
        migrations.RunSQL(QUIET, "drop function tocsin_is_quiet(uuid)"),
    ]
