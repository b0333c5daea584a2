"""Keep with a hold who looked and until when that counts. Locks an empty table."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    """A look counts for three minutes, which the row says itself: no clock makes it new again."""

    dependencies: ClassVar = [("signals", "0006_intake_security")]
    operations: ClassVar = [
        migrations.AddField("hold", "looked_by_id", models.UUIDField(null=True)),
        migrations.AddField("hold", "looked_until", models.DateTimeField(null=True)),
        migrations.RemoveIndex("hold", "hold_due"),
        migrations.AddIndex(
            "hold",
            models.Index(fields=["due_at"], name="hold_due", condition=~models.Q(due_at=None)),
        ),
    ]
