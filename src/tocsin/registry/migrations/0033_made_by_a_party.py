"""Shut out whoever is entered by somebody who is shut out. Two functions replaced, one trigger more; no row is touched."""

from typing import ClassVar

from django.db import migrations

from tocsin.runtime.shutting_out import MADE_BY_HIM


class Migration(migrations.Migration):
    """An administrator who is a party must not read the case as a person of his own making."""

    dependencies: ClassVar = [("registry", "0035_glass_untold")]
    operations: ClassVar = [migrations.RunSQL(MADE_BY_HIM)]
