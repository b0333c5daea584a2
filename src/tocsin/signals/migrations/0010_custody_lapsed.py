"""Keep that it was said that a word about custody has lapsed, or that an announced one has come true. A nullable column."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    """One column; a short lock, no rewrite."""

    dependencies: ClassVar = [("signals", "0009_blind_spots")]
    operations: ClassVar = [
        migrations.AddField("custodyfact", "due_said_at", models.DateTimeField(null=True)),
    ]
