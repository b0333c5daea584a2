"""Who is the second person for an order, and for what is told of it later? The statements that migrations run.

    ENTERED_ONE, TOLD_ONE   for whose entry, or whose word, a reviewer may let himself in (`firewall.py`)
    SECOND_LOOK             what was told is never changed, and nobody looks at his own entry or word

One person's word alone would otherwise keep a colleague from his own work place (`registry/rules/second_look.py`).
"""

from typing import Final

# Who enters an order asks at once for its reviewers, and each agrees to his own: two people, at 02:00 too.
REVIEW_WITHIN: Final = "72 hours"
# A later order of the case waits for its second person too; once it was looked at, nobody is let in for it.
ENTERED_ONE: Final = f"""exists (select 1 from registry_protectionorder o where o.case_id = c.id
                and o.entered_by_id = new.asked_by_id and o.reviewed_at is null
                and o.entered_at > now() - interval '{REVIEW_WITHIN}')"""  # noqa: S608 - constants of this file only
# A fact `f` of an order `o`: told after the look at the entry, or before it by the very one who looked then.
WAITS: Final = """(f.reviewed_at is null and o.reviewed_at is not null
                and (f.heard_at > o.reviewed_at or f.heard_by_id = o.reviewed_by_id))"""
TOLD_ONE: Final = f"""exists (select 1 from registry_orderfact f join registry_protectionorder o on o.id = f.order_id
                where f.case_id = c.id and f.heard_by_id = new.asked_by_id and {WAITS}
                and f.heard_at > now() - interval '{REVIEW_WITHIN}')"""  # noqa: S608 - constants of this file only

_LOOK: Final = (
    "(new.reviewed_at, new.reviewed_by_id) is distinct from (old.reviewed_at, old.reviewed_by_id)"
)
_IS_NO_SECOND: Final = """(old.reviewed_at is not null or new.reviewed_at is null or who is null
                or new.reviewed_by_id is distinct from who or who is not distinct from {teller}
                or exists (select 1 from registry_case where id = new.case_id and protected_id = who))"""
SECOND_LOOK: Final = f"""
create policy owner_asks on registry_orderfact for select to tocsin_owner using (true);
revoke delete on registry_orderfact, registry_protectionorder from tocsin_web;
create function tocsin_check_fact() returns trigger language plpgsql security definer set search_path = public, pg_temp
    as $$
    declare
        who uuid := tocsin_viewer();
        seen timestamptz;
    begin
        if session_user <> 'tocsin_web' then return new; end if;
        if tg_op = 'INSERT' then
            select reviewed_at into seen from registry_protectionorder
                where id = new.order_id and case_id = new.case_id and not tocsin_is_party(case_id);
            if new.heard_by_id is distinct from who or new.reviewed_at is not null or new.reviewed_by_id is not null
                or new.review_asked_at is not null or new.review_told_at is not null or new.heard_at <= seen then
                raise insufficient_privilege using message = 'the viewer tells it, after what was looked at';
            end if;
            return new;
        end if;
        if (to_jsonb(new) - array['reviewed_at', 'reviewed_by_id'])
            is distinct from (to_jsonb(old) - array['reviewed_at', 'reviewed_by_id']) then
            raise insufficient_privilege using message = 'what happened to an order is not changed';
        end if;
        if {_LOOK} and {_IS_NO_SECOND.format(teller="old.heard_by_id")} then
            raise insufficient_privilege using message = 'a second person looks at what was told';
        end if;
        return new;
    end $$;
create trigger check_fact before insert or update on registry_orderfact
    for each row execute function tocsin_check_fact();
create function tocsin_check_entry() returns trigger language plpgsql security definer set search_path = public, pg_temp
    as $$
    declare
        who uuid := tocsin_viewer();
    begin
        if session_user <> 'tocsin_web' then return new; end if;
        if tg_op = 'INSERT' then
            if new.entered_by_id is distinct from who or new.reviewed_at is not null
                or new.reviewed_by_id is not null then
                raise insufficient_privilege using message = 'the viewer enters it, and nobody looks while entering';
            end if;
            return new;
        end if;
        if (new.case_id, new.entered_at, new.entered_by_id) is distinct from (old.case_id, old.entered_at, old.entered_by_id) then
            raise insufficient_privilege using message = 'who entered an order is not changed';
        end if;
        if {_LOOK} and {_IS_NO_SECOND.format(teller="old.entered_by_id")} then
            raise insufficient_privilege using message = 'a second person looks at an entry';
        end if;
        return new;
    end $$;
create trigger check_entry before insert or update on registry_protectionorder
    for each row execute function tocsin_check_entry();
"""  # noqa: S608 - constants of this file only
