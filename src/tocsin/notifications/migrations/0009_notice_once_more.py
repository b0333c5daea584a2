"""Find the notices of a day, every employer's, without reading the whole ledger. An index; locks writing shortly."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    """The engine looks every fifteen seconds which notice is to be sent once more. Code that does not know it goes on."""

    dependencies: ClassVar = [("notifications", "0008_opted_out")]
    operations: ClassVar = [
        migrations.AddIndex(
            "disclosure",
            models.Index(
                fields=["notice_at"],
                name="disclosure_noticed",
                condition=models.Q(("notice_at", None), _negated=True),
            ),
        ),
    ]
