"""Find the last words of each kind about custody without sorting all: a flood of them makes no decision slower.

Two indexes; writing to the table waits while they are made, which takes a moment: it is small. Older code goes on.
"""

from typing import ClassVar

from django.db import migrations

_SAID = "case_id, source, state, settles, taken_back_because"


class Migration(migrations.Migration):
    """Not concurrently: that would need a migration without a transaction, for a table of a few hundred rows."""

    dependencies: ClassVar = [("signals", "0019_his_words")]
    operations: ClassVar = [
        migrations.RunSQL(
            f"create index custody_said on signals_custodyfact ({_SAID}, heard_at desc, id desc)"
        ),
        migrations.RunSQL(
            f"create index custody_since on signals_custodyfact"
            f" ({_SAID}, coalesce(true_at, heard_at) desc, heard_at desc, id desc)"
        ),
    ]
