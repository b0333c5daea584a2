"""Let somebody who was let in again be shut out once more: one row each time. Replaces an index of a small table."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    """Once in a case at a time; what was before stays to be read."""

    dependencies: ClassVar = [("registry", "0018_doors_say_what_changed")]
    operations: ClassVar = [
        migrations.RemoveConstraint("party", "party_once"),
        migrations.AddConstraint(
            "party",
            models.UniqueConstraint(
                fields=["organisation_id", "case", "person"],
                condition=models.Q(until=None),
                name="party_once",
            ),
        ),
    ]
