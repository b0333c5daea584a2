"""Say who removed a contact method, and who said when it is safe. Columns, a trigger, a function.

Of what was removed before this nobody knows who did it: it stays removed.
"""

from typing import ClassVar

from django.db import migrations, models

from tocsin.runtime.his_ways import HIS_WAYS


class Migration(migrations.Migration):
    """Three columns without a default rewrite nothing; short locks. Code that does not know them goes on."""

    dependencies: ClassVar = [("registry", "0047_gone_pushes")]
    operations: ClassVar = [
        migrations.AddField("contactmethod", "removed_by_id", models.UUIDField(null=True)),
        migrations.AddField("contactmethod", "ruled_by_id", models.UUIDField(null=True)),
        migrations.AddField("contactmethod", "rule_before", models.JSONField(null=True)),
        migrations.RunSQL(HIS_WAYS),
    ]
