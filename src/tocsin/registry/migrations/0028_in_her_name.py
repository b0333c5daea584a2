"""Let a door ask whether who holds a reader's key is a party of a case. A grant only."""

from typing import ClassVar

from django.db import migrations


class Migration(migrations.Migration):
    """He would ask the reader about a badge, and its fault would tell him of the entry (I11)."""

    dependencies: ClassVar = [("registry", "0027_contacts")]
    operations: ClassVar = [
        migrations.RunSQL(
            "grant execute on function tocsin_person_is_party(uuid, uuid) to tocsin_door"
        ),
    ]
