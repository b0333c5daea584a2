"""Force row-level security on accounts. Locks an empty table.

An account about a case is for who may read the case; one about an incident without a case is for the organisation.
"""

from typing import ClassVar

from django.db import migrations

from tocsin.runtime.row_security import protect_case


class Migration(migrations.Migration):
    """The functions that the policy asks are made with the cases."""

    dependencies: ClassVar = [("record", "0003_account"), ("registry", "0006_case_security")]
    operations: ClassVar = [migrations.RunSQL(protect_case("record_account"))]
