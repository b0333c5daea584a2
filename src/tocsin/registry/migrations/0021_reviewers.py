"""Let another supervisor take a review on where no other safety lead can. Replaces one trigger function."""

from typing import ClassVar

from django.db import migrations

from tocsin.runtime.firewall import REVIEWERS


class Migration(migrations.Migration):
    """Two people still: never who entered it, never the one it protects, never a party."""

    dependencies: ClassVar = [("registry", "0020_late_notice")]
    operations: ClassVar = [migrations.RunSQL(REVIEWERS)]
