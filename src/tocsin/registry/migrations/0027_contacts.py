"""Keep what somebody kept from her wrote down unused, and who wrote an emergency contact. Columns and a policy.

The columns have a default in the database, so older code goes on writing rows. No lock is held for long.
"""

from typing import ClassVar

from django.db import migrations, models

from tocsin.runtime.firewall import OF_PERSON, keep_from


class Migration(migrations.Migration):
    """A writer reads what he wrote: what he is shown must not hang on the case (I11)."""

    dependencies: ClassVar = [("registry", "0026_push_devices")]
    operations: ClassVar = [
        migrations.AddField(
            "contactmethod", "in_vain", models.CharField(max_length=10, default="", db_default="")
        ),
        migrations.AddField(
            "emergencycontact", "language", models.CharField(max_length=10, default="", db_default="")
        ),
        migrations.AddField("emergencycontact", "added_by_id", models.UUIDField(null=True)),
        migrations.RunSQL("drop policy firewall on registry_emergencycontact"),
        migrations.RunSQL(
            keep_from("registry_emergencycontact", f"{OF_PERSON} or added_by_id = tocsin_viewer()")
        ),
        # The engine asks it too; without a viewer it says nothing.
        migrations.RunSQL("grant execute on function tocsin_is_kept_from(uuid) to tocsin_engine"),
    ]
