"""Let no key be destroyed during a legal hold, and no hold be taken away by one. A column, functions, triggers."""

from typing import ClassVar

from django.db import migrations, models

from tocsin.runtime.holding import KEYS


class Migration(migrations.Migration):
    """The database itself refuses it, whoever asks."""

    dependencies: ClassVar = [("registry", "0014_door_pages")]
    operations: ClassVar = [
        migrations.AddField("case", "hold_lift_asked_by_id", models.UUIDField(null=True)),
        migrations.RunSQL(KEYS),
    ]
