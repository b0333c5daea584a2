"""Tell an incident of a place from one of a person: it has nobody in danger whose SOS could join it.

Locks `decisions_incident` for the moment of a new column with a default and of two indexes on open incidents.
"""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    """A trespass case has no protected person; its owner's SOS must never disappear in it (I5)."""

    dependencies: ClassVar = [("decisions", "0005_safeguard_security")]

    operations: ClassVar = [
        migrations.AddField(
            "incident", "is_about_place", models.BooleanField(default=False, db_default=False)
        ),
        migrations.RemoveConstraint("incident", "incident_open"),
        migrations.AddConstraint(
            "incident",
            models.UniqueConstraint(
                fields=["organisation_id", "person", "is_drill"],
                name="incident_open",
                condition=models.Q(closed_at=None)
                & ~models.Q(kind__in=["proof", "gap"])
                & models.Q(is_about_place=False),
            ),
        ),
        migrations.AddConstraint(
            "incident",
            models.UniqueConstraint(
                fields=["organisation_id", "case_id"],
                name="incident_open_place",
                condition=models.Q(closed_at=None, is_about_place=True),
            ),
        ),
        migrations.AddIndex(
            "incident",
            models.Index(
                fields=["organisation_id", "case_id"],
                name="incident_case",
                condition=~models.Q(case_id=None),
            ),
        ),
    ]
