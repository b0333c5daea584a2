"""Let glass be broken while nobody can be told of it, and the engine write whom it told later. A function, a trigger, an index."""

from typing import ClassVar

from django.db import migrations

from tocsin.runtime.glass import UNTOLD


class Migration(migrations.Migration):
    """Short locks; no row changes."""

    dependencies: ClassVar = [("registry", "0032_wishes_age")]
    operations: ClassVar = [migrations.RunSQL(UNTOLD)]
