"""Keep what a person told until a person has put it aside. A new table; locks nothing that is used.

Those who were told read it, and nobody who is kept from anything: free words may speak of any case.
"""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import migrations, models

import tocsin.runtime.ids
from tocsin.runtime.firewall import HERE
from tocsin.runtime.row_security import protect

_TOLD = f"({HERE} and tocsin_viewer() = any(told_ids) and (select tocsin_is_no_party()))"


class Migration(migrations.Migration):
    """The engine adds and tells; whoever was told takes it on, or puts it aside."""

    dependencies: ClassVar = [
        ("signals", "0017_blind_places"),
        ("registry", "0007_firewall"),
    ]
    operations: ClassVar = [
        migrations.CreateModel(
            name="ToldReport",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tocsin.runtime.ids.uuid7,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("organisation_id", models.UUIDField()),
                ("site_id", models.UUIDField()),
                ("reported_by_id", models.UUIDField()),
                ("track", models.CharField(max_length=120)),
                ("heard_at", models.DateTimeField()),
                ("body_sealed", models.BinaryField()),
                ("told_ids", ArrayField(models.UUIDField(), default=list, db_default=[])),
                ("tellings", models.PositiveIntegerField(default=0, db_default=0)),
                ("told_at", models.DateTimeField(null=True)),
                ("taken_by_id", models.UUIDField(null=True)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint("organisation_id", "track", name="told")
                ],
            },
        ),
        migrations.RunSQL(
            protect("signals_toldreport", web="select, update, delete", own=_TOLD)
        ),
    ]
