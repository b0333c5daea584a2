"""Write what names a case into its log, also of an incident that began before there was one. A function."""

from typing import ClassVar

from django.db import migrations

from tocsin.runtime.case_logs import LATER_CASES


class Migration(migrations.Migration):
    """What is sealed stays where it is."""

    dependencies: ClassVar = [("record", "0007_confirmed_logs")]
    operations: ClassVar = [migrations.RunSQL(LATER_CASES)]
