"""What is asked of a right to read a case, new or changed? Two triggers, with the clauses that later migrations change."""

from typing import Final

MAX_GRANT: Final = "30 days"
MAX_ENTERED: Final = "12 hours"
MAX_BREAK_GLASS: Final = "60 minutes"


def check_new_grant(head: str, glass: str) -> str:
    """Return the SQL of the trigger's function, begun by `head`; `glass` is what is asked of who breaks glass.

    It comes out as it was run: a migration's SQL does not change afterwards.
    """
    return f"""\
{head}
    as $$
    declare
        who uuid := tocsin_viewer();
    begin
        if who is null or new.asked_by_id is distinct from who then
            raise insufficient_privilege using message = 'whoever looks asks for himself';
        end if;
        if tocsin_person_is_party(new.case_id, new.person_id) or tocsin_person_is_party(new.case_id, who) then
            raise insufficient_privilege using message = 'there is no such case';
        end if;
        if new.agreed_at is not null or new.agreed_by_id is not null or new.ended_at is not null
            or new.reviewed_at is not null then
            raise insufficient_privilege using message = 'nobody agrees while asking';
        end if;
        if new.kind = 'entered' then
            if new.person_id <> who or not tocsin_is_being_opened(new.case_id)
                or new.until_at > clock_timestamp() + interval '{MAX_ENTERED}'
                or exists (select 1 from registry_grant where case_id = new.case_id and kind = 'entered') then
                raise insufficient_privilege using message = 'only who opens a case has entered it';
            end if;
        elsif new.kind = 'break_glass' then
{glass}                raise insufficient_privilege using message = 'breaking glass takes a reason, an hour, a second who is told';
            end if;
        elsif new.kind = 'granted' then
            if new.until_at > clock_timestamp() + interval '{MAX_GRANT}' then
                raise insufficient_privilege using message = 'a grant ends within {MAX_GRANT}';
            end if;
        else
            raise insufficient_privilege using message = 'there is no such kind of grant';
        end if;
        return new;
    end $$;
"""  # noqa: S608 - constants, and what migrations say


def check_grant(head: str, is_reviewer: str, agrees: str) -> str:
    """Return the SQL of the trigger's function for a change, begun by `head` ("create function"); as run, like `check_new_grant`.

    `is_reviewer` is whether the viewer may let himself in to review; `agrees`, whether he may be the second person.
    """
    return f"""\
{head} tocsin_check_grant() returns trigger language plpgsql security definer set search_path = public, pg_temp
    as $$
    declare
        who uuid := tocsin_viewer();
        is_reviewer boolean := {is_reviewer};
    begin
        if (new.id, new.organisation_id, new.case_id, new.person_id, new.kind, new.asked_at, new.asked_by_id)
            is distinct from
            (old.id, old.organisation_id, old.case_id, old.person_id, old.kind, old.asked_at, old.asked_by_id)
            or new.reason_sealed is distinct from old.reason_sealed or new.told_id is distinct from old.told_id
            or new.until_at > old.until_at or (old.ended_at is not null and new.ended_at is distinct from old.ended_at)
        then
            raise insufficient_privilege using message = 'a grant is not changed, only ended';
        end if;
        if (new.agreed_at, new.agreed_by_id) is distinct from (old.agreed_at, old.agreed_by_id) then
            if old.agreed_at is not null or new.agreed_at is null or new.kind <> 'granted' or who is null
                or new.agreed_by_id is distinct from who or who = new.asked_by_id
                or (who = new.person_id and not is_reviewer)
                or tocsin_person_is_party(new.case_id, who) or tocsin_person_is_party(new.case_id, new.person_id)
                or not ({agrees}) then
                raise insufficient_privilege using message = 'a second person agrees';
            end if;
        end if;
        if (new.reviewed_at, new.reviewed_by_id) is distinct from (old.reviewed_at, old.reviewed_by_id)
            and (old.reviewed_at is not null or new.reviewed_by_id is distinct from who or who = new.person_id) then
            raise insufficient_privilege using message = 'somebody else reviews it';
        end if;
        return new;
    end $$;
"""
