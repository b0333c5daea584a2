"""Read nothing of a case in a sign-in that a party of it has made or reset. A column, a policy, functions replaced.

Of the sign-ins that are there nobody knows when they were made: they count as older than every case.
"""

from typing import ClassVar

from django.db import migrations, models

from tocsin.runtime.his_readers import HIS_READERS


class Migration(migrations.Migration):
    """A column without a default rewrites nothing; short locks."""

    dependencies: ClassVar = [("registry", "0037_his_making")]
    operations: ClassVar = [
        migrations.AddField("account", "made_at", models.DateTimeField(null=True)),
        migrations.RunSQL(HIS_READERS),
    ]
