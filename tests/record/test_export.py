"""Does what PostgreSQL holds come out as an export that verifies, unless rows were changed?"""

import json
from collections.abc import Callable
from datetime import timedelta

import psycopg
import pytest
from psycopg.rows import TupleRow

from tests import cast
from tests.record.conftest import Connect
from tests.record.entries import INCIDENT, START, an_entry, some_entries
from tocsin.record import store, store_incident, verify
from tocsin.record.rules.heads import witness_line
from tocsin.record.store_incident import export_incident, prove_incident
from tocsin.runtime.keys import Signer

Conn = psycopg.Connection[TupleRow]
Exporting = Callable[[Conn, Signer], list[bytes]]


def sealed(conn: Conn, signer: Signer, count: int, *, step: int = 10) -> None:
    """Write a night of `count` entries, sealed every `step`."""
    for first in range(0, count, step):
        store.append(conn, some_entries(min(step, count - first), first=first))
        store.seal(conn, cast.HARBOUR_EMS, signer, at=START + timedelta(seconds=first))


def whole(conn: Conn, signer: Signer) -> list[bytes]:
    return list(store.export_record(conn, cast.HARBOUR_EMS, signer=signer, at=START))


def by_itself(conn: Conn, signer: Signer) -> list[bytes]:
    return list(export_incident(conn, cast.HARBOUR_EMS, INCIDENT, signer=signer, at=START))


def in_its_log(conn: Conn, signer: Signer) -> list[bytes]:
    return list(prove_incident(conn, cast.HARBOUR_EMS, INCIDENT, signer=signer, at=START))


OF_INCIDENT = pytest.mark.parametrize("of_incident", [by_itself, in_its_log])


def findings(lines: list[bytes]) -> list[str]:
    return verify.Check().run(lines).findings


@pytest.mark.parametrize("count", [0, 1, 99, 250])
def test_the_whole_record_comes_out_intact(engine: Conn, signer: Signer, count: int) -> None:
    sealed(engine, signer, count)
    lines = whole(engine, signer)
    assert findings(lines) == []
    assert sum(b'"leaf":' in line for line in lines) == count


def test_heads_are_thinned_and_the_last_is_always_there(engine: Conn, signer: Signer) -> None:
    sealed(engine, signer, 250)
    sizes = [
        json.loads(line)["head"]["size"] for line in whole(engine, signer) if line[2:6] == b"head"
    ]
    assert sizes == [10, 110, 210, 250]


@OF_INCIDENT
@pytest.mark.parametrize("part", [4, 64, 4096])
def test_an_incident_comes_out_with_its_paths(
    engine: Conn,
    signer: Signer,
    part: int,
    monkeypatch: pytest.MonkeyPatch,
    of_incident: Exporting,
) -> None:
    monkeypatch.setattr(store_incident, "PROOF_PART", part)
    sealed(engine, signer, 137)
    lines = of_incident(engine, signer)
    assert findings(lines) == []
    assert sum(b'"proof":' in line for line in lines) == 46


def test_what_is_not_sealed_yet_is_counted_and_left_out(engine: Conn, signer: Signer) -> None:
    sealed(engine, signer, 20)
    store.append(engine, [an_entry(100)])
    for lines in (f(engine, signer) for f in (whole, by_itself, in_its_log)):
        assert findings(lines) == []
        assert json.loads(lines[0])["unsealed"] == 1


@OF_INCIDENT
def test_an_incident_of_a_record_that_was_never_sealed_is_empty(
    engine: Conn, signer: Signer, of_incident: Exporting
) -> None:
    store.append(engine, [an_entry(1)])
    assert findings(of_incident(engine, signer)) == []


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("update record_entry set leaf = replace(encode(leaf, 'escape'), 'step\":5', 'step\":1')"
         "::bytea where seq = 12", "Entries 10 to 109 are not as sealed"),
        ("delete from record_entry where seq = 12", "Entry 12 is missing"),
        ("update record_entry set seq = case seq when 12 then 13 when 13 then 12 end"
         " where seq in (12, 13)", "Entries 10 to 109 are not as sealed"),
        ("delete from record_entry where seq >= 140", "There were 150 entries"),
    ],
)  # fmt: skip
def test_rows_changed_behind_our_back_are_found(
    connect: Connect, signer: Signer, statement: str, said: str
) -> None:
    engine, superuser = connect("engine"), connect("postgres")
    sealed(engine, signer, 150)
    superuser.execute("alter table record_entry drop constraint entry_seq")
    superuser.execute(statement)
    assert any(said in text for text in findings(whole(engine, signer)))


def test_an_end_cut_off_with_its_heads_is_found_by_a_witness(
    connect: Connect, signer: Signer
) -> None:
    engine, superuser = connect("engine"), connect("postgres")
    sealed(engine, signer, 150)
    head = store.latest_head(engine, cast.HARBOUR_EMS)
    assert head is not None
    kept = verify.witnesses_of(witness_line(head))
    superuser.execute("delete from record_entry where seq >= 140")
    superuser.execute("delete from record_head where size > 140")
    lines = whole(engine, signer)
    assert findings(lines) == []
    assert "the end was cut off" in verify.Check(kept).run(lines).findings[0]


def test_an_incident_of_a_damaged_record_has_no_paths(connect: Connect, signer: Signer) -> None:
    engine, superuser = connect("engine"), connect("postgres")
    sealed(engine, signer, 30)
    superuser.execute("delete from record_entry where seq = 12")
    with pytest.raises(store.RecordDamaged, match="missing between 0 and 30"):
        in_its_log(engine, signer)
    # A page answers with what is there; the verifier says what it is worth.
    assert "Entry 0 (line 3) is not what was sealed there." in findings(by_itself(engine, signer))


def test_an_incident_by_itself_names_what_is_not_as_it_was_sealed(
    connect: Connect, signer: Signer
) -> None:
    engine, superuser = connect("engine"), connect("postgres")
    sealed(engine, signer, 30)
    superuser.execute(
        "update record_entry set leaf = replace(encode(leaf, 'escape'), 'step\":5', 'step\":1')::bytea where seq = 12"
    )
    # It is the fifth of the incident; one whose path leads past it cannot be told from it.
    assert "Entry 4 (line 7) is not what was sealed there." in findings(by_itself(engine, signer))


@pytest.mark.guarantee("I11")
def test_an_incident_by_itself_says_nothing_of_the_log_that_it_lies_in(
    engine: Conn, signer: Signer
) -> None:
    found = []
    for before in (0, 100):
        with engine.transaction(force_rollback=True):
            # In a log of its own, and behind what the employer's holds of the day.
            store.append(engine, [an_entry(-n, incident_id=None) for n in range(1, before + 1)])
            sealed(engine, signer, 30)
            found.append(by_itself(engine, signer))
            assert in_its_log(engine, signer)[0] != found[-1][0]
    assert found[0] == found[1]
    assert findings(found[0]) == []
    assert str(cast.HARBOUR_EMS).encode() not in found[0][0] + found[0][1]
