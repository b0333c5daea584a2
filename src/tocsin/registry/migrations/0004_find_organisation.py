"""Let the pages find an organisation by its short name: a gateway's call-back names nothing else.

The table holds an id, a short name and a name, nothing of a person. A policy more, no lock worth naming.
"""

from typing import ClassVar

from django.db import migrations


class Migration(migrations.Migration):
    """Reading only; what changes an organisation still needs to be inside it."""

    dependencies: ClassVar = [("registry", "0003_duty_details")]
    operations: ClassVar = [
        migrations.RunSQL(
            "create policy web_finds on registry_organisation for select to tocsin_web using (true);",
            "drop policy web_finds on registry_organisation;",
        ),
    ]
