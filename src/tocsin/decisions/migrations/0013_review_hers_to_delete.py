"""Let her delete what she answered, and who asked it with her; nobody else, whatever he may read. Locks for a moment."""

from typing import ClassVar

from django.db import migrations

REMOVES = """
create policy hers_to_remove on decisions_riskreview as restrictive for delete to tocsin_web using (
    asked_by_id = tocsin_viewer()
    or exists (select 1 from registry_case c where c.id = case_id and c.protected_id = tocsin_viewer()));
"""


class Migration(migrations.Migration):
    """Restrictive: it takes away from what the wall of the case leaves. Breaking glass reads; it removes nothing."""

    dependencies: ClassVar = [("decisions", "0012_legal_hold")]
    operations: ClassVar = [migrations.RunSQL(REMOVES)]
