"""Say where somebody stands on a shift, which teams follow the roster, which contact is a colleague.

Adds columns with constant defaults only: no rewrite, a lock of milliseconds, and old code runs on.
"""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    """What `rules/policy.py` asks and no table held."""

    dependencies: ClassVar = [("registry", "0002_row_security")]
    operations: ClassVar = [
        migrations.AddField("shift", "post_id", models.UUIDField(null=True)),
        migrations.AddField(
            "shift", "at_position", models.BooleanField(default=False, db_default=False)
        ),
        migrations.AddField("team", "is_rostered", models.BooleanField(default=True, db_default=True)),
        migrations.AddField("emergencycontact", "colleague_id", models.UUIDField(null=True)),
    ]
