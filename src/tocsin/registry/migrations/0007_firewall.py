"""Keep the insider out of more than the case's own tables, and make grants the work of two people.

A column more on cases and parties (no rewrite), one new table, functions, policies and triggers. Short locks.
"""

from typing import ClassVar

import django.db.models.deletion
from django.db import migrations, models

import tocsin.runtime.ids
from tocsin.runtime.firewall import GRANTS, KEPT_OUT, PARTIES, READINGS


class Migration(migrations.Migration):
    """What the pages must not be able to get wrong."""

    dependencies: ClassVar = [("registry", "0006_case_security")]
    operations: ClassVar = [
        migrations.AddField("case", "advocate_id", models.UUIDField(null=True)),
        migrations.AddField("party", "added_by_id", models.UUIDField(null=True)),
        migrations.AddField("party", "unlink_asked_by_id", models.UUIDField(null=True)),
        migrations.AddField("party", "unlinked_by_id", models.UUIDField(null=True)),
        migrations.AddField("grant", "reviewed_at", models.DateTimeField(null=True)),
        migrations.AddField("grant", "reviewed_by_id", models.UUIDField(null=True)),
        migrations.CreateModel(
            name="Reading",
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
                ("person_id", models.UUIDField()),
                ("what", models.CharField(max_length=40)),
                ("why", models.CharField(max_length=20)),
                ("grant_id", models.UUIDField(null=True)),
                ("read_at", models.DateTimeField()),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, to="registry.case"
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["organisation_id", "case", "read_at"], name="reading_case")
                ]
            },
        ),
        migrations.RunSQL(KEPT_OUT),
        migrations.RunSQL(READINGS),
        migrations.RunSQL(PARTIES),
        migrations.RunSQL(GRANTS),
    ]
