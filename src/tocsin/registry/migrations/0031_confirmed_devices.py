"""Let wait what one supervisor alone has made: a phone enrolled by the other side, a colleague ruled out in her name.

Columns, functions and triggers.
"""

from typing import ClassVar

from django.db import migrations, models

from tocsin.runtime.in_vain import DOUBTED, RULED_OUT


class Migration(migrations.Migration):
    """Such a phone counts as it did for raising. Whom somebody has ruled out before this stays ruled out."""

    dependencies: ClassVar = [("registry", "0030_his_changes")]
    operations: ClassVar = [
        migrations.AddField("device", "confirmed_at", models.DateTimeField(null=True)),
        migrations.AddField("device", "confirmed_by_id", models.UUIDField(null=True)),
        migrations.RunSQL(DOUBTED),
        migrations.AddField("emergencycontact", "asked_colleague_id", models.UUIDField(null=True)),
        migrations.AddField("emergencycontact", "removal_asked_by_id", models.UUIDField(null=True)),
        migrations.RunSQL(RULED_OUT),
    ]
