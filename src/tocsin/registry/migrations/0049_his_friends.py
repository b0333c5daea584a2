"""Say who entered a person, and when. Two columns, a trigger. Of those who are there already nobody knows it."""

from typing import ClassVar

from django.db import migrations, models

from tocsin.runtime.his_friends import HIS_FRIENDS


class Migration(migrations.Migration):
    """Columns without a default rewrite nothing; short locks. Code that does not know them goes on."""

    dependencies: ClassVar = [("registry", "0048_his_ways")]
    operations: ClassVar = [
        migrations.AddField("person", "made_by_id", models.UUIDField(null=True)),
        migrations.AddField("person", "made_at", models.DateTimeField(null=True)),
        migrations.RunSQL(HIS_FRIENDS),
    ]
