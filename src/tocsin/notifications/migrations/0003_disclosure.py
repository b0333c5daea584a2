"""Who was told what of a case. A new table only."""

import django.db.models.deletion
import tocsin.runtime.ids
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("notifications", "0002_row_security"),
        ("registry", "0005_cases"),
    ]

    operations = [
        migrations.CreateModel(
            name="Disclosure",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tocsin.runtime.ids.uuid7,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("organisation_id", models.UUIDField()),
                ("incident_id", models.UUIDField(null=True)),
                ("to_id", models.UUIDField(null=True)),
                ("to_role", models.CharField(max_length=40)),
                ("ground", models.CharField(max_length=40)),
                ("what", models.JSONField(default=list)),
                ("words_sealed", models.BinaryField(null=True)),
                ("at", models.DateTimeField()),
                ("notice_at", models.DateTimeField(null=True)),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, to="registry.case"
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["organisation_id", "case", "at"], name="disclosure_case")
                ],
            },
        ),
    ]
