"""Reports, sightings, custody, positions, looks and walks that hold. New tables only."""

import django.db.models.deletion
import tocsin.runtime.ids
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("registry", "0006_case_security"),
        ("signals", "0002_row_security"),
    ]

    operations = [
        migrations.CreateModel(
            name="Fix",
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
                ("sender_id", models.UUIDField()),
                ("case_id", models.UUIDField(null=True)),
                ("person_id", models.UUIDField(null=True)),
                ("fixed_at", models.DateTimeField()),
                ("heard_at", models.DateTimeField()),
                ("body_sealed", models.BinaryField()),
                ("erase_at", models.DateTimeField()),
            ],
            options={
                "indexes": [models.Index(fields=["erase_at"], name="fix_erase")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("organisation_id", "sender_id", "fixed_at"), name="fix_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Nonce",
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
                ("sender_id", models.UUIDField()),
                ("nonce", models.CharField(max_length=64)),
                ("at", models.DateTimeField()),
            ],
            options={
                "indexes": [models.Index(fields=["at"], name="nonce_at")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("organisation_id", "sender_id", "nonce"), name="nonce_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Quarantined",
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
                ("sender_id", models.UUIDField(null=True)),
                ("source", models.CharField(max_length=30)),
                ("why", models.CharField(max_length=80)),
                ("size", models.PositiveIntegerField()),
                ("count", models.PositiveIntegerField(default=1)),
                ("raw_sealed", models.BinaryField(null=True)),
                ("received_at", models.DateTimeField()),
            ],
            options={
                "indexes": [
                    models.Index(fields=["organisation_id", "received_at"], name="quarantined_at")
                ],
            },
        ),
        migrations.CreateModel(
            name="Report",
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
                ("source", models.CharField(max_length=30)),
                ("sender_id", models.UUIDField(null=True)),
                ("reported_by_id", models.UUIDField(null=True)),
                ("received_at", models.DateTimeField()),
                ("body_sealed", models.BinaryField()),
                ("tries", models.PositiveSmallIntegerField(default=0)),
            ],
            options={
                "indexes": [models.Index(fields=["received_at"], name="report_next")],
            },
        ),
        migrations.CreateModel(
            name="WalkPlan",
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
                ("at_start", models.BooleanField(default=True)),
                ("at_end", models.BooleanField(default=True)),
                ("timer_s", models.PositiveIntegerField(default=300)),
                ("places", models.JSONField(default=list)),
                ("phrase_sealed", models.BinaryField(null=True)),
                ("offers", models.JSONField(default=dict)),
                ("set_at", models.DateTimeField()),
                (
                    "person",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE, to="registry.person"
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="CustodyFact",
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
                ("state", models.CharField(max_length=20)),
                ("true_at", models.DateTimeField(null=True)),
                ("heard_at", models.DateTimeField()),
                ("source", models.CharField(max_length=30)),
                ("heard_by_id", models.UUIDField(null=True)),
                ("is_confirmed", models.BooleanField(default=False)),
                ("body_sealed", models.BinaryField(null=True)),
                ("taken_back_at", models.DateTimeField(null=True)),
                ("taken_back_by_id", models.UUIDField(null=True)),
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
                        fields=["organisation_id", "case", "heard_at"], name="custody_case"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Hold",
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
                ("case_id", models.UUIDField(null=True)),
                ("kind", models.CharField(max_length=10)),
                ("shift_ends_at", models.DateTimeField()),
                ("state", models.CharField(max_length=10)),
                ("opened_at", models.DateTimeField()),
                ("told_at", models.DateTimeField(null=True)),
                ("told_answered_at", models.DateTimeField(null=True)),
                ("look_id", models.UUIDField(null=True)),
                ("walk_id", models.UUIDField(null=True)),
                ("declined_at", models.DateTimeField(null=True)),
                ("left_at", models.DateTimeField(null=True)),
                ("missed_look", models.BooleanField(default=False)),
                ("due_at", models.DateTimeField(null=True)),
                ("due_set_at", models.DateTimeField(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, to="registry.person"
                    ),
                ),
                (
                    "site",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, to="registry.site"
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("ended_at", None)), fields=["due_at"], name="hold_due"
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("organisation_id", "person", "kind", "shift_ends_at"),
                        name="hold_once",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Look",
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
                ("place_id", models.UUIDField(null=True)),
                ("walk_id", models.UUIDField(null=True)),
                ("how", models.CharField(max_length=20)),
                ("saw", models.CharField(max_length=20)),
                ("at", models.DateTimeField()),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, to="registry.person"
                    ),
                ),
                (
                    "site",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, to="registry.site"
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["organisation_id", "site", "at"], name="look_site")
                ],
            },
        ),
        migrations.CreateModel(
            name="Sighting",
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
                ("source", models.CharField(max_length=30)),
                ("sender_id", models.UUIDField(null=True)),
                ("reported_by_id", models.UUIDField(null=True)),
                ("place_id", models.UUIDField(null=True)),
                ("seen_at", models.DateTimeField()),
                ("heard_at", models.DateTimeField()),
                ("track", models.CharField(max_length=120)),
                ("certainty", models.CharField(max_length=10)),
                ("score", models.PositiveSmallIntegerField()),
                ("parts", models.JSONField(default=list)),
                ("body_sealed", models.BinaryField()),
                ("judged", models.CharField(blank=True, default="", max_length=12)),
                ("judged_by_id", models.UUIDField(null=True)),
                ("judged_at", models.DateTimeField(null=True)),
                ("incident_id", models.UUIDField(null=True)),
                ("erase_at", models.DateTimeField(null=True)),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, to="registry.case"
                    ),
                ),
                (
                    "site",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, to="registry.site"
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        fields=["organisation_id", "case", "seen_at"], name="sighting_case"
                    ),
                    models.Index(fields=["erase_at"], name="sighting_erase"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("organisation_id", "case", "track"), name="sighting_track"
                    )
                ],
            },
        ),
    ]
