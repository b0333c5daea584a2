"""Show answers to risk questions to no roster manager, whatever grant he holds. Locks a small table for a moment."""

from typing import ClassVar

from django.db import migrations

# She herself always; else whoever may read the case and neither leads shifts nor manages people.
NO_MANAGER = """
    exists (select 1 from registry_case c where c.id = case_id and c.protected_id = tocsin_viewer())
    or exists (select 1 from registry_person p where p.id = tocsin_viewer() and p.role not in ('shift_lead', 'manager'))
"""
READS = "create policy no_manager_reads on decisions_riskreview as restrictive for select to tocsin_web using ("
REMOVES = "create policy no_manager_removes on decisions_riskreview as restrictive for delete to tocsin_web using ("


class Migration(migrations.Migration):
    """Restrictive: it takes away from what the wall of the case leaves."""

    dependencies: ClassVar = [("decisions", "0010_blind_is_no_incident")]
    operations: ClassVar = [
        migrations.RunSQL(READS + NO_MANAGER + ");"),
        migrations.RunSQL(REMOVES + NO_MANAGER + ");"),
        migrations.RunSQL("revoke update on decisions_riskreview from tocsin_web;"),
    ]
