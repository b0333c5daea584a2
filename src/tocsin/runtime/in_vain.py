"""What does somebody change who is kept from her? His own screens, and nothing else. The statements that migrations run.

A supervisor of hers may be a party of her case. A refusal would tell him of it, and a change would cost her the alarm:
so what he takes away or narrows is put beside it (`his_...`), his screens show that, and everybody who calls her reads
what stood there. What another says afterwards holds for him, too. It is in the database, so no page can get past it.
"""

from typing import Final

SHOWN: Final = """
create function tocsin_shown(the_real anyelement, his anyelement, the_person uuid) returns anyelement
    language sql stable
    as $$ select case when his is not null and coalesce(tocsin_is_kept_from(the_person), false)
          then his else the_real end $$;
"""

# Whoever is not kept from her changes her rows as he always did.
_LET_OTHERS: Final = """\
        -- Of a row that is moved, either owner counts.
        if not coalesce(tocsin_is_kept_from(new.person_id), false) and not (tg_op = 'UPDATE'
            and coalesce(tocsin_is_kept_from(old.person_id), false)) then
            return new;
        end if;
"""

# The triggers run in the order of their names. A row that he wrote himself is his to change: nothing goes there.
CONTACTS: Final = f"""
create function tocsin_his_order() returns trigger language plpgsql security definer set search_path = public, pg_temp
    as $$
    begin
        if not coalesce(tocsin_is_kept_from(old.person_id), false) then
            new.his_position := null;
            new.his_safe_rule := null;
        elsif old.in_vain <> 'written' then
            new.his_position := new.position;
            new.his_safe_rule := new.safe_rule;
            new.position := old.position;
            new.safe_rule := old.safe_rule;
        end if;
        return new;
    end $$;
create function tocsin_his_removal() returns trigger language plpgsql security definer set search_path = public, pg_temp
    as $$
    begin
        if new.revoked_at is distinct from old.revoked_at and coalesce(tocsin_is_kept_from(old.person_id), false)
            and old.in_vain <> 'written' then
            new.his_revoked_at := coalesce(old.his_revoked_at, new.revoked_at);
            new.revoked_at := old.revoked_at;
        end if;
        return new;
    end $$;
create function tocsin_keep_contact() returns trigger language plpgsql security definer set search_path = public, pg_temp
    as $$
    begin
{_LET_OTHERS}        if tg_op = 'INSERT' then
            new.in_vain := 'written';
            return new;
        end if;
        -- Whom it reaches, where, and what signs it stay as they were.
        new.person_id := old.person_id;
        new.channel := old.channel;
        new.address_sealed := old.address_sealed;
        new.address_index := old.address_index;
        new.device_id := old.device_id;
        new.is_work := old.is_work;
        if old.in_vain <> 'written' then
            new.secret_sealed := coalesce(old.secret_sealed, new.secret_sealed);
        end if;
        if old.in_vain = 'written' then
            new.in_vain := old.in_vain;
        elsif new.verified_at is distinct from old.verified_at and (old.verified_at is null or old.in_vain <> '') then
            new.in_vain := 'vouched';
        else
            new.verified_at := old.verified_at;
            new.in_vain := old.in_vain;
        end if;
        return new;
    end $$;
create trigger his_order before update of position, safe_rule on registry_contactmethod
    for each row execute function tocsin_his_order();
create trigger his_removal before update of revoked_at on registry_contactmethod
    for each row execute function tocsin_his_removal();
create trigger keep_contact before insert or update on registry_contactmethod
    for each row execute function tocsin_keep_contact();
"""

# Losing a phone is a matter of seconds: an honest lead's revocation counts at once, as it always did.
DEVICES: Final = f"""
create function tocsin_keep_device() returns trigger language plpgsql security definer set search_path = public, pg_temp
    as $$
    begin
{_LET_OTHERS}        if tg_op = 'INSERT' then
            new.in_vain := true;
            return new;
        end if;
        if not old.in_vain then
            if new.revoked_at is distinct from old.revoked_at then
                new.his_revoked_at := coalesce(old.his_revoked_at, new.revoked_at);
            end if;
            new.revoked_at := old.revoked_at;
        end if;
        new.person_id := old.person_id;
        new.in_vain := old.in_vain;
        return new;
    end $$;
create trigger keep_device before insert or update on registry_device
    for each row execute function tocsin_keep_device();
"""

# He ends a code that he, or another who is kept from her, has made; never the one that an honest lead holds out to her.
ENROLMENTS: Final = """
create function tocsin_keep_enrolment() returns trigger language plpgsql security definer
    set search_path = public, pg_temp
    as $$
    begin
        if coalesce(tocsin_is_kept_from(old.person_id), false) and not exists (
            select 1 from registry_case c where c.protected_id = old.person_id
              and tocsin_person_is_party(c.id, old.made_by_id)) then
            return old;
        end if;
        return new;
    end $$;
create trigger keep_enrolment before update on registry_enrolment
    for each row execute function tocsin_keep_enrolment();
"""

# A row without a writer is on no supervisor's screen. It goes on ruling out whom it ruled out.
EMERGENCY: Final = """
create policy owner_puts_away on registry_emergencycontact for update to tocsin_owner
    using (true) with check (added_by_id is null);
create function tocsin_keep_emergency() returns trigger language plpgsql security definer
    set search_path = public, pg_temp
    as $$
    begin
        if tg_op = 'INSERT' then
            if coalesce(tocsin_is_kept_from(new.person_id), false) then new.colleague_id := null; end if;
            return new;
        end if;
        if not coalesce(tocsin_is_kept_from(old.person_id), false) then
            if tg_op = 'DELETE' then return old; else return new; end if;
        end if;
        if tg_op = 'DELETE' then
            update registry_emergencycontact set added_by_id = null where id = old.id;
            return null;
        end if;
        -- All that he changes of a row that is there is whether he sees it.
        old.added_by_id := new.added_by_id;
        return old;
    end $$;
create trigger keep_emergency before insert or update or delete on registry_emergencycontact
    for each row execute function tocsin_keep_emergency();
"""

# Nothing of hers is deleted by him.
DELETIONS: Final = """
create function tocsin_keep_row() returns trigger language plpgsql security definer set search_path = public, pg_temp
    as $$
    begin
        if coalesce(tocsin_is_kept_from(old.person_id), false) then return null; end if;
        return old;
    end $$;
create trigger keep_row before delete on registry_contactmethod for each row execute function tocsin_keep_row();
create trigger keep_row before delete on registry_device for each row execute function tocsin_keep_row();
create trigger keep_row before delete on registry_enrolment for each row execute function tocsin_keep_row();
"""

# What he made before anybody knew of an order. The engine asks it of everybody; on the web only she and safety leads
# are answered: to whomever else it would say that there is a case.
DOUBTED: Final = """
create function tocsin_made_by_other_side(the_person uuid, the_maker uuid) returns boolean language sql stable
    security definer set search_path = public, pg_temp
    as $$ select the_maker is not null and (session_user <> 'tocsin_web'
            or (tocsin_viewer() is not null and not tocsin_is_kept_from(the_person)
              and (tocsin_viewer() = the_person or tocsin_is_administrator())))
          and exists (select 1 from registry_case c where c.protected_id = the_person and c.erased_at is null
            and (session_user <> 'tocsin_web'
              or c.organisation_id = nullif(current_setting('app.organisation', true), '')::uuid)
            and tocsin_person_is_party(c.id, the_maker)) $$;
revoke all on function tocsin_made_by_other_side(uuid, uuid) from public;
grant execute on function tocsin_made_by_other_side(uuid, uuid) to tocsin_web, tocsin_engine;
create function tocsin_confirm_device() returns trigger language plpgsql security definer
    set search_path = public, pg_temp
    as $$
    begin
        if session_user = 'tocsin_web' and (new.confirmed_at is not null or new.confirmed_by_id is not null) and (
            tg_op = 'INSERT' or (new.confirmed_at, new.confirmed_by_id) is distinct from (old.confirmed_at, old.confirmed_by_id)
        ) and (tg_op = 'INSERT' or tocsin_viewer() is null or tocsin_is_kept_from(old.person_id)
            or new.confirmed_by_id is distinct from tocsin_viewer()
            or not (tocsin_viewer() = old.person_id or tocsin_is_administrator())) then
            raise insufficient_privilege using message = 'she confirms it, or a safety lead who is on no other side';
        end if;
        if tg_op = 'UPDATE' and new.enrolled_by_id is distinct from old.enrolled_by_id then
            raise insufficient_privilege using message = 'who enrolled a device does not change';
        end if;
        return new;
    end $$;
create trigger confirm_device before insert or update of confirmed_at, confirmed_by_id, enrolled_by_id on registry_device
    for each row execute function tocsin_confirm_device();
"""

# Ruling somebody out of her alarms, and letting him in again, leaves her with less, each in its way (I17). She does it
# alone; a supervisor's word waits for hers, or for another supervisor who writes the same, seeing only his own.
RULED_OUT: Final = """
drop policy owner_puts_away on registry_emergencycontact;
create policy owner_puts_away on registry_emergencycontact for update to tocsin_owner using (true) with check (true);
create function tocsin_rule_out() returns trigger language plpgsql security definer set search_path = public, pg_temp
    as $$
    declare
        who uuid := tocsin_viewer();
        her uuid := case when tg_op = 'DELETE' then old.person_id else new.person_id end;
    begin
        if session_user <> 'tocsin_web' or who is null or who = her then
            if tg_op = 'DELETE' then return old; else return new; end if;
        end if;
        if tg_op = 'INSERT' then
            new.added_by_id := who;
            new.removal_asked_by_id := null;
            new.asked_colleague_id := coalesce(new.colleague_id, new.asked_colleague_id);
            if tocsin_is_kept_from(her) then new.asked_colleague_id := null; end if;
            if not exists (select 1 from registry_emergencycontact e where e.person_id = her
                and e.asked_colleague_id = new.asked_colleague_id and e.added_by_id <> who
                and e.never_notify = new.never_notify and e.never_give_location = new.never_give_location) then
                new.colleague_id := null;
            end if;
            return new;
        end if;
        if tg_op = 'UPDATE' then
            -- All that he may change of it is whether he asks to take it away.
            old.removal_asked_by_id := new.removal_asked_by_id;
            old.added_by_id := new.added_by_id;
            return old;
        end if;
        if old.colleague_id is not null then
            update registry_emergencycontact set removal_asked_by_id = who where id = old.id;
            return null;
        end if;
        return old;
    end $$;
create trigger rule_out before insert or update or delete on registry_emergencycontact
    for each row execute function tocsin_rule_out();
"""

IN_VAIN: Final = SHOWN + CONTACTS + DEVICES + ENROLMENTS + EMERGENCY + DELETIONS
