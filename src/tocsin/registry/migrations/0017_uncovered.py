"""Let leads see which posts count as uncovered because who keeps them is shut out. A function and a policy."""

from typing import ClassVar

from django.db import migrations

from tocsin.runtime.firewall import UNCOVERED


class Migration(migrations.Migration):
    """Who is shut out himself sees the roster as it is."""

    dependencies: ClassVar = [("registry", "0016_monitors_of_open_cases")]
    operations: ClassVar = [migrations.RunSQL(UNCOVERED)]
