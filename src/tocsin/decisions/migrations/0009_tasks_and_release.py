"""Let people be told of tasks, and plan when visible steps are released. New tables; locks one small index."""

from typing import ClassVar

import django.db.models.deletion
from django.db import migrations, models

import tocsin.runtime.ids
from tocsin.runtime.row_security import protect_case

# A task's message is an incident of its own kind: it is there for the one who is told of it, and for nobody else.
OWN_TASKS = """
create policy task_is_own on decisions_incident as restrictive for select to tocsin_web
    using (kind not in ('task', 'task_due') or tocsin_viewer() is null or person_id = tocsin_viewer());
create policy owner_reads on decisions_safeguard for select to tocsin_web using (
    organisation_id = nullif(current_setting('app.organisation', true), '')::uuid
    and tocsin_viewer() in (owner_id, escalated_to_id) and state not in ('prepared', 'offered', 'declined')
    and not tocsin_is_party(case_id));
create policy owner_changes on decisions_safeguard for update to tocsin_web using (
    organisation_id = nullif(current_setting('app.organisation', true), '')::uuid
    and tocsin_viewer() in (owner_id, escalated_to_id) and state not in ('prepared', 'offered', 'declined')
    and not tocsin_is_party(case_id));
"""


class Migration(migrations.Migration):
    """Whoever owns a measure and holds no grant reads that measure alone; a party never does."""

    dependencies: ClassVar = [
        ("decisions", "0008_firewall"),
        ("registry", "0006_case_security"),
    ]
    operations: ClassVar = [
        migrations.RemoveConstraint("incident", "incident_open"),
        migrations.AddConstraint(
            "incident",
            models.UniqueConstraint(
                fields=["organisation_id", "person", "is_drill"],
                name="incident_open",
                condition=models.Q(closed_at=None)
                & ~models.Q(kind__in=["proof", "gap", "look", "task", "task_due"])
                & models.Q(is_about_place=False),
            ),
        ),
        migrations.CreateModel(
            name="SafeguardNotice",
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
                ("as_what", models.CharField(max_length=10)),
                ("at", models.DateTimeField()),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, to="registry.case"
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, to="registry.person"
                    ),
                ),
                (
                    "safeguard",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, to="decisions.safeguard"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=["organisation_id", "safeguard", "person", "as_what"],
                        name="safeguard_notice_once",
                    )
                ]
            },
        ),
        migrations.CreateModel(
            name="Release",
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
                ("release_at", models.DateTimeField()),
                ("planned_at", models.DateTimeField()),
                ("planned_by_id", models.UUIDField()),
                ("agreed_at", models.DateTimeField(null=True)),
                ("agreed_by_id", models.UUIDField(null=True)),
                ("in_person", models.BooleanField(default=False)),
                ("withdrawn_at", models.DateTimeField(null=True)),
                ("released_at", models.DateTimeField(null=True)),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, to="registry.case"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=["organisation_id", "case"],
                        name="release_open",
                        condition=models.Q(withdrawn_at=None, released_at=None),
                    )
                ],
                "indexes": [
                    models.Index(
                        fields=["release_at"],
                        name="release_due",
                        condition=models.Q(withdrawn_at=None, released_at=None)
                        & ~models.Q(agreed_at=None),
                    )
                ],
            },
        ),
        migrations.RunSQL(protect_case("decisions_safeguardnotice")),
        migrations.RunSQL(protect_case("decisions_release")),
        migrations.RunSQL(OWN_TASKS),
    ]
