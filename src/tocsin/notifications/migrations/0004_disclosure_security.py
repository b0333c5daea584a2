"""Force row-level security on the disclosure ledger. Locks an empty table."""

from typing import ClassVar

from django.db import migrations

from tocsin.runtime.row_security import protect_case


class Migration(migrations.Migration):
    """Read by who may read the case."""

    dependencies: ClassVar = [
        ("notifications", "0003_disclosure"),
        ("registry", "0006_case_security"),
    ]
    operations: ClassVar = [migrations.RunSQL(protect_case("notifications_disclosure"))]
