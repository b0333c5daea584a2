"""Keep what was typed of an order that could not be taken, and who let a door's posture go. Locks small tables."""

from typing import ClassVar

import django.db.models.deletion
from django.db import migrations, models

import tocsin.runtime.ids
from tocsin.runtime.row_security import protect

MINE = (
    "organisation_id = nullif(current_setting('app.organisation', true), '')::uuid"
    " and author_id = nullif(current_setting('app.viewer', true), '')::uuid"
)


class Migration(migrations.Migration):
    """A draft is of its author alone; before it is entered there is no case that anything could be held under."""

    dependencies: ClassVar = [("registry", "0008_senders")]
    operations: ClassVar = [
        migrations.RemoveField(model_name="protectionorder", name="is_draft"),
        migrations.CreateModel(
            name="OrderDraft",
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
                ("typed_sealed", models.BinaryField()),
                ("changed_at", models.DateTimeField()),
                (
                    "author",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, to="registry.person"
                    ),
                ),
            ],
            options={"abstract": False},
        ),
        migrations.AddField(
            model_name="orderdocument",
            name="first_page_type",
            field=models.CharField(blank=True, default="", max_length=40),
        ),
        migrations.AddField(
            model_name="orderdocument",
            name="first_page_by_id",
            field=models.UUIDField(null=True),
        ),
        migrations.AddField(
            model_name="doorentry", name="lower_asked_by_id", field=models.UUIDField(null=True)
        ),
        migrations.AddField(
            model_name="doorentry", name="lowered_by_id", field=models.UUIDField(null=True)
        ),
        migrations.AddField(
            model_name="doorentry", name="lowered_at", field=models.DateTimeField(null=True)
        ),
        migrations.RunSQL(protect("registry_orderdraft", engine="select, delete", own=MINE)),
    ]
