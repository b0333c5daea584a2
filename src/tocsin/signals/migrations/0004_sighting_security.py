"""Force row-level security on sightings, custody, positions, looks and held walks. Locks empty tables."""

from typing import ClassVar

from django.db import migrations

from tocsin.runtime.row_security import protect, protect_all, protect_case


class Migration(migrations.Migration):
    """What is of a case is behind its wall; a walk is hidden from whoever is kept from her."""

    dependencies: ClassVar = [("signals", "0003_sightings"), ("registry", "0006_case_security")]
    operations: ClassVar = [
        migrations.RunSQL(protect("signals_report", web="insert")),
        migrations.RunSQL(protect_case("signals_sighting")),
        migrations.RunSQL(protect_case("signals_custodyfact")),
        migrations.RunSQL(protect_case("signals_fix")),
        migrations.RunSQL(protect_all("signals_nonce", "signals_quarantined", "signals_look")),
        *[
            migrations.RunSQL(
                protect(
                    f"signals_{table}",
                    own="organisation_id = nullif(current_setting('app.organisation', true), '')::uuid"
                    " and not tocsin_is_kept_from(person_id)",
                )
            )
            for table in ("walkplan", "hold")
        ],
    ]
