"""Let one person shut out only a few in a day from what is told about one person. A function and a trigger."""

from typing import ClassVar

from django.db import migrations

from tocsin.runtime.shutting_out import FEW


class Migration(migrations.Migration):
    """One person alone must not empty the list of those who come to her."""

    dependencies: ClassVar = [("registry", "0021_reviewers")]
    operations: ClassVar = [migrations.RunSQL(FEW)]
