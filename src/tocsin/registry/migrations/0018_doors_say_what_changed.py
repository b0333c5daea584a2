"""Say which entry of a door changed, so that an index of 100,000 reads one again and not all. A new table; no lock on others."""

from typing import ClassVar, Final

from django.db import migrations, models

from tocsin.runtime.ids import uuid7
from tocsin.runtime.row_security import let_the_door_match, protect

_SAY: Final = """
create policy owner_says on registry_doorchange to tocsin_owner using (true) with check (true);
create or replace function tocsin_count_door_change() returns trigger language plpgsql security definer
    set search_path = public, pg_temp
as $$
declare
    the_organisation uuid := coalesce(new.organisation_id, old.organisation_id);
    counted bigint;
begin
    insert into registry_doorstate as s (id, organisation_id, generation)
        values (gen_random_uuid(), the_organisation, 1)
        on conflict (organisation_id) do update set generation = s.generation + 1
        returning generation into counted;
    if tg_table_name in ('registry_doorentry', 'registry_casekey') then
        insert into registry_doorchange (id, organisation_id, case_id, generation)
            values (gen_random_uuid(), the_organisation, coalesce(new.case_id, old.case_id), counted)
            on conflict (organisation_id, case_id) do update set generation = excluded.generation;
    end if;
    return null;
end $$;
revoke all on function tocsin_count_door_change() from public;
"""


class Migration(migrations.Migration):
    """An index begins with all entries, so that nothing of before need be said."""

    dependencies: ClassVar = [("registry", "0017_uncovered")]
    operations: ClassVar = [
        migrations.CreateModel(
            name="DoorChange",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("organisation_id", models.UUIDField()),
                ("case_id", models.UUIDField()),
                ("generation", models.PositiveBigIntegerField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=["organisation_id", "case_id"], name="door_change_once"
                    )
                ],
                "indexes": [
                    models.Index(fields=["organisation_id", "generation"], name="door_change_since")
                ],
            },
        ),
        migrations.RunSQL(protect("registry_doorchange", web="", engine="select")),
        migrations.RunSQL(let_the_door_match("registry_doorchange")),
        migrations.RunSQL(_SAY),
    ]
