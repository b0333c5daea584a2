"""Keep why a push is used no more: its push service has ended the subscription. A column."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    """A column with a constant default rewrites nothing; a short lock. Code that does not know it goes on."""

    dependencies: ClassVar = [("registry", "0046_his_callers")]
    operations: ClassVar = [
        migrations.AddField(
            "contactmethod", "is_gone", models.BooleanField(default=False, db_default=False)
        ),
    ]
