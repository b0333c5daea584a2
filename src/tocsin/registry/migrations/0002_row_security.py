"""Force row-level security on every table of this stage. Takes a short lock on empty tables."""

from typing import ClassVar

from django.db import migrations

from tocsin.runtime.row_security import protect, protect_all


class Migration(migrations.Migration):
    """No table is ever readable without it."""

    dependencies: ClassVar = [("registry", "0001_initial")]
    operations: ClassVar = [
        migrations.RunSQL(
            protect("registry_organisation", own="id = nullif(current_setting('app.organisation', true), '')::uuid")
        ),
        # Signing in happens before an organisation is known. The table holds no personal field.
        migrations.RunSQL(protect("registry_account", own="true")),
        migrations.RunSQL(
            protect_all(
                "registry_site",
                "registry_place",
                "registry_post",
                "registry_person",
                "registry_personkey",
                "registry_team",
                "registry_teammember",
                "registry_contactmethod",
                "registry_emergencycontact",
                "registry_device",
                "registry_codepair",
                "registry_enrolment",
                "registry_rosterline",
                "registry_shift",
                "registry_escalationpolicy",
            )
        ),
    ]
