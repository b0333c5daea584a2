"""Show no page the log of a case that was erased. A function, two policies; a short lock."""

from typing import ClassVar

from django.db import migrations

from tocsin.runtime.case_logs import ERASED_LOGS


class Migration(migrations.Migration):
    """The entries stay, for the sealed tree: ids, codes and ciphertext without a key."""

    dependencies: ClassVar = [("record", "0008_later_cases")]
    operations: ClassVar = [migrations.RunSQL(ERASED_LOGS)]
