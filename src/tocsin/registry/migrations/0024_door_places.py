"""Let a door know single places that a colleague is kept from. A column with a default: no row is written anew."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    """The doors are kept every minute: what an order names already is there soon after the upgrade."""

    dependencies: ClassVar = [("registry", "0023_reviewers_of_every_order")]
    operations: ClassVar = [
        migrations.AddField(
            model_name="doorentry",
            name="places",
            field=models.JSONField(db_default=[], default=list),
        )
    ]
