"""Put what her other side makes of who is called for her, and of where she works, beside it. A column, triggers, views."""

from typing import ClassVar

from django.db import migrations, models

from tocsin.runtime.his_callers import HIS_CALLERS


class Migration(migrations.Migration):
    """A column without a default rewrites nothing; short locks. What he wrote before this stands."""

    dependencies: ClassVar = [("registry", "0045_unreadable_is_blind")]
    operations: ClassVar = [
        migrations.AddField("site", "his_record", models.JSONField(null=True)),
        migrations.RunSQL(HIS_CALLERS),
    ]
