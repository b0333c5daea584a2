"""Let one person shut out only a few of those who lead, over all cases together. A function and a trigger; a short lock."""

from typing import ClassVar

from django.db import migrations

from tocsin.runtime.shutting_out import FEW_LEADS


class Migration(migrations.Migration):
    """Who is shut out already stays so."""

    dependencies: ClassVar = [("registry", "0055_her_notices")]
    operations: ClassVar = [migrations.RunSQL(FEW_LEADS)]
