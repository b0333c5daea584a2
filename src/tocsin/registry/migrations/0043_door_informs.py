"""Let a door know at which sites it informs beside those where it refuses. A column with a default: no row is written anew.

The doors follow within seconds: the engine writes each entry that says something else by now.
"""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    """Old code leaves the column at its default; a short lock."""

    dependencies: ClassVar = [("registry", "0041_looks_of_walks")]
    operations: ClassVar = [
        migrations.AddField("doorentry", "informs", models.JSONField(default=list, db_default=[])),
    ]
