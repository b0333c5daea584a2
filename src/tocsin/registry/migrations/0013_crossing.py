"""Ask whether there is an order the other way round. A function and a column."""

from typing import ClassVar, Final

from django.db import migrations, models

CROSSED: Final = """
create function tocsin_is_crossed(the_case uuid) returns boolean language sql stable security definer
    set search_path = public, pg_temp
    as $$ select tocsin_sees_case(the_case) and exists (
          select 1 from registry_case mine join registry_case theirs
            on theirs.organisation_id = mine.organisation_id and theirs.id <> mine.id
            and theirs.protected_id = mine.colleague_id and theirs.colleague_id = mine.protected_id
          where mine.id = the_case and theirs.closed_at is null and not tocsin_is_party(theirs.id)
            and tocsin_viewer() not in (mine.protected_id, theirs.protected_id)) $$;
revoke all on function tocsin_is_crossed(uuid) from public;
grant execute on function tocsin_is_crossed(uuid) to tocsin_web;
"""


class Migration(migrations.Migration):
    """Two orders that cross are flagged to who enters and reviews them, never to the two; a late review is said once."""

    dependencies: ClassVar = [("registry", "0012_doors_change")]
    operations: ClassVar = [
        migrations.RunSQL(CROSSED),
        migrations.AddField("protectionorder", "review_told_at", models.DateTimeField(null=True)),
    ]
