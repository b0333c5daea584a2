"""Put what somebody kept from her makes of her record beside it. A column, triggers, a view; no row is touched."""

from typing import ClassVar

from django.db import migrations, models

from tocsin.runtime.his_people import HIS_PEOPLE


class Migration(migrations.Migration):
    """A column without a default rewrites nothing; short locks."""

    dependencies: ClassVar = [("registry", "0038_his_readers")]
    operations: ClassVar = [
        migrations.AddField("person", "his_record", models.JSONField(null=True)),
        migrations.RunSQL(HIS_PEOPLE),
    ]
