"""What is asked of a new right to read a case? One trigger, with the one clause that a later migration changes."""

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
