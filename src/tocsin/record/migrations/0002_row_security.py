"""Force row-level security on every table of this stage. Takes a short lock on empty tables."""

from typing import ClassVar

from django.db import migrations

from tocsin.runtime.row_security import protect


class Migration(migrations.Migration):
    """No table is ever readable without it."""

    dependencies: ClassVar = [("record", "0001_initial")]
    operations: ClassVar = [
        # Nobody deletes or rewrites an entry; the sealer only gives it its number.
        migrations.RunSQL(
            protect("record_entry", web="select, insert", engine="select, insert, update (seq)")
        ),
        migrations.RunSQL(protect("record_head", web="select", engine="select, insert")),
    ]
