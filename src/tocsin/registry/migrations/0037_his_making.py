"""Say who made a sign-in and who wrote down a contact method, and who has stood for it. Columns, functions and triggers.

Of what is there already nobody knows who made it: it is shown so, and counts as it did.
"""

from typing import ClassVar

from django.db import migrations, models

from tocsin.runtime.his_making import HIS_MAKING

_TABLES = ("account", "contactmethod")


class Migration(migrations.Migration):
    """Six columns, three of them with a default that rewrites nothing; short locks."""

    dependencies: ClassVar = [("registry", "0033_made_by_a_party")]
    operations: ClassVar = [
        *(
            migrations.AddField(table, name, models.UUIDField(null=True))
            for table in _TABLES
            for name in ("made_by_id", "confirmed_by_id")
        ),
        # Rows that are there take the first default, new ones the second.
        *(
            migrations.AddField(table, "is_maker_unknown", models.BooleanField(default=False, db_default=True))
            for table in _TABLES
        ),
        *(
            migrations.AlterField(table, "is_maker_unknown", models.BooleanField(default=False, db_default=False))
            for table in _TABLES
        ),
        migrations.RunSQL(HIS_MAKING),
    ]
