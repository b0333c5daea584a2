"""Say on which incidents a text's words are shown, and let nobody read them who must not know of one. Locks it shortly.

Old rows have no words, and are shown on no incident. The words may be about any incident that the sender knew of: whoever
is kept from one of them sees the text on none.
"""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import migrations, models

from tocsin.runtime.firewall import OF_PERSON, keep_from

_OF_INCIDENTS = "not exists (select 1 from unnest(incident_ids) as told(id) where tocsin_is_hidden_incident(told.id))"


class Migration(migrations.Migration):
    """A column with a default that PostgreSQL does not write into old rows, an index on it, and the wall anew."""

    dependencies: ClassVar = [("signals", "0015_moved_holds"), ("decisions", "0008_firewall")]
    operations: ClassVar = [
        migrations.AddField(
            "textreceived",
            "incident_ids",
            ArrayField(models.UUIDField(), default=list, db_default=[]),
        ),
        migrations.AddIndex(
            "textreceived", GinIndex(fields=["incident_ids"], name="text_incidents")
        ),
        migrations.RunSQL("drop policy firewall on signals_textreceived"),
        migrations.RunSQL(
            keep_from(
                "signals_textreceived",
                f"(person_id is null or {OF_PERSON}) and {_OF_INCIDENTS}",
            )
        ),
    ]
