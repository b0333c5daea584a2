"""Who was told what is written once. Privileges; locks nothing that is written to for long."""

from typing import ClassVar

from django.db import migrations


class Migration(migrations.Migration):
    """A page adds lines, and writes when she had notice of them; it takes none away and changes no other word."""

    dependencies: ClassVar = [("notifications", "0006_shut_out")]
    operations: ClassVar = [
        migrations.RunSQL(
            """revoke update, delete on notifications_disclosure from tocsin_web;
            grant update (notice_at) on notifications_disclosure to tocsin_web;"""
        )
    ]
