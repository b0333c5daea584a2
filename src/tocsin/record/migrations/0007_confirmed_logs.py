"""Write that somebody stands for what a party has made into the log of that party's case. A function, two policies."""

from typing import ClassVar

from django.db import migrations

from tocsin.runtime.case_logs import CONFIRMED_LOGS


class Migration(migrations.Migration):
    """What is sealed stays where it is; the two policies are for the owner of the tables, in whose name the function asks."""

    dependencies: ClassVar = [
        ("record", "0006_accounts_are_kept"),
        ("registry", "0051_places_stay"),
    ]
    operations: ClassVar = [migrations.RunSQL(CONFIRMED_LOGS)]
