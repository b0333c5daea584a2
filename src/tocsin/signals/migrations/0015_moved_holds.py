"""Let a hold that was moved away stand beside the one that is held for the same minute after all. Locks a small index.

A shift that ends at six, then at seven, then at six again has two of them: the first is over, as *moved*.
"""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    """One a shift's end and kind, of those that were not moved away."""

    dependencies: ClassVar = [("signals", "0014_report_turn")]
    operations: ClassVar = [
        migrations.RemoveConstraint("hold", "hold_once"),
        migrations.AddConstraint(
            "hold",
            models.UniqueConstraint(
                fields=["organisation_id", "person", "kind", "shift_ends_at"],
                name="hold_once",
                condition=~models.Q(state="moved"),
            ),
        ),
    ]
