"""Keep who explained a look that nobody took, and how. Locks an empty table."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    """A missed look is a task of the employer; a code, no free text."""

    dependencies: ClassVar = [("signals", "0010_custody_lapsed")]
    operations: ClassVar = [
        migrations.AddField(
            "hold",
            "explained",
            models.CharField(max_length=20, default="", db_default="", blank=True),
        ),
        migrations.AddField("hold", "explained_by_id", models.UUIDField(null=True)),
        migrations.AddField("hold", "explained_at", models.DateTimeField(null=True)),
    ]
