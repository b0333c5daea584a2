"""Show a look at somebody's way to whom its walk is shown: inside the question for it the column's name meant the walk's own.

Who is on the other side of a case was shown no look at anybody's way by that, and could know from it that there is one.
"""

from typing import ClassVar

from django.db import migrations

from tocsin.runtime.firewall import keep_from


class Migration(migrations.Migration):
    """A policy anew; a short lock."""

    dependencies: ClassVar = [("registry", "0039_his_people"), ("signals", "0018_told_reports")]
    operations: ClassVar = [
        migrations.RunSQL("drop policy firewall on signals_look"),
        migrations.RunSQL(
            keep_from(
                "signals_look",
                "walk_id is null or person_id = tocsin_viewer()"
                " or exists (select 1 from signals_walk w where w.id = signals_look.walk_id)"
                " or exists (select 1 from signals_hold h where h.id = signals_look.walk_id)",
            )
        ),
    ]
