"""Find the next reports of each sender without reading all that wait: a flood must not slow the others down.

An index on a table that is empty or nearly so: a short lock.
"""

from typing import ClassVar
from uuid import UUID

from django.db import migrations, models
from django.db.models.functions import Coalesce


class Migration(migrations.Migration):
    """What people report counts as one sender."""

    dependencies: ClassVar = [("signals", "0013_responders_compare")]
    operations: ClassVar = [
        migrations.AddIndex(
            "report",
            models.Index(
                Coalesce(models.F("sender_id"), models.Value(UUID(int=0), models.UUIDField())),
                models.F("tries"),
                models.F("received_at"),
                name="report_turn",
            ),
        ),
    ]
