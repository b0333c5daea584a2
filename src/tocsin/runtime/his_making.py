"""What did somebody make for her before anybody knew that he is kept from her? The statements that migrations run.

Whoever chose the password of her sign-in can be her on a screen, and whoever wrote down where she is reached may read
there. Neither can be undone by shutting him out. So a sign-in shows nothing of her case, and a contact method is sent
nothing that protects her, for as long as its maker is a party of it, until somebody on no other side has stood for it.
"""

from typing import Final

from tocsin.runtime.in_vain import DOUBTED
from tocsin.runtime.making import keep_maker

# Her own entering of an order goes on: who opens a case has a grant of a few hours, which no password of his gives him.
SIGN_INS: Final = """
create policy owner_asks on registry_account for select to tocsin_owner using (true);
create function tocsin_sign_in_is_doubted() returns boolean language sql stable security definer
    set search_path = public, pg_temp
    as $$ select exists (select 1 from registry_account a join registry_case c on c.protected_id = a.person_id
          where a.person_id = tocsin_viewer() and c.erased_at is null and tocsin_person_is_party(c.id, a.made_by_id)
            and (a.confirmed_by_id is null or tocsin_person_is_party(c.id, a.confirmed_by_id))) $$;
revoke all on function tocsin_sign_in_is_doubted() from public;
create or replace function tocsin_sees_case(the_case uuid) returns boolean language sql stable security definer
    set search_path = public, pg_temp
    as $$ select tocsin_viewer() is not null and not tocsin_is_party(the_case) and (
          (exists (select 1 from registry_case where id = the_case and protected_id = tocsin_viewer())
             and not tocsin_sign_in_is_doubted())
          or exists (select 1 from registry_grant where case_id = the_case and person_id = tocsin_viewer()
             and ended_at is null and until_at > now() and (kind <> 'granted' or agreed_at is not null)
             and (kind <> 'break_glass' or not tocsin_sign_in_is_doubted()))) $$;
"""

# In a doubted sign-in nobody is she: what was made for her is confirmed by safety leads, or on another sign-in.
_SHE: Final = "tocsin_viewer() = {}"
_NOT_HE: Final = "(tocsin_viewer() = {} and not tocsin_sign_in_is_doubted())"
ONLY_SHE: Final = (
    DOUBTED[: DOUBTED.index("create trigger")]
    .replace("create function", "create or replace function")
    .replace(_SHE.format("the_person"), _NOT_HE.format("the_person"))
    .replace(_SHE.format("old.person_id"), _NOT_HE.format("old.person_id"))
)

_DECLARED: Final = "create function tocsin_keep_maker() returns trigger language plpgsql security definer set search_path = public, pg_temp"
# What he stands for counts on his own screens: as long as he is a party, it is as if nobody had.
MAKERS: Final = f"""
{keep_maker(_DECLARED, knows_when=False)}create trigger keep_maker before insert or update on registry_contactmethod
    for each row execute function tocsin_keep_maker();
create trigger keep_maker before insert or update on registry_account
    for each row execute function tocsin_keep_maker();
create trigger keep_row before delete on registry_account for each row execute function tocsin_keep_row();
"""

HIS_MAKING: Final = SIGN_INS + ONLY_SHE + MAKERS
