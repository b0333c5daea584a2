"""Take a monitor's positions no longer than its case is open. Replaces one function; locks nothing."""

from typing import ClassVar, Final

from django.db import migrations

_OPEN: Final = """
create or replace function tocsin_sender(the_sender uuid) returns setof registry_sender language sql stable
    security definer set search_path = public, pg_temp
    as $$ select s.* from registry_sender s where s.id = the_sender and s.revoked_at is null
          and tocsin_viewer() is null and (s.case_id is null or exists (select 1 from registry_case c
            where c.id = s.case_id and c.closed_at is null and c.erased_at is null)) $$;
create or replace function tocsin_listened() returns setof registry_sender language sql stable
    security definer set search_path = public, pg_temp
    as $$ select s.* from registry_sender s where s.settings ? 'topic' and s.revoked_at is null
          and tocsin_viewer() is null and (s.case_id is null or exists (select 1 from registry_case c
            where c.id = s.case_id and c.closed_at is null and c.erased_at is null))
          order by s.id limit 1000 $$;
"""


class Migration(migrations.Migration):
    """A closed or erased case has no monitor."""

    dependencies: ClassVar = [("registry", "0015_legal_hold")]
    operations: ClassVar = [migrations.RunSQL(_OPEN)]
