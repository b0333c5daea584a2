"""What is held about orders and what reports; the indexes and constraints of the cases. New tables only."""

import django.db.models.deletion
import tocsin.runtime.ids
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("registry", "0005_case"),
    ]

    operations = [
        migrations.CreateModel(
            name="ProtectionOrder",
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
                ("family", models.CharField(max_length=30)),
                ("court_time_zone", models.CharField(max_length=60)),
                ("conditions", models.JSONField(default=list)),
                ("stay_away", models.JSONField(default=list)),
                ("has_firearm_mark", models.BooleanField(default=False)),
                ("is_mutual", models.BooleanField(default=False)),
                ("body_sealed", models.BinaryField()),
                ("is_draft", models.BooleanField(default=False)),
                ("entered_at", models.DateTimeField()),
                ("entered_by_id", models.UUIDField()),
                ("review_due_at", models.DateTimeField()),
                ("reviewed_at", models.DateTimeField(null=True)),
                ("reviewed_by_id", models.UUIDField(null=True)),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, to="registry.case"
                    ),
                ),
                (
                    "supersedes",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        to="registry.protectionorder",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="OrderFact",
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
                ("kind", models.CharField(max_length=30)),
                ("true_at", models.DateTimeField(null=True)),
                ("local_date", models.DateField(null=True)),
                ("heard_at", models.DateTimeField()),
                ("heard_by_id", models.UUIDField(null=True)),
                ("source", models.CharField(max_length=40)),
                ("retracts_id", models.UUIDField(null=True)),
                ("body_sealed", models.BinaryField(null=True)),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, to="registry.case"
                    ),
                ),
                (
                    "order",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, to="registry.protectionorder"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="OrderDocument",
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
                ("media_type", models.CharField(max_length=40)),
                ("size", models.PositiveIntegerField()),
                ("content_sealed", models.BinaryField()),
                ("first_page_sealed", models.BinaryField(null=True)),
                ("added_at", models.DateTimeField()),
                ("added_by_id", models.UUIDField()),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, to="registry.case"
                    ),
                ),
                (
                    "order",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, to="registry.protectionorder"
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Sender",
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
                ("name", models.CharField(max_length=60)),
                ("kind", models.CharField(max_length=30)),
                ("key_sealed", models.BinaryField()),
                ("interval_s", models.PositiveIntegerField(default=300)),
                ("settings", models.JSONField(default=dict)),
                ("made_at", models.DateTimeField()),
                ("revoked_at", models.DateTimeField(null=True)),
                ("heard_at", models.DateTimeField(null=True)),
                ("silent_said_at", models.DateTimeField(null=True)),
                (
                    "case",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.CASCADE, to="registry.case"
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.CASCADE, to="registry.person"
                    ),
                ),
                (
                    "place",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.SET_NULL, to="registry.place"
                    ),
                ),
                (
                    "post",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.SET_NULL, to="registry.post"
                    ),
                ),
                (
                    "site",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.CASCADE, to="registry.site"
                    ),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(fields=["organisation_id", "protected"], name="case_protected"),
        ),
        migrations.AddConstraint(
            model_name="case",
            constraint=models.UniqueConstraint(
                fields=("organisation_id", "word"), name="case_word"
            ),
        ),
        migrations.AddConstraint(
            model_name="fleetvehicle",
            constraint=models.UniqueConstraint(
                fields=("organisation_id", "site", "name"), name="fleet_name"
            ),
        ),
        migrations.AddConstraint(
            model_name="fleetkey",
            constraint=models.UniqueConstraint(
                fields=("organisation_id", "vehicle", "person"), name="fleet_key"
            ),
        ),
        migrations.AddIndex(
            model_name="grant",
            index=models.Index(fields=["organisation_id", "case", "person"], name="grant_case"),
        ),
        migrations.AddIndex(
            model_name="houserule",
            index=models.Index(fields=["organisation_id", "case"], name="house_rule_case"),
        ),
        migrations.AddConstraint(
            model_name="houserule",
            constraint=models.CheckConstraint(
                condition=models.Q(("ends_at__gt", models.F("starts_at"))),
                name="house_rule_ends_after_start",
            ),
        ),
        migrations.AddIndex(
            model_name="party",
            index=models.Index(fields=["organisation_id", "person"], name="party_person"),
        ),
        migrations.AddConstraint(
            model_name="party",
            constraint=models.UniqueConstraint(
                fields=("organisation_id", "case", "person"), name="party_once"
            ),
        ),
        migrations.AddIndex(
            model_name="protectionorder",
            index=models.Index(fields=["organisation_id", "case"], name="order_case"),
        ),
        migrations.AddIndex(
            model_name="protectionorder",
            index=models.Index(
                condition=models.Q(("reviewed_at", None)),
                fields=["review_due_at"],
                name="order_unreviewed",
            ),
        ),
        migrations.AddIndex(
            model_name="orderfact",
            index=models.Index(
                fields=["organisation_id", "order", "heard_at"], name="orderfact_order"
            ),
        ),
        migrations.AddConstraint(
            model_name="sender",
            constraint=models.UniqueConstraint(
                fields=("organisation_id", "name"), name="sender_name"
            ),
        ),
    ]
