"""Put what somebody kept from her takes away or narrows beside what stands there. Columns and triggers only."""

from typing import ClassVar

from django.db import migrations, models

from tocsin.runtime.in_vain import IN_VAIN


class Migration(migrations.Migration):
    """What is there stays as it is; no lock is held for long."""

    dependencies: ClassVar = [("registry", "0029_second_look")]
    operations: ClassVar = [
        migrations.AddField("contactmethod", "his_position", models.PositiveSmallIntegerField(null=True)),
        migrations.AddField("contactmethod", "his_safe_rule", models.JSONField(null=True)),
        migrations.AddField("contactmethod", "his_revoked_at", models.DateTimeField(null=True)),
        migrations.AddField("device", "his_revoked_at", models.DateTimeField(null=True)),
        migrations.RunSQL(IN_VAIN),
    ]
