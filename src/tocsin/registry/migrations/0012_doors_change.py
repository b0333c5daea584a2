"""Count the changes to what the doors match by, so that an index knows from one row whether it is still true.

The triggers run as the owner: whoever changes an entry need not see the count. A new table; no lock on others but for
the triggers themselves.
"""

from typing import ClassVar, Final

from django.db import migrations, models

from tocsin.runtime.ids import uuid7
from tocsin.runtime.row_security import let_the_door_match, protect

_COUNT: Final = """
create policy owner_counts on registry_doorstate to tocsin_owner using (true) with check (true);
create function tocsin_count_door_change() returns trigger language plpgsql security definer set search_path = public, pg_temp
as $$ begin
    insert into registry_doorstate as s (id, organisation_id, generation)
        values (gen_random_uuid(), coalesce(new.organisation_id, old.organisation_id), 1)
        on conflict (organisation_id) do update set generation = s.generation + 1;
    return null;
end $$;
revoke all on function tocsin_count_door_change() from public;
"""
_ON: Final = """
create trigger door_change after insert or update or delete on {table}
    for each row execute function tocsin_count_door_change();
"""


class Migration(migrations.Migration):
    """The row of an organisation is locked from a change to its commit: a count that is read is of what is there."""

    dependencies: ClassVar = [("registry", "0011_loosening")]
    operations: ClassVar = [
        migrations.CreateModel(
            name="DoorState",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("organisation_id", models.UUIDField()),
                ("generation", models.PositiveBigIntegerField(default=0)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=["organisation_id"], name="door_state")
                ],
            },
        ),
        migrations.RunSQL(protect("registry_doorstate", web="", engine="select")),
        migrations.RunSQL(let_the_door_match("registry_doorstate")),
        migrations.RunSQL(_COUNT),
        *[
            migrations.RunSQL(_ON.format(table=f"registry_{table}"))
            for table in ("doorentry", "casekey", "fleetvehicle", "fleetkey")
        ],
    ]
