"""Keep that a lead of a case said of a reader that it is gone on purpose. A new table; a short lock."""

from typing import ClassVar

from django.db import migrations, models
from django.db.models.deletion import CASCADE

from tocsin.runtime.his_machines import GONE_ON_PURPOSE
from tocsin.runtime.ids import uuid7


class Migration(migrations.Migration):
    """Code that does not know it goes on."""

    dependencies: ClassVar = [("registry", "0059_his_machines")]
    operations: ClassVar = [
        migrations.CreateModel(
            name="GoneOnPurpose",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("organisation_id", models.UUIDField()),
                ("subject_id", models.UUIDField()),
                ("said_at", models.DateTimeField()),
                ("case", models.ForeignKey(on_delete=CASCADE, to="registry.case")),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=["case", "subject_id"], name="gone_once")
                ]
            },
        ),
        migrations.RunSQL(GONE_ON_PURPOSE),
    ]
