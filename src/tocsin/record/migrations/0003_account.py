"""Accounts of a fact, side by side. A new table only."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("record", "0002_row_security"),
    ]

    operations = [
        migrations.CreateModel(
            name="Account",
            fields=[
                ("id", models.UUIDField(editable=False, primary_key=True, serialize=False)),
                ("organisation_id", models.UUIDField()),
                ("about", models.CharField(max_length=12)),
                ("about_id", models.UUIDField()),
                ("case_id", models.UUIDField(null=True)),
                ("fact", models.CharField(max_length=60)),
                ("source_sealed", models.BinaryField()),
                ("words_sealed", models.BinaryField()),
                ("sealed_of", models.UUIDField()),
                ("said_at", models.DateTimeField(null=True)),
                ("heard_at", models.DateTimeField()),
                ("kept_at", models.DateTimeField()),
                ("kept_by_id", models.UUIDField(null=True)),
            ],
            options={
                "indexes": [
                    models.Index(
                        fields=["organisation_id", "about_id", "fact"], name="account_about"
                    )
                ],
            },
        ),
    ]
