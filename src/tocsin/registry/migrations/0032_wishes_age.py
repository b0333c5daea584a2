"""Say when somebody asked for what a second person agrees to: after a week nobody can. Nullable columns and triggers.

A wish that was asked before this does not say when: it counts as lapsed, and is asked for again.
"""

from typing import ClassVar

from django.db import migrations, models

from tocsin.runtime.wishing import AGEING, KEPT_BY_TWO


class Migration(migrations.Migration):
    """Four columns, two triggers; short locks, no rewrite."""

    dependencies: ClassVar = [("registry", "0031_confirmed_devices")]
    operations: ClassVar = [
        migrations.AddField("case", "hold_lift_asked_at", models.DateTimeField(null=True)),
        migrations.AddField("party", "unlink_asked_at", models.DateTimeField(null=True)),
        migrations.AddField("houserule", "lift_asked_at", models.DateTimeField(null=True)),
        migrations.AddField("doorentry", "lower_asked_at", models.DateTimeField(null=True)),
        migrations.RunSQL(AGEING),
        migrations.RunSQL(KEPT_BY_TWO),
    ]
