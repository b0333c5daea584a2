"""What does a party of her case take from protection who is an administrator: a reader, the keys of a van? For migrations.

A reader that somebody revokes says who did (`registry_sender.revoked_by_id`), and keys that are taken back, or go with their
vehicle, are put away with who took them, whoever that is: nothing of it asks whether there is a case, so nothing of it can
tell him. On every page it is as he made it. That a reader is gone, whoever revoked it, is a blind spot of her case
(`decisions/store_blind.py`), which a party never sees; by the keys that a party takes he is matched as if he had them.

What another does afterwards counts: a reader enrolled in its place, or a lead who may read the case and says that it is gone
on purpose; the same keys given and taken back by somebody who is no party.
"""

from typing import Final

from tocsin.runtime.firewall import HERE
from tocsin.runtime.his_rosters import BEFORE_ORDER
from tocsin.runtime.row_security import protect

# What somebody revoked in the weeks before an order is missed too.
GONE_WITHIN: Final = "28 days"
_DEFINER: Final = "security definer set search_path = public, pg_temp"

# Only what the doors ask is answered, and never the role `web`.
HIS_KEYS: Final = f"""
{protect("registry_takenkey", web="", engine="select, delete")}
create policy owner_keeps on registry_takenkey to tocsin_owner using (true) with check (true);
create policy owner_asks on registry_fleetvehicle for select to tocsin_owner using (true);
create function tocsin_keep_fleet_key() returns trigger language plpgsql {_DEFINER}
    as $$
    begin
        if session_user = 'tocsin_web' then
            insert into registry_takenkey (id, organisation_id, person_id, plate, region, taken_at, taken_by_id)
                select gen_random_uuid(), old.organisation_id, p.id, v.plate, v.region, clock_timestamp(), tocsin_viewer()
                from registry_fleetvehicle v join registry_person p on p.id = old.person_id
                where v.id = old.vehicle_id
                on conflict (person_id, plate, region) do update
                    set taken_at = excluded.taken_at, taken_by_id = excluded.taken_by_id;
        end if;
        return null;
    end $$;
revoke all on function tocsin_keep_fleet_key() from public;
create trigger keep_key after delete on registry_fleetkey
    for each row execute function tocsin_keep_fleet_key();
create function tocsin_taken_keys(the_organisation uuid) returns table (person_id uuid, plate varchar, region varchar)
    language sql stable {_DEFINER}
    as $$ select t.person_id, t.plate, t.region from registry_takenkey t
          where t.organisation_id = the_organisation and exists (
            select 1 from registry_case c where c.colleague_id = t.person_id and c.closed_at is null
              and c.erased_at is null and t.taken_by_id is distinct from c.protected_id
              and t.taken_at > c.opened_at - interval '{BEFORE_ORDER}'
              and tocsin_person_is_party(c.id, t.taken_by_id)) $$;
revoke all on function tocsin_taken_keys(uuid) from public;
grant execute on function tocsin_taken_keys(uuid) to tocsin_engine, tocsin_door;
"""  # noqa: S608 - constants of this file and of the firewall

_SEEN: Final = (
    "(organisation_id = nullif(current_setting('app.organisation', true), '')::uuid and (case_id is null"
    " or (what in ('post', 'briefing', 'place', 'elsewhere', 'entry', 'papers', 'reader') and tocsin_sees_door(case_id))"
    " or tocsin_sees_case(case_id)))"
)
# As a post of a case: everybody but a party sees that it is blind.
HIS_READERS_GONE: Final = f"alter policy web on signals_blindspot using {_SEEN} with check {_SEEN};"
# What a lead says of one case is that case's alone: another has other parties, and whoever reads that one says it there.
GONE_ON_PURPOSE: Final = protect(
    "registry_goneonpurpose",
    web="select, insert",
    engine="select",
    own=f"({HERE} and tocsin_sees_case(case_id))",
)
