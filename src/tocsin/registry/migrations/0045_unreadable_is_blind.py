"""Let whoever leads a shift see the blind spot that she is paged about: papers or a door's entry that cannot be opened.

As of a post and a briefing, everybody but a party sees it; it says no more than that there is one. A policy only.
"""

from typing import ClassVar

from django.db import migrations

_SEEN = (
    "(organisation_id = nullif(current_setting('app.organisation', true), '')::uuid and (case_id is null"
    " or (what in ('post', 'briefing', 'place', 'elsewhere', 'entry', 'papers') and tocsin_sees_door(case_id))"
    " or tocsin_sees_case(case_id)))"
)


class Migration(migrations.Migration):
    """The engine writes, the screens read."""

    dependencies: ClassVar = [("registry", "0043_door_informs"), ("signals", "0018_told_reports")]
    operations: ClassVar = [
        migrations.RunSQL(
            f"alter policy web on signals_blindspot using {_SEEN} with check {_SEEN}"
        ),
    ]
