"""Say who wrote a roster's line and who took one out, and keep her shifts as they stood without him.

Two columns, two tables, two triggers. Of lines that are there already nobody knows who wrote them: they count as ever.
"""

from typing import ClassVar
from uuid import UUID

from django.db import migrations, models
from django.db.models.deletion import CASCADE

from tocsin.runtime.his_rosters import HIS_ROSTERS
from tocsin.runtime.ids import uuid7


def _id() -> "models.UUIDField[UUID, UUID]":
    return models.UUIDField(default=uuid7, editable=False, primary_key=True, serialize=False)


class Migration(migrations.Migration):
    """Columns without a default rewrite nothing; short locks. Code that does not know them goes on."""

    dependencies: ClassVar = [("registry", "0051_places_stay")]
    operations: ClassVar = [
        migrations.AddField("rosterline", "made_by_id", models.UUIDField(null=True)),
        migrations.AddField("rosterline", "confirmed_by_id", models.UUIDField(null=True)),
        migrations.AddIndex(
            "rosterline",
            models.Index(fields=["organisation_id", "made_by_id"], name="line_by_maker"),
        ),
        migrations.CreateModel(
            name="TakenLine",
            fields=[
                ("id", _id()),
                ("organisation_id", models.UUIDField()),
                ("kind", models.CharField(max_length=20)),
                ("body", models.JSONField()),
                ("made_at", models.DateTimeField()),
                ("made_by_id", models.UUIDField(null=True)),
                ("taken_at", models.DateTimeField()),
                ("taken_by_id", models.UUIDField(null=True)),
                ("site", models.ForeignKey(on_delete=CASCADE, to="registry.site")),
            ],
            options={
                "indexes": [
                    models.Index(fields=["organisation_id", "taken_by_id"], name="line_by_taker")
                ]
            },
        ),
        migrations.CreateModel(
            name="KeptShift",
            fields=[
                ("id", _id()),
                ("organisation_id", models.UUIDField()),
                ("starts_at", models.DateTimeField()),
                ("ends_at", models.DateTimeField()),
                ("person", models.ForeignKey(on_delete=CASCADE, to="registry.person")),
                ("site", models.ForeignKey(on_delete=CASCADE, to="registry.site")),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=["person", "site", "starts_at", "ends_at"], name="one_kept_shift"
                    )
                ]
            },
        ),
        migrations.RunSQL(HIS_ROSTERS),
    ]
