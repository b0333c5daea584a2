"""Let those who are asked to look at a later order of a case take that on. Replaces one trigger function."""

from typing import ClassVar

from django.db import migrations

from tocsin.runtime.firewall import REVIEWERS_OF_EVERY_ORDER


class Migration(migrations.Migration):
    """Two people still: never who entered it, never the one it protects, never a party."""

    dependencies: ClassVar = [("registry", "0022_few_parties")]
    operations: ClassVar = [migrations.RunSQL(REVIEWERS_OF_EVERY_ORDER)]
