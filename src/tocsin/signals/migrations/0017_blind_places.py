"""Let whoever leads a shift see the blind spot that she is paged about: a place that nobody has drawn. A policy only.

As of a post and a briefing, everybody but a party sees it; it says which of our places, and of others only that there
are some.
"""

from typing import ClassVar

from django.db import migrations

_SEEN = (
    "(organisation_id = nullif(current_setting('app.organisation', true), '')::uuid and (case_id is null"
    " or (what in ('post', 'briefing', 'place', 'elsewhere') and tocsin_sees_door(case_id)) or tocsin_sees_case(case_id)))"
)


class Migration(migrations.Migration):
    """The engine writes, the screens read."""

    dependencies: ClassVar = [("signals", "0016_text_words")]
    operations: ClassVar = [
        migrations.RunSQL(
            f"alter policy web on signals_blindspot using {_SEEN} with check {_SEEN}"
        ),
    ]
