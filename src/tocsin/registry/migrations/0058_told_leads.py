"""Let a gap in cover be about nobody, whoever is the first lead who is told of it. Three functions and a policy; a short lock."""

from typing import ClassVar

from django.db import migrations

from tocsin.runtime.case_logs import LOG_OF
from tocsin.runtime.told_leads import TOLD_LEADS


class Migration(migrations.Migration):
    """What belongs to a case, and what is about a person, is hidden as it was; what is sealed stays where it is."""

    dependencies: ClassVar = [
        ("registry", "0056_few_leads"),
        ("decisions", "0008_firewall"),
        ("record", "0009_erased_logs"),
    ]
    operations: ClassVar = [migrations.RunSQL(TOLD_LEADS + LOG_OF)]
