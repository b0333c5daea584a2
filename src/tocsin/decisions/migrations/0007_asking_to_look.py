"""Let a question to look at a way stand beside an open incident, as a proof of reach does. Locks one small index."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    """An SOS in a held walk is an incident of its own and never joins the question (I5)."""

    dependencies: ClassVar = [("decisions", "0006_incident_about_place")]
    operations: ClassVar = [
        migrations.RemoveConstraint("incident", "incident_open"),
        migrations.AddConstraint(
            "incident",
            models.UniqueConstraint(
                fields=["organisation_id", "person", "is_drill"],
                name="incident_open",
                condition=models.Q(closed_at=None)
                & ~models.Q(kind__in=["proof", "gap", "look"])
                & models.Q(is_about_place=False),
            ),
        ),
        migrations.AddIndex(
            "incident",
            models.Index(
                fields=["organisation_id", "walk_id"],
                name="incident_look",
                condition=models.Q(closed_at=None, kind="look"),
            ),
        ),
    ]
