"""Count how often a desk asks who somebody is. A new table; no lock on others."""

from typing import ClassVar

from django.db import migrations, models

from tocsin.runtime.ids import uuid7
from tocsin.runtime.row_security import protect


class Migration(migrations.Migration):
    """Only a number: a list of who was looked for would be a list of strangers."""

    dependencies: ClassVar = [("signals", "0011_hold_explained")]
    operations: ClassVar = [
        migrations.CreateModel(
            name="DeskCount",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("organisation_id", models.UUIDField()),
                ("on_date", models.DateField()),
                ("checks", models.PositiveIntegerField(default=0)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=["organisation_id", "on_date"], name="desk_count_day"
                    )
                ],
            },
        ),
        migrations.RunSQL(
            protect("signals_deskcount", web="select, insert, update", engine="select, delete")
        ),
    ]
