"""Find what a carrier refused because its owner texted STOP, without reading every message. An index; locks writing shortly."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    """It holds next to no row, so that it costs an alarm nothing. Code that does not know it goes on."""

    dependencies: ClassVar = [("notifications", "0007_ledger_is_kept")]
    operations: ClassVar = [
        migrations.AddIndex(
            "delivery",
            models.Index(
                fields=["organisation_id", "contact_id"],
                name="delivery_opted_out",
                condition=models.Q(error="opted_out")
                | models.Q(provider_state="failed opted_out"),
            ),
        ),
    ]
