"""Let a door know its sender before it knows the employer, and hide her own device from whoever is kept from her.

`tocsin_sender` and `tocsin_heard` run as the owner of the table. They answer only a transaction without a viewer (a
sender's own call), so that no page reaches a sender through them. Adds a column with a constant default: a short lock.
"""

from typing import ClassVar, Final

from django.db import migrations, models

_HERE: Final = "organisation_id = nullif(current_setting('app.organisation', true), '')::uuid"
_SEEN: Final = f"""({_HERE} and (case_id is null or tocsin_sees_case(case_id))
    and (person_id is null or not tocsin_is_kept_from(person_id)))"""
_ADDED: Final = f"""({_HERE} and (case_id is null or not tocsin_is_party(case_id))
    and (person_id is null or not tocsin_is_kept_from(person_id)))"""
_WALL: Final = f"""
drop policy web_reads on registry_sender;
drop policy web_adds on registry_sender;
drop policy web_changes on registry_sender;
drop policy web_removes on registry_sender;
create policy web_reads on registry_sender for select to tocsin_web using {_SEEN};
create policy web_adds on registry_sender for insert to tocsin_web with check {_ADDED};
create policy web_changes on registry_sender for update to tocsin_web using {_SEEN} with check {_SEEN};
create policy web_removes on registry_sender for delete to tocsin_web using {_SEEN};
create policy owner_asks on registry_sender for select to tocsin_owner using (true);
create policy owner_hears on registry_sender for update to tocsin_owner using (true) with check (true);
"""
_FUNCTIONS: Final = """
create function tocsin_sender(the_sender uuid) returns setof registry_sender language sql stable security definer
    set search_path = public, pg_temp
    as $$ select * from registry_sender where id = the_sender and revoked_at is null and tocsin_viewer() is null $$;
create function tocsin_listened() returns setof registry_sender language sql stable security definer
    set search_path = public, pg_temp
    as $$ select * from registry_sender where settings ? 'topic' and revoked_at is null and tocsin_viewer() is null
          order by id limit 1000 $$;
create function tocsin_heard(the_sender uuid, the_time timestamptz, dropped bigint) returns void language sql
    security definer set search_path = public, pg_temp
    as $$ update registry_sender set heard_at = greatest(heard_at, the_time), dropped_count = dropped_count + dropped
          where id = the_sender and revoked_at is null and tocsin_viewer() is null $$;
revoke all on function tocsin_sender(uuid), tocsin_listened(), tocsin_heard(uuid, timestamptz, bigint) from public;
grant execute on function tocsin_sender(uuid), tocsin_listened(), tocsin_heard(uuid, timestamptz, bigint)
    to tocsin_web, tocsin_engine;
"""


class Migration(migrations.Migration):
    """The wall first, then who may ask past it."""

    dependencies: ClassVar = [("registry", "0007_firewall")]
    operations: ClassVar = [
        migrations.AddField(
            "sender", "dropped_count", models.PositiveBigIntegerField(default=0, db_default=0)
        ),
        migrations.RunSQL(_WALL),
        migrations.RunSQL(_FUNCTIONS),
    ]
