"""Write what was sent to somebody whom a party of a case wrote away in vain into the case's log. Two functions."""

from typing import ClassVar

from django.db import migrations

from tocsin.runtime.case_logs import CALLED, LOG_OF


class Migration(migrations.Migration):
    """What is sealed stays where it is."""

    dependencies: ClassVar = [
        ("registry", "0052_his_rosters"),
        ("notifications", "0001_initial"),
        ("record", "0009_erased_logs"),
    ]
    operations: ClassVar = [migrations.RunSQL(CALLED + LOG_OF)]
