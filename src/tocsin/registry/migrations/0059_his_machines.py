"""Say who revoked a sender, and put away the keys of a vehicle that somebody takes back. Short locks.

A column, a table, a trigger and a policy. Of what was revoked or taken back before nobody knows who did it: it counts as ever.
"""

from typing import ClassVar

from django.db import migrations, models
from django.db.models.deletion import CASCADE

from tocsin.runtime.his_machines import HIS_KEYS, HIS_READERS_GONE
from tocsin.runtime.ids import uuid7


class Migration(migrations.Migration):
    """A column without a default rewrites nothing. Code that does not know it goes on."""

    dependencies: ClassVar = [("registry", "0058_told_leads"), ("signals", "0017_blind_places")]
    operations: ClassVar = [
        migrations.AddField("sender", "revoked_by_id", models.UUIDField(null=True)),
        migrations.CreateModel(
            name="TakenKey",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("organisation_id", models.UUIDField()),
                ("plate", models.CharField(max_length=20)),
                ("region", models.CharField(max_length=10)),
                ("taken_at", models.DateTimeField()),
                ("taken_by_id", models.UUIDField(null=True)),
                ("person", models.ForeignKey(on_delete=CASCADE, to="registry.person")),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=["person", "plate", "region"], name="one_taken_key"
                    )
                ]
            },
        ),
        migrations.RunSQL(HIS_KEYS + HIS_READERS_GONE),
    ]
