"""Keep who decided between two words about custody, until when one counts, and why one was taken back.

Adds columns with constant defaults: a short lock, no rewrite; old code leaves them alone.
"""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    """Columns only."""

    dependencies: ClassVar = [("signals", "0004_sighting_security")]
    operations: ClassVar = [
        migrations.AddField(
            "custodyfact", "settles", models.BooleanField(default=False, db_default=False)
        ),
        migrations.AddField("custodyfact", "confirm_by", models.DateTimeField(null=True)),
        migrations.AddField(
            "custodyfact",
            "taken_back_because",
            models.CharField(max_length=30, default="", db_default="", blank=True),
        ),
    ]
