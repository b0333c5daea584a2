"""Keep with a look that a lead decided with it: a way that she declined is shown by its looks, as an open one is.

Of older looks nobody knows it here; they count for minutes. A column with a default that PostgreSQL does not write into
old rows: the table is locked for a moment, and code that does not know it goes on.
"""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    """A column; who may read or write a look stays as it is."""

    dependencies: ClassVar = [("signals", "0020_custody_said")]
    operations: ClassVar = [
        migrations.AddField(
            "look", "decides", models.BooleanField(default=False, db_default=False)
        ),
    ]
