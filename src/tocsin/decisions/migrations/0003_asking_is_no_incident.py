"""Let announcements of a gap stand beside an open incident, as proofs of reach do. Locks one small index."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    """What only asks or tells is not the one open incident of a person."""

    dependencies: ClassVar = [("decisions", "0002_row_security")]
    operations: ClassVar = [
        migrations.RemoveConstraint("incident", "incident_open"),
        migrations.AddConstraint(
            "incident",
            models.UniqueConstraint(
                fields=["organisation_id", "person", "is_drill"],
                name="incident_open",
                condition=models.Q(closed_at=None) & ~models.Q(kind__in=["proof", "gap"]),
            ),
        ),
    ]
