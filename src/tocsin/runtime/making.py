"""Who has made a sign-in or a contact method? One trigger, with the clauses that a later migration adds."""

from typing import Final

_BEFORE: Final = (
    "",
    "",
    """\
            if is_his or new.made_by_id is distinct from who then new.made_by_id := old.made_by_id; end if;
""",
    "new.made_by_id is distinct from old.made_by_id",
)
_WHEN: Final = (
    "        is_reset boolean := false;\n",
    """\
            if tg_table_name = 'registry_account' then new.made_at := clock_timestamp(); end if;
""",
    """\
            is_reset := new.password is distinct from old.password and coalesce(who <> old.person_id, false);
            if is_reset then
                new.made_by_id := who;
            elsif is_his or new.made_by_id is distinct from who or who = old.person_id then
                new.made_by_id := old.made_by_id;
            end if;
            new.made_at := old.made_at;
            if is_reset or new.made_by_id is distinct from old.made_by_id then
                new.made_at := clock_timestamp();
            end if;
            is_his := is_his or coalesce(who <> old.person_id and tocsin_is_out_with(old.made_by_id), false);
""",
    "is_reset or new.made_by_id is distinct from old.made_by_id",
)


def keep_maker(head: str, *, knows_when: bool) -> str:
    """Return the SQL of the trigger's function, begun by `head` ("create function", and how it is declared).

    `knows_when`: a sign-in says since when it is whose, and a password that another chooses makes it his. It comes out as it
    was run: a migration's SQL does not change afterwards.
    """
    declared, made, account, is_new = _WHEN if knows_when else _BEFORE
    return f"""\
{head}
    as $$
    declare
        who uuid := tocsin_viewer();
        is_his boolean;
{declared}    begin
        if session_user <> 'tocsin_web' then return new; end if;
        if tg_op = 'INSERT' then
            new.made_by_id := who;
            new.confirmed_by_id := null;
            new.is_maker_unknown := false;
{made}            return new;
        end if;
        is_his := coalesce(tocsin_is_kept_from(old.person_id), false);
        new.is_maker_unknown := old.is_maker_unknown;
        if tg_table_name = 'registry_account' then
            if is_his then new.password := old.password; end if;
{account}        else
            new.made_by_id := old.made_by_id;
        end if;
        if {is_new} then
            new.confirmed_by_id := null;
            new.is_maker_unknown := false;
        elsif new.confirmed_by_id is null or (is_his and (old.confirmed_by_id is not null or not old.is_maker_unknown)) then
            new.confirmed_by_id := old.confirmed_by_id;
        elsif new.confirmed_by_id is distinct from old.confirmed_by_id and (
            new.confirmed_by_id is distinct from who or not (tocsin_is_administrator() and who <> old.person_id
              or (tg_table_name <> 'registry_account' and who = old.person_id and not tocsin_sign_in_is_doubted()))) then
            raise insufficient_privilege using message = 'she stands for it, or a safety lead; for a sign-in, another';
        end if;
        return new;
    end $$;
"""
