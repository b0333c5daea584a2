"""Hide incidents and what people did about them from whoever is kept from her. Policies and functions only."""

from typing import ClassVar

from django.db import migrations

from tocsin.runtime.firewall import INCIDENTS, OF_INCIDENT, keep_from


class Migration(migrations.Migration):
    """A drill that somebody began is about him: only a real one has another side."""

    dependencies: ClassVar = [("decisions", "0007_asking_to_look"), ("registry", "0007_firewall")]
    operations: ClassVar = [
        migrations.RunSQL(INCIDENTS),
        migrations.RunSQL(
            keep_from(
                "decisions_incident",
                "is_drill or not (tocsin_is_kept_from(person_id)"
                " or coalesce(tocsin_is_party(case_id), false))",
            )
        ),
        migrations.RunSQL(keep_from("decisions_act", OF_INCIDENT)),
    ]
