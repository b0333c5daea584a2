"""Force row-level security on safeguards, briefings and reviews. Locks empty tables."""

from typing import ClassVar

from django.db import migrations

from tocsin.runtime.row_security import protect_case


class Migration(migrations.Migration):
    """Who keeps a post reads its briefing; the rest is for who may read the case."""

    dependencies: ClassVar = [("decisions", "0004_safeguards"), ("registry", "0006_case_security")]
    operations: ClassVar = [
        migrations.RunSQL(protect_case("decisions_safeguard")),
        migrations.RunSQL(protect_case("decisions_briefing", sees="tocsin_sees_door")),
        migrations.RunSQL(protect_case("decisions_riskreview")),
    ]
