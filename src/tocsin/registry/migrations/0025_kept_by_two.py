"""Take two people to erase a case sooner, or to put somebody in her advocate's place. Columns and a trigger."""

from typing import ClassVar

from django.db import migrations, models

from tocsin.runtime.holding import BY_TWO


class Migration(migrations.Migration):
    """The database itself refuses one; what was set before stays as it is."""

    dependencies: ClassVar = [("registry", "0024_door_places")]
    operations: ClassVar = [
        migrations.AddField("case", "advocate_asked_id", models.UUIDField(null=True)),
        migrations.AddField("case", "advocate_asked_by_id", models.UUIDField(null=True)),
        migrations.AddField("case", "advocate_asked_at", models.DateTimeField(null=True)),
        migrations.AddField("case", "erase_asked_on", models.DateField(null=True)),
        migrations.AddField("case", "erase_asked_by_id", models.UUIDField(null=True)),
        migrations.AddField("case", "erase_asked_at", models.DateTimeField(null=True)),
        migrations.RunSQL(BY_TWO),
    ]
