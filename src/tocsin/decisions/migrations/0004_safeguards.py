"""Safeguards, briefings, reviews; the case of an incident (a nullable column: no rewrite)."""

import django.db.models.deletion
import tocsin.runtime.ids
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("decisions", "0003_asking_is_no_incident"),
        ("registry", "0005_cases"),
    ]

    operations = [
        migrations.AddField(
            model_name="incident",
            name="case_id",
            field=models.UUIDField(null=True),
        ),
        migrations.CreateModel(
            name="RiskReview",
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
                ("question_set", models.CharField(max_length=40)),
                ("version", models.CharField(max_length=20)),
                ("asked_at", models.DateTimeField()),
                ("asked_by_id", models.UUIDField()),
                ("is_refused", models.BooleanField(default=False)),
                ("answers_sealed", models.BinaryField(null=True)),
                ("review_on", models.DateField(null=True)),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, to="registry.case"
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Briefing",
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
                ("post_id", models.UUIDField(null=True)),
                ("site_id", models.UUIDField()),
                ("version", models.PositiveIntegerField()),
                ("asked_at", models.DateTimeField()),
                ("read_at", models.DateTimeField(null=True)),
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
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("organisation_id", "case", "person", "version"),
                        name="briefing_once",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Safeguard",
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
                ("template", models.CharField(max_length=40)),
                ("event", models.CharField(max_length=30)),
                ("event_id", models.UUIDField()),
                ("incident_id", models.UUIDField(null=True)),
                ("touches_her", models.BooleanField()),
                ("is_visible_step", models.BooleanField(default=False)),
                ("state", models.CharField(max_length=12)),
                ("owner_id", models.UUIDField(null=True)),
                ("opened_at", models.DateTimeField()),
                ("due_at", models.DateTimeField(null=True)),
                ("escalated_to_id", models.UUIDField(null=True)),
                ("escalated_at", models.DateTimeField(null=True)),
                ("paged_at", models.DateTimeField(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
                ("ended_by_id", models.UUIDField(null=True)),
                ("evidence_sealed", models.BinaryField(null=True)),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, to="registry.case"
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("ended_at", None)),
                        fields=["due_at"],
                        name="safeguard_due",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("organisation_id", "case", "template", "event_id"),
                        name="safeguard_once",
                    )
                ],
            },
        ),
    ]
