"""Remember whose phone a push goes to, and what somebody kept from her made in her name. Columns with a default only."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    """Nothing is known of what was there before: it counts as it did."""

    dependencies: ClassVar = [("registry", "0025_kept_by_two")]
    operations: ClassVar = [
        migrations.AddField("contactmethod", "device_id", models.UUIDField(null=True)),
        migrations.AddField(
            "device", "in_vain", models.BooleanField(default=False, db_default=False)
        ),
        migrations.AddField(
            "account", "in_vain", models.BooleanField(default=False, db_default=False)
        ),
    ]
