"""Force row-level security on every table of this stage. Takes a short lock on empty tables."""

from typing import ClassVar

from django.db import migrations

from tocsin.runtime.row_security import protect_all


class Migration(migrations.Migration):
    """No table is ever readable without it."""

    dependencies: ClassVar = [("signals", "0001_initial")]
    operations: ClassVar = [
        migrations.RunSQL(
            protect_all(
                "signals_signal", "signals_walk", "signals_textreceived", "signals_unverifiedsignal"
            )
        ),
    ]
