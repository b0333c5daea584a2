"""Keep what protection is blind on, since when, and whether somebody was told. A new table; locks nothing that is used.

What is of a tracker is for who may read its case; a post or a briefing of a case for everybody but a party; a reader of
the whole site for all, whether there is a case or not: nothing of it says that there is one.
"""

from typing import ClassVar

import django.db.models.deletion
from django.db import migrations, models

import tocsin.runtime.ids
from tocsin.runtime.row_security import protect

SEEN = (
    "organisation_id = nullif(current_setting('app.organisation', true), '')::uuid and (case_id is null"
    " or (what in ('post', 'briefing') and tocsin_sees_door(case_id)) or tocsin_sees_case(case_id))"
)


class Migration(migrations.Migration):
    """The engine writes, the screens read."""

    dependencies: ClassVar = [("signals", "0008_firewall"), ("registry", "0006_case_security")]
    operations: ClassVar = [
        migrations.CreateModel(
            name="BlindSpot",
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
                ("what", models.CharField(max_length=10)),
                ("subject_id", models.UUIDField()),
                (
                    "site",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, to="registry.site"
                    ),
                ),
                (
                    "case",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        to="registry.case",
                    ),
                ),
                ("because", models.CharField(max_length=12)),
                ("since", models.DateTimeField()),
                ("found_at", models.DateTimeField()),
                ("told_at", models.DateTimeField(null=True)),
                ("well_since", models.DateTimeField(null=True)),
                ("back_at", models.DateTimeField(null=True)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=["organisation_id", "what", "subject_id", "case"],
                        name="blind_once",
                        condition=models.Q(back_at=None),
                        nulls_distinct=False,
                    )
                ],
                "indexes": [
                    models.Index(fields=["organisation_id", "back_at"], name="blind_shown")
                ],
            },
        ),
        migrations.RunSQL(protect("signals_blindspot", web="select", own=SEEN)),
    ]
