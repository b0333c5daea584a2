"""Let her say that she wants no notice when people are told of her case. A column, a trigger, an index."""

from typing import ClassVar

from django.db import migrations, models

from tocsin.runtime.her_notices import HER_NOTICES


class Migration(migrations.Migration):
    """The column rewrites nothing; the index is over what she has no notice of yet, and locks the ledger while it is made."""

    dependencies: ClassVar = [
        ("registry", "0054_called_in_vain"),
        ("notifications", "0007_ledger_is_kept"),
    ]
    operations: ClassVar = [
        migrations.AddField("case", "no_notices_at", models.DateTimeField(null=True)),
        migrations.RunSQL(HER_NOTICES),
    ]
