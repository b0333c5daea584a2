"""Take back what waits to be sent about her to somebody who is shut out now. Functions, policies, triggers."""

from typing import ClassVar

from django.db import migrations

from tocsin.runtime.firewall import TAKE_BACK


class Migration(migrations.Migration):
    """In the transaction that shuts him out; what is being sent at that moment cannot be taken back."""

    dependencies: ClassVar = [
        ("notifications", "0005_firewall"),
        ("registry", "0017_uncovered"),
    ]
    operations: ClassVar = [migrations.RunSQL(TAKE_BACK)]
