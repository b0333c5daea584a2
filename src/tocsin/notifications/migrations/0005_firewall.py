"""Hide what was sent about her incidents from whoever is kept from her. A policy only."""

from typing import ClassVar

from django.db import migrations

from tocsin.runtime.firewall import OF_INCIDENT, keep_from


class Migration(migrations.Migration):
    """What he was sent himself before the order is of her incident too."""

    dependencies: ClassVar = [
        ("notifications", "0004_disclosure_security"),
        ("decisions", "0008_firewall"),
    ]
    operations: ClassVar = [migrations.RunSQL(keep_from("notifications_delivery", OF_INCIDENT))]
