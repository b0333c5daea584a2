"""Hide whom she ruled out from whoever is kept from her: it would say that she did. A policy only."""

from typing import ClassVar

from django.db import migrations

from tocsin.runtime.firewall import OF_PERSON, keep_from


class Migration(migrations.Migration):
    """Read when recipients are computed; nobody's page shows it."""

    dependencies: ClassVar = [("registry", "0009_order_drafts")]
    operations: ClassVar = [migrations.RunSQL(keep_from("registry_emergencycontact", OF_PERSON))]
