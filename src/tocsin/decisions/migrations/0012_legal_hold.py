"""Let an incident put its cases on hold before anything is erased. A function and a trigger."""

from typing import ClassVar

from django.db import migrations

from tocsin.runtime.holding import HOLDS


class Migration(migrations.Migration):
    """In the transaction that opens the incident."""

    dependencies: ClassVar = [
        ("decisions", "0011_review_is_hers"),
        ("registry", "0015_legal_hold"),
    ]
    operations: ClassVar = [migrations.RunSQL(HOLDS)]
