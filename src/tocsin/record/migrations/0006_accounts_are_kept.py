"""Let nobody change or remove an account, and show one about a person's incident to nobody who is kept from her.

Takes rights away and adds a policy; a short lock.
"""

from typing import ClassVar

from django.db import migrations


class Migration(migrations.Migration):
    """Erasure is of the key, and of the rows when the engine erases a case."""

    dependencies: ClassVar = [("record", "0005_case_logs"), ("registry", "0006_case_security")]
    operations: ClassVar = [
        migrations.RunSQL(
            """revoke update, delete on record_account from tocsin_web;
            create policy kept_from on record_account as restrictive for select to tocsin_web
                using (case_id is not null or not tocsin_is_kept_from(sealed_of));"""
        ),
    ]
