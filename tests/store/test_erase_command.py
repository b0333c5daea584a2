"""Does `tocsin erase` do what it says, and the hourly chore what is due? On the command's own path, from words to exit code."""

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests import cast
from tests.store.a_case import CASE, insert_the_case
from tests.store.stores import Store
from tocsin.engine import erasing
from tocsin.engine.erasing import Erasing
from tocsin.flow.erase import LIST, remember, remembered
from tocsin.flow.postgres_alarms import PostgresAlarms
from tocsin.runtime import settings
from tocsin.runtime.database import Connection
from tocsin.runtime.encryption import KeyRing
from tocsin.runtime.postgres import Cluster

WREN = cast.PROTECTED.id
KEYS = {
    "case": ("registry_casekey", "case_id", CASE),
    "person": ("registry_personkey", "person_id", WREN),
}


@pytest.fixture
def keys_dir(
    engine: Connection,
    ring: KeyRing,
    cluster: Cluster,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Path:
    """Return where the command finds its keys: its settings lead to a database in which Wren has a case."""
    insert_the_case(engine, ring)
    monkeypatch.setenv("TOCSIN_DATA", str(tmp_path))
    monkeypatch.setenv("TOCSIN_DATABASE_URL", cluster.url("owner", database=engine.info.dbname))
    folder = settings.load().keys_dir
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def key_rows(engine: Connection, what: str) -> list[tuple[object, ...]]:
    """Return the wrapped key of the case or of the person, as it lies there."""
    table, column, row_id = KEYS[what]
    return engine.execute(f"select * from {table} where {column} = %s", (row_id,)).fetchall()


@contextmanager
def restored(engine: Connection, what: str) -> Iterator[None]:
    """Bring the key back that was there before, as a restored backup does."""
    [kept] = key_rows(engine, what)
    yield
    marks = ", ".join(["%s"] * len(kept))
    engine.execute(f"insert into {KEYS[what][0]} values ({marks})", kept)


def chore(store: Store, keys_dir: Path) -> tuple[int, int]:
    """Do what the engine does at its start and every hour: (again, due)."""
    assert isinstance(store.alarms, PostgresAlarms)
    with store.alarms.atomically():
        return Erasing(None, keys_dir)._erase(store.alarms)  # type: ignore[arg-type]


@pytest.mark.guarantee("I26")
@pytest.mark.parametrize("what", ["case", "person"])
def test_what_was_erased_by_hand_is_gone_and_again_after_a_restore(
    what: str, postgres_store: Store, engine: Connection, keys_dir: Path
) -> None:
    with restored(engine, what):
        assert erasing.main([what, str(KEYS[what][2])]) == 0
        assert key_rows(engine, what) == []
    assert len(key_rows(engine, what)) == 1
    assert chore(postgres_store, keys_dir) == (1, 0)
    assert key_rows(engine, what) == []
    assert chore(postgres_store, keys_dir) == (0, 0)
    # To ask twice is no error: it is gone.
    assert erasing.main([what, str(KEYS[what][2])]) == 0


@pytest.mark.guarantee("I26")
def test_the_chore_erases_a_case_on_its_date_and_not_before(
    postgres_store: Store, engine: Connection, keys_dir: Path, at: datetime
) -> None:
    for days, due in ((1, 0), (0, 1)):
        day = at.date() + timedelta(days=days)
        engine.execute("update registry_case set erase_on = %s", (day,))
        assert chore(postgres_store, keys_dir) == (0, due)
    assert key_rows(engine, "case") == []


@pytest.mark.guarantee("I26")
def test_a_legal_hold_is_refused_in_words_and_nothing_is_erased(
    postgres_store: Store,
    engine: Connection,
    keys_dir: Path,
    at: datetime,
    capsys: pytest.CaptureFixture[str],
) -> None:
    engine.execute("update registry_case set legal_hold_at = %s, erase_on = %s", (at, at.date()))
    for what in KEYS:
        assert erasing.main([what, str(KEYS[what][2])]) == 1
        assert "legal hold" in capsys.readouterr().err
        assert len(key_rows(engine, what)) == 1
    assert chore(postgres_store, keys_dir) == (0, 0)
    assert not (keys_dir / "erased.txt").exists()


@pytest.mark.usefixtures("keys_dir")
def test_an_id_that_nobody_has_is_not_called_erased(capsys: pytest.CaptureFixture[str]) -> None:
    for what in KEYS:
        assert erasing.main([what, str(cast.number(0xDEAD))]) == 1
        assert "no such id here" in capsys.readouterr().err
    for words in ([], ["case"], ["case", "x"], ["house", str(CASE)]):
        assert erasing.main(words) == 2


@pytest.mark.guarantee("I26")
def test_a_list_that_was_torn_hides_nothing_that_is_erased_after_it(tmp_path: Path) -> None:
    (tmp_path / LIST).write_text("case 018f0000-00", encoding="ascii")
    remember(tmp_path, "case", cast.number(0xE1))
    remember(tmp_path, "case", cast.number(0xE2))
    assert list(remembered(tmp_path)) == [("case", cast.number(0xE1)), ("case", cast.number(0xE2))]


@pytest.mark.guarantee("I26")
def test_what_the_disk_takes_by_half_is_not_erased(tmp_path: Path) -> None:
    unlimited = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20, unlimited[1]))
    try:
        with pytest.raises(OSError, match="No space left"):
            remember(tmp_path, "case", cast.number(0xE1))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, unlimited)
    assert list(remembered(tmp_path)) == []
