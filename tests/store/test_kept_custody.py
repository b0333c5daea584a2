"""A custody mail that we cannot take in does not go back to its sender: it is kept, told, and taken in by a person."""

import asyncio
import io
import os
import signal
import subprocess
import sys
import time
from base64 import b64encode
from datetime import datetime, timedelta
from pathlib import Path

import psycopg
import pytest

from tests import cast
from tests.builders import AT
from tests.store.stores import Store
from tests.store.test_blind import a_case, now, on_duty
from tests.store.test_custody import CASE, NOTICE, piped
from tocsin.decisions.rules.incident import Kind
from tocsin.engine import custody_door as door
from tocsin.engine.custody_door import BAD_MAIL, NO_EMPLOYER, TRY_AGAIN, main
from tocsin.engine.desk import PostgresDesk
from tocsin.engine.kept_custody import KeptCustody
from tocsin.engine.keys_command import main as keys_command
from tocsin.flow import tell_kept_mail as tell_kept
from tocsin.flow.alarms import Change
from tocsin.flow.postgres_alarms import PostgresAlarms
from tocsin.flow.tell_kept_mail import mark_of, tell_kept_mail
from tocsin.notifications.rules.due import MAIL_KEPT
from tocsin.registry.store_cases import case_key
from tocsin.runtime import health, kept_mail, keys
from tocsin.runtime.finding import OK, WRONG
from tocsin.runtime.ids import RandomIds
from tocsin.runtime.kept_mail import NotKept, RawMail
from tocsin.runtime.postgres import Cluster
from tocsin.runtime.settings import load
from tocsin.signals.feeds.custody_mail.mail import MAX_MAIL_BYTES
from tocsin.signals.rules.custody import State
from tocsin.signals.store_custody import load_bodies, load_custody

pytestmark = pytest.mark.guarantee("I20")
AWAY = "postgresql://nobody@127.0.0.1:1/none"
MAIL = f"Subject: VINE\n\n{NOTICE}".encode()
HOUR = timedelta(hours=1)
IDS = RandomIds()


@pytest.fixture
def alarms(postgres_store: Store) -> PostgresAlarms:
    """Return the engine's store, with a case of Harbour in it."""
    found = postgres_store.alarms
    assert isinstance(found, PostgresAlarms)
    a_case(found)
    return found


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the data folder of an installation whose database is away."""
    keys.ensure(tmp_path / "keys")
    (tmp_path / "keys" / "master.key").write_text(b64encode(bytes(range(32))).decode())
    monkeypatch.setenv("TOCSIN_DATA", str(tmp_path))
    monkeypatch.setenv("TOCSIN_DATABASE_URL", AWAY)
    return tmp_path


@pytest.fixture
def there(
    alarms: PostgresAlarms, cluster: Cluster, home: Path, monkeypatch: pytest.MonkeyPatch
) -> Path:
    """Return the data folder of an installation whose database is there."""
    url = cluster.url("owner", database=alarms.conn.info.dbname)
    monkeypatch.setenv("TOCSIN_DATABASE_URL", url)
    return home


def pipe(monkeypatch: pytest.MonkeyPatch, raw: bytes = MAIL, *words: str) -> int:
    """Return what the mail server is told of this mail."""
    piped(monkeypatch, raw)
    return main(["harbour", *words])


def lying(home: Path) -> list[Path]:
    """Return the files of the folder."""
    folder = home / "custody-mail"
    return sorted(folder.iterdir()) if folder.exists() else []


def older(home: Path, by: timedelta) -> None:
    """Have what lies there come so much earlier."""
    for path in lying(home):
        then = path.stat().st_mtime - by.total_seconds()
        os.utime(path, (then, then))


def break_it(home: Path) -> None:
    """Let the keys be of no use: an error that comes again at each try."""
    (home / "keys" / "master.key").write_bytes(b"\xff" * 45)


def mend_it(home: Path) -> None:
    """Put the right key back."""
    (home / "keys" / "master.key").write_text(b64encode(bytes(range(32))).decode())


def break_table(alarms: PostgresAlarms, cluster: Cluster, *, is_broken: bool) -> None:
    """Let the database refuse each word of custody, or take it again."""
    how = "add constraint none check (false)" if is_broken else "drop constraint none"
    with psycopg.connect(cluster.url("postgres", database=alarms.conn.info.dbname)) as owner:
        owner.execute(f"alter table signals_custodyfact {how}")


def said(home: Path) -> tuple[str, str]:
    """Return what the doctor says of the folder."""
    [found] = [one for one in health.examine(load()) if one.what == "custody mail"]
    return found.state, found.text


def test_while_the_database_is_away_the_mail_server_goes_on_trying_and_nobody_is_bothered(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert [pipe(monkeypatch), pipe(monkeypatch)] == [TRY_AGAIN, TRY_AGAIN]
    [copy] = lying(home)
    assert copy.suffix == ".tried"
    assert said(home)[0] == OK


def test_a_database_that_stays_away_has_the_mail_taken_off_the_mail_server_for_good(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert pipe(monkeypatch) == TRY_AGAIN
    older(home, kept_mail.TRIED_FOR - timedelta(minutes=1))
    assert pipe(monkeypatch) == TRY_AGAIN
    older(home, timedelta(minutes=1))
    assert pipe(monkeypatch) == 0
    [whole] = lying(home)
    assert whole.suffix == ".mail"
    assert said(home)[0] == WRONG


def test_a_mail_that_is_taken_at_the_next_try_leaves_nothing_behind(
    alarms: PostgresAlarms, there: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = os.environ["TOCSIN_DATABASE_URL"]
    monkeypatch.setenv("TOCSIN_DATABASE_URL", AWAY)
    assert pipe(monkeypatch) == TRY_AGAIN
    monkeypatch.setenv("TOCSIN_DATABASE_URL", url)
    assert pipe(monkeypatch) == 0
    assert lying(there) == []
    assert len(load_custody(alarms.conn, CASE)) == 1


def test_an_error_of_ours_keeps_the_mail_sealed_and_closed_to_others_and_says_nothing(
    alarms: PostgresAlarms,
    cluster: Cluster,
    there: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    break_table(alarms, cluster, is_broken=True)
    capfd.readouterr()
    assert pipe(monkeypatch) == 0
    assert capfd.readouterr() == ("", "")
    [kept] = lying(there)
    assert (kept.stat().st_mode & 0o777, kept.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    assert b"NOTREAL" not in kept.read_bytes()
    state, text = said(there)
    assert (state, "1 could not be taken in" in text) == (WRONG, True)


def test_it_is_taken_in_again_by_a_person_once_we_are_mended_and_not_before(
    alarms: PostgresAlarms,
    cluster: Cluster,
    there: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    break_table(alarms, cluster, is_broken=True)
    assert pipe(monkeypatch, MAIL, "wren") == 0
    assert main(["--again"]) == 1
    out, err = capfd.readouterr()
    assert (out, "CheckViolation" in err, "NOTREAL" in err) == (
        "0 taken in, 1 left.\n",
        True,
        False,
    )
    assert main(["--read", lying(there)[0].name]) == 0
    assert capfd.readouterr().out.encode() == MAIL
    break_table(alarms, cluster, is_broken=False)
    assert main(["--again"]) == 0
    [fact] = load_custody(alarms.conn, CASE)
    body = load_bodies(alarms.conn, case_key(alarms.conn, alarms.ring, CASE), [fact.id])[fact.id]
    assert (fact.state, body.raw) == (State.RELEASED, NOTICE.strip())
    assert (lying(there), said(there)[0]) == ([], OK)
    assert main(["--again"]) == 0


def test_one_that_cannot_be_taken_holds_up_no_other(
    there: Path, alarms: PostgresAlarms, monkeypatch: pytest.MonkeyPatch
) -> None:
    break_it(there)
    assert pipe(monkeypatch) == 0
    mend_it(there)
    kept = lying(there)[0]
    (kept.parent / f"nobody.{'0' * 64}.mail").write_bytes(kept.read_bytes())
    (kept.parent / f"harbour.{'1' * 64}.mail").write_bytes(b"torn")
    (kept.parent / "renamed by hand").write_bytes(b"")
    assert main(["--again"]) == 1
    assert len(load_custody(alarms.conn, CASE)) == 1
    assert len(lying(there)) == 3
    assert "3 could not be taken in" in said(there)[1]


def test_the_same_mail_tried_again_counts_once_also_with_another_line_of_the_mail_server_before_it(
    there: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    break_it(there)
    lines = (b"", b"From a Sat Nov 28 02:00:00 2026\n", b"From a Sat Nov 28 02:05:00 2026\n")
    assert [pipe(monkeypatch, line + MAIL) for line in lines] == [0, 0, 0]
    assert len(lying(there)) == 1
    assert pipe(monkeypatch, MAIL, "OTTER") == 0
    assert len(lying(there)) == 2


def test_where_the_keys_cannot_be_read_it_lies_open_until_they_are_replaced(
    there: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    break_it(there)
    assert pipe(monkeypatch) == 0
    [kept] = lying(there)
    assert b"NOTREAL" in kept.read_bytes()
    assert kept.stat().st_mode & 0o777 == 0o600
    mend_it(there)
    since = kept.stat().st_mtime_ns
    assert keys_command(["rotate"]) == 0
    assert b"NOTREAL" not in kept.read_bytes()
    assert kept.stat().st_mtime_ns == since
    assert kept_mail.read(load(), kept.name) == RawMail((), MAIL)
    # Once more, now that it is sealed: the key that sealed it is gone afterwards.
    assert keys_command(["rotate"]) == 0
    assert kept_mail.read(load(), kept.name).raw == MAIL


def test_a_full_folder_takes_no_more_and_leaves_the_mail_to_the_mail_server(
    there: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    break_it(there)
    monkeypatch.setattr(kept_mail, "MAX_KEPT", 2)
    codes = [pipe(monkeypatch, MAIL + b"%d" % n) for n in range(3)]
    assert codes == [0, 0, TRY_AGAIN]
    assert len(lying(there)) == 2
    assert "The folder is full" in said(there)[1]
    # What lies there already is kept all the same.
    assert pipe(monkeypatch, MAIL + b"0") == 0


def test_a_full_folder_hinders_no_mail_that_can_be_taken(
    there: Path, alarms: PostgresAlarms, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept_mail, "MAX_KEPT", 0)
    assert pipe(monkeypatch) == 0
    assert len(load_custody(alarms.conn, CASE)) == 1


@pytest.mark.parametrize(("size", "code", "n"), [(MAX_MAIL_BYTES, 0, 1), (MAX_MAIL_BYTES + 1, BAD_MAIL, 0)])  # fmt: skip
@pytest.mark.parametrize("line", [b"", b"From a Sat Nov 28 02:00:00 2026\n"])
def test_the_largest_mail_is_kept_whole_and_a_larger_one_is_refused_as_ever(
    there: Path, monkeypatch: pytest.MonkeyPatch, line: bytes, size: int, code: int, n: int
) -> None:
    break_it(there)
    raw = b"x" * size
    assert pipe(monkeypatch, line + raw, "OTTERWRE") == code
    assert [kept_mail.read(load(), one.name).raw == raw for one in lying(there)] == [True] * n
    mend_it(there)
    assert main(["--again"]) == 0


@pytest.mark.parametrize(("more", "is_read"), [(0, True), (1, False)])
def test_a_file_that_is_larger_than_any_of_ours_is_not_read(
    there: Path, monkeypatch: pytest.MonkeyPatch, more: int, is_read: bool
) -> None:
    break_it(there)
    assert pipe(monkeypatch) == 0
    [kept] = lying(there)
    with kept.open("ab") as file:
        file.write(b"x" * (kept_mail.MAX_FILE_BYTES - kept.stat().st_size + more))
    assert (main(["--read", kept.name]) == 0) is is_read


@pytest.mark.parametrize(("size", "is_off"), [(2_000, True), (2_001, False)])
def test_a_line_of_the_mail_server_is_taken_off_and_a_longer_one_is_the_mails(
    size: int, is_off: bool
) -> None:
    line = b"From ".ljust(size - 1, b"a") + b"\n"
    assert door.piped(io.BytesIO(line + MAIL)) == (MAIL if is_off else line + MAIL)


@pytest.mark.parametrize("words", [["--again", "harbour"], ["--read"], ["--read", "a", "b"]])
def test_words_that_nobody_knows_take_and_show_nothing(home: Path, words: list[str]) -> None:
    assert main(words) == door.WRONG_USE


def test_no_file_of_another_folder_is_shown(home: Path) -> None:
    assert main(["--read", "../keys/master.key"]) == 1


def test_what_is_no_folder_or_no_installation_keeps_nothing_and_claims_nothing(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    break_it(home)
    (home / "custody-mail").write_bytes(b"")
    assert pipe(monkeypatch) == TRY_AGAIN
    assert said(home)[0] == WRONG
    monkeypatch.setenv("TOCSIN_DATA", str(home / "elsewhere"))
    assert pipe(monkeypatch) == TRY_AGAIN
    assert not (home / "elsewhere").exists()


def test_a_folder_that_others_may_enter_is_closed_before_anything_is_kept_in_it(
    there: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (there / "custody-mail").mkdir(mode=0o755)
    break_it(there)
    assert pipe(monkeypatch) == 0
    assert (there / "custody-mail").stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("slug", ["../harbour", "a b", ""])
def test_a_name_that_no_employer_has_names_no_file(
    home: Path, monkeypatch: pytest.MonkeyPatch, slug: str
) -> None:
    piped(monkeypatch, MAIL)
    assert main([slug]) == NO_EMPLOYER
    assert lying(home) == []
    with pytest.raises(NotKept):
        kept_mail.name_of(slug, "0" * 64)


def test_broken_input_is_kept_whole(there: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    raw = bytes(range(256)) * 3 + b"\n\n\x00From \xff"
    break_it(there)
    assert pipe(monkeypatch, raw) == 0
    mend_it(there)
    [kept] = lying(there)
    assert kept_mail.read(load(), kept.name).raw == raw
    assert main(["--again"]) == 0


def test_a_command_that_is_killed_in_the_middle_leaves_a_copy_that_is_told_hours_later(
    alarms: PostgresAlarms, cluster: Cluster, there: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = cluster.url("postgres", database=alarms.conn.info.dbname)
    with psycopg.connect(url) as owner:
        owner.execute("lock table signals_custodyfact in access exclusive mode")
        door = [sys.executable, "-m", "tocsin", "custody-mail", "harbour"]
        with subprocess.Popen(door, stdin=subprocess.PIPE, env=dict(os.environ)) as running:
            assert running.stdin is not None
            running.stdin.write(MAIL)
            running.stdin.close()
            until = time.monotonic() + 20
            while not [one for one in lying(there) if one.suffix == ".tried"]:
                assert time.monotonic() < until
                time.sleep(0.01)
            running.send_signal(signal.SIGKILL)
    assert running.returncode == -signal.SIGKILL
    # As one that was killed while it wrote would leave it.
    (there / "custody-mail" / "draft").write_bytes(b"half")
    assert said(there)[0] == OK
    older(there, kept_mail.TRIED_FOR)
    assert said(there)[0] == WRONG
    assert main(["--again"]) == 0
    assert len(load_custody(alarms.conn, CASE)) == 1
    break_it(there)
    assert pipe(monkeypatch) == 0
    assert [one.name for one in lying(there)] == [lying(there)[0].name]


def tell(alarms: PostgresAlarms, since: datetime, slug: str = "harbour") -> list[Change]:
    """Return the pages of one look of the engine."""
    with alarms.atomically():
        return tell_kept_mail(alarms, {slug: since}, ids=IDS, engine="e1")


def whom(changes: list[Change]) -> set[object]:
    """Return who is told."""
    return {delivery.person_id for change in changes for delivery in change.deliveries}


def test_who_leads_is_paged_once_a_day_while_it_lies_there_and_anew_for_the_next_hours_mail(
    alarms: PostgresAlarms,
) -> None:
    on_duty(alarms, cast.SHIFT_LEAD, cast.GUARD)
    at = now(alarms)
    [change] = tell(alarms, at)
    assert whom([change]) == {cast.SHIFT_LEAD.id}
    assert {delivery.template for delivery in change.deliveries} == {MAIL_KEPT}
    assert change.incident is not None
    assert (change.incident.kind, change.incident.case_ids) == (Kind.TASK_DUE, ())
    assert tell(alarms, at) == []
    assert whom(tell(alarms, at - HOUR)) == {cast.SHIFT_LEAD.id}
    assert tell(alarms, at, "nobody") == []


def test_what_lies_there_is_told_again_after_a_day_and_not_at_midnight() -> None:
    almost = AT + timedelta(hours=23, minutes=59)
    assert mark_of(AT, AT) == mark_of(AT, almost) != mark_of(AT, AT + 24 * HOUR)
    assert mark_of(AT, almost) != mark_of(AT + HOUR, almost)


@pytest.mark.parametrize(("most", "pages"), [(1, 1), (2, 2)])
def test_without_an_open_case_the_leads_of_every_site_are_paged_up_to_a_bound(
    alarms: PostgresAlarms, monkeypatch: pytest.MonkeyPatch, most: int, pages: int
) -> None:
    monkeypatch.setattr(tell_kept, "MAX_PLACES", most)
    alarms.conn.execute("update registry_case set closed_at = now()")
    alarms.conn.execute(
        """insert into registry_site select (jsonb_populate_record(s,
            jsonb_build_object('id', gen_random_uuid(), 'name', 'North'))).* from registry_site s where id = %s""",
        (cast.HARBOUR.id,),
    )
    assert len(tell(alarms, now(alarms))) == pages


@pytest.mark.guarantee("I11")
def test_no_party_to_any_case_is_paged_though_he_leads_the_shift(alarms: PostgresAlarms) -> None:
    on_duty(alarms, cast.RESPONDENT, cast.SHIFT_LEAD)
    alarms.conn.execute(
        "update registry_case set colleague_id = %s where id = %s", (cast.SHIFT_LEAD.id, CASE)
    )
    found = whom(tell(alarms, now(alarms)))
    assert found
    assert cast.SHIFT_LEAD.id not in found


def test_the_engine_tells_of_what_it_cannot_open_too(
    there: Path, alarms: PostgresAlarms, cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    on_duty(alarms, cast.SHIFT_LEAD)
    break_it(there)
    assert pipe(monkeypatch) == 0
    lying(there)[0].write_bytes(b"no seal of ours")
    desk = PostgresDesk(
        lambda: psycopg.connect(
            cluster.url("engine", database=alarms.conn.info.dbname), autocommit=True
        ),
        alarms.ring,
    )
    sent: list[Change] = []

    async def publish(changes: list[Change]) -> None:
        sent.extend(changes)

    looking = KeptCustody(desk, IDS, "e1", there)

    async def twice() -> None:
        await looking.look(publish)
        await looking.look(publish)

    asyncio.run(twice())
    assert whom(sent) == {cast.SHIFT_LEAD.id}
    assert len(sent) == 1
    desk.close()
