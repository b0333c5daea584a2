"""Hide her presses, walks, texts and the looks at her way from whoever is kept from her. Policies only."""

from typing import ClassVar

from django.db import migrations

from tocsin.runtime.firewall import OF_PERSON, keep_from


class Migration(migrations.Migration):
    """A look at a place, for nobody's walk, is everybody's."""

    dependencies: ClassVar = [("signals", "0007_hold_look"), ("registry", "0007_firewall")]
    operations: ClassVar = [
        *[
            migrations.RunSQL(keep_from(f"signals_{table}", OF_PERSON))
            for table in ("signal", "walk")
        ],
        migrations.RunSQL(keep_from("signals_textreceived", f"person_id is null or {OF_PERSON}")),
        migrations.RunSQL(
            keep_from(
                "signals_look",
                "walk_id is null or person_id = tocsin_viewer()"
                " or exists (select 1 from signals_walk w where w.id = walk_id)"
                " or exists (select 1 from signals_hold h where h.id = walk_id)",
            )
        ),
    ]
