"""How long does a wish wait for its second person? A week: the statements that migrations run.

What one person asks for and a second agrees to carries who asked and when. The viewer asks, in his own name and now; a
wish that is older than a week, or that does not say when, is granted to nobody, whatever the screen has shown.
"""

from typing import Final

# The verbs say no after seven days (`registry/rules/grants.py`); a minute more, for two clocks that differ.
WISH_FOR: Final = "7 days 1 minute"
CLOCK_SLACK: Final = "1 minute"

AGEING: Final = f"""
create function tocsin_check_wish() returns trigger language plpgsql security definer set search_path = public, pg_temp
    as $$
    declare
        who uuid := tocsin_viewer();
        was jsonb := to_jsonb(old);
        is_now jsonb := to_jsonb(new);
        asked_by text := tg_argv[0] || '_by_id';
        asked_at text := tg_argv[0] || '_at';
        is_granted boolean := (was->>tg_argv[1]) is distinct from (is_now->>tg_argv[1])
            and (is_now->>tg_argv[1] is null) = (tg_argv[2] = 'cleared');
    begin
        if session_user <> 'tocsin_web' then
            return new;
        end if;
        if is_now->>asked_by is not null and (is_now->>asked_by is distinct from was->>asked_by
                or is_now->>asked_at is distinct from was->>asked_at)
            and (who is null or (is_now->>asked_by)::uuid <> who or is_now->>asked_at is null
                or (is_now->>asked_at)::timestamptz > clock_timestamp() + interval '{CLOCK_SLACK}') then
            raise insufficient_privilege using message = 'the viewer asks, now';
        end if;
        if is_granted and (who is null or was->>asked_by is null or (was->>asked_by)::uuid = who
                or was->>asked_at is null
                or (was->>asked_at)::timestamptz <= clock_timestamp() - interval '{WISH_FOR}') then
            raise insufficient_privilege using message = 'a second person agrees, within a week';
        end if;
        return new;
    end $$;
create trigger check_wish before update of hold_lift_asked_by_id, hold_lift_asked_at, legal_hold_at on registry_case
    for each row execute function tocsin_check_wish('hold_lift_asked', 'legal_hold_at', 'cleared');
create trigger check_wish before update of unlink_asked_by_id, unlink_asked_at, until on registry_party
    for each row execute function tocsin_check_wish('unlink_asked', 'until', 'set');
create trigger check_wish before update of lift_asked_by_id, lift_asked_at, lifted_at on registry_houserule
    for each row execute function tocsin_check_wish('lift_asked', 'lifted_at', 'set');
create trigger check_wish before update of lower_asked_by_id, lower_asked_at, lowered_at on registry_doorentry
    for each row execute function tocsin_check_wish('lower_asked', 'lowered_at', 'set');
"""
# What asked before a person in the advocate's place, or a sooner day, said when; now the database keeps to it too.
KEPT_BY_TWO: Final = f"""
create function tocsin_check_wish_of_keeping() returns trigger language plpgsql security definer
    set search_path = public, pg_temp
    as $$
    begin
        if session_user <> 'tocsin_web' then
            return new;
        end if;
        if new.advocate_id is distinct from old.advocate_id and old.advocate_id is not null
            and tocsin_viewer() is distinct from old.protected_id
            and not tocsin_person_is_party(old.id, old.advocate_id)
            and (old.advocate_asked_at is null or old.advocate_asked_at <= clock_timestamp() - interval '{WISH_FOR}') then
            raise insufficient_privilege using message = 'a second person agrees, within a week';
        end if;
        if new.erase_on is not null and (old.erase_on is null or new.erase_on < old.erase_on)
            and (old.erase_asked_at is null or old.erase_asked_at <= clock_timestamp() - interval '{WISH_FOR}') then
            raise insufficient_privilege using message = 'a second person agrees, within a week';
        end if;
        if (new.advocate_asked_by_id is not null and new.advocate_asked_at > clock_timestamp() + interval '{CLOCK_SLACK}')
            or (new.erase_asked_by_id is not null and new.erase_asked_at > clock_timestamp() + interval '{CLOCK_SLACK}') then
            raise insufficient_privilege using message = 'the viewer asks, now';
        end if;
        return new;
    end $$;
create trigger check_wish_of_keeping before update of advocate_id, erase_on, advocate_asked_at, erase_asked_at
    on registry_case for each row execute function tocsin_check_wish_of_keeping();
"""
