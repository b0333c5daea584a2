"""Let a page that protection is blind, or sees again, stand beside an open incident. Locks one small index."""

from typing import ClassVar

from django.db import migrations, models

NOT_ONE = ["proof", "gap", "look", "task", "task_due", "blind", "sees"]


class Migration(migrations.Migration):
    """What only asks or tells is not the one open incident of a person."""

    dependencies: ClassVar = [("decisions", "0009_tasks_and_release")]
    operations: ClassVar = [
        migrations.RemoveConstraint("incident", "incident_open"),
        migrations.AddConstraint(
            "incident",
            models.UniqueConstraint(
                fields=["organisation_id", "person", "is_drill"],
                name="incident_open",
                condition=models.Q(closed_at=None)
                & ~models.Q(kind__in=NOT_ONE)
                & models.Q(is_about_place=False),
            ),
        ),
    ]
