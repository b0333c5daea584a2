"""Give every case a log of its own: the size of the employer's log must tell a respondent nothing (I11).

Locks `record_entry` for a new column, once over what is sealed, and a new unique index in the place of the old one.
"""

from typing import ClassVar

from django.db import migrations, models

from tocsin.runtime.case_logs import CASE_LOGS, FILL


class Migration(migrations.Migration):
    """What was sealed before stays where it is; `log_id` says in which log an entry has its number."""

    dependencies: ClassVar = [
        ("record", "0004_account_security"),
        ("decisions", "0008_firewall"),
    ]
    operations: ClassVar = [
        migrations.AddField("entry", "log_id", models.UUIDField(null=True)),
        migrations.RunSQL(FILL),
        migrations.RemoveConstraint("entry", "entry_seq"),
        migrations.AddConstraint(
            "entry", models.UniqueConstraint(fields=["log_id", "seq"], name="entry_seq")
        ),
        migrations.RunSQL(CASE_LOGS),
    ]
