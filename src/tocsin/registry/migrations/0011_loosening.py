"""What leaves people with less waits here for a second person. A new table only."""

from typing import ClassVar

import django.db.models.deletion
from django.db import migrations, models

import tocsin.runtime.ids
from tocsin.runtime.row_security import protect


class Migration(migrations.Migration):
    """The database itself lets nobody agree with himself."""

    dependencies: ClassVar = [("registry", "0010_firewall_contacts")]
    operations: ClassVar = [
        migrations.CreateModel(
            name="Loosening",
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
                ("what", models.CharField(max_length=20)),
                ("body", models.JSONField()),
                ("reasons", models.JSONField(default=list)),
                ("asked_at", models.DateTimeField()),
                ("asked_by_id", models.UUIDField()),
                ("decided_at", models.DateTimeField(null=True)),
                ("decided_by_id", models.UUIDField(null=True)),
                ("is_agreed", models.BooleanField(null=True)),
                (
                    "site",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, to="registry.site"
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("decided_at", None)),
                        fields=["organisation_id", "site"],
                        name="loosening_open",
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("decided_by_id", None),
                            ("is_agreed", False),
                            models.Q(("decided_by_id", models.F("asked_by_id")), _negated=True),
                            _connector="OR",
                        ),
                        name="loosening_takes_two",
                    )
                ],
            },
        ),
        migrations.RunSQL(protect("registry_loosening", web="select, insert, update")),
    ]
