"""Remember whose phone a push goes to, and who made, verified or ended a way to reach or to be somebody. Columns only."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    """Nothing is known of what was there before: it counts as it did."""

    dependencies: ClassVar = [("registry", "0025_kept_by_two")]
    operations: ClassVar = [
        migrations.AddField("contactmethod", "device_id", models.UUIDField(null=True)),
        migrations.AddField("contactmethod", "made_by_id", models.UUIDField(null=True)),
        migrations.AddField("contactmethod", "verified_by_id", models.UUIDField(null=True)),
        migrations.AddField("contactmethod", "revoked_by_id", models.UUIDField(null=True)),
        migrations.AddField("device", "revoked_by_id", models.UUIDField(null=True)),
        migrations.AddField("account", "made_by_id", models.UUIDField(null=True)),
    ]
