"""Have a second person look at what is told of an order later, too. Columns, a policy and triggers.

The columns are empty: what was told after the look at an entry before this waits for a second person from now on.
"""

from typing import ClassVar

from django.db import migrations, models

from tocsin.runtime.firewall import REVIEWERS
from tocsin.runtime.reviewing import SECOND_LOOK


class Migration(migrations.Migration):
    """What the first look saw stays as it was written; nobody looks at his own word."""

    dependencies: ClassVar = [("registry", "0028_in_her_name")]
    operations: ClassVar = [
        migrations.AddField("orderfact", "reviewed_at", models.DateTimeField(null=True)),
        migrations.AddField("orderfact", "reviewed_by_id", models.UUIDField(null=True)),
        migrations.AddField("orderfact", "review_asked_at", models.DateTimeField(null=True)),
        migrations.AddField("orderfact", "review_told_at", models.DateTimeField(null=True)),
        migrations.RunSQL(SECOND_LOOK),
        migrations.RunSQL(REVIEWERS),
    ]
