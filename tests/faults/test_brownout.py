"""What if PostgreSQL is away? Everybody is alarmed all the same, and afterwards everything is on record, once."""

import time

import pytest

from tests.faults.lateness import PROMISED_S, SPARE_S, wait_all_reached
from tests.faults.phones import Pressed
from tests.faults.place import Place, until


def start_walks(place: Place, walkers: range, away_s: float) -> dict[str, tuple[Pressed, float]]:
    """Start walks that fall due while PostgreSQL is away; return each with its timer in seconds, by its key."""
    walks = {}
    for place_in_row, number in enumerate(walkers):
        timer_s = 10 + int(away_s * 0.6 * place_in_row / len(walkers))
        pressed = place.phones.press(number, act="walk", timer_s=timer_s)
        walks[pressed.key] = pressed, float(timer_s)
    place.wait_on_record(list(walks))
    return walks


def press_during(place: Place, began: float, away_s: float, n: int) -> list[Pressed]:
    """Press by n people, spread over the outage."""
    presses = []
    for count, number in enumerate(place.fresh(n)):
        time.sleep(max(0.0, began + away_s * 0.8 * count / n - time.monotonic()))
        presses.append(place.phones.press(number))
    return presses


def check_walks(
    place: Place, walks: dict[str, tuple[Pressed, float]], ready_at: float = 0.0
) -> None:
    """Check that each walker was asked in time, counted from `ready_at` if no engine ran before."""
    for key, (pressed, timer_s) in walks.items():
        path = f"/w/{pressed.number}"
        until(lambda key=key, path=path: place.sink.first(key, path) < float("inf"), within_s=10)  # type: ignore[misc]
        due_at = max(pressed.stored_at + timer_s, ready_at)
        assert place.sink.first(key, path) - due_at < PROMISED_S + SPARE_S


def play(place: Place, *, walkers: range, n_sos: int, away_s: float, stop: str) -> None:
    """Stop PostgreSQL under SOS and walks; everything promised is checked."""
    walks = start_walks(place, walkers, away_s)
    before = [place.phones.press(number) for number in place.fresh(2)]
    wait_all_reached(place, before, within_s=10)
    began = time.monotonic()
    getattr(place, stop)()
    presses = press_during(place, began, away_s, n_sos)
    worst = wait_all_reached(place, presses, within_s=10)
    time.sleep(max(0.0, began + away_s - time.monotonic()))
    check_walks(place, walks)
    assert worst < PROMISED_S + SPARE_S
    place.let_postgres_go()
    keys = [pressed.key for pressed in (*before, *presses)]
    place.wait_on_record(keys)
    place.wait_settled()
    place.check_once([*keys, *walks])


@pytest.mark.guarantee("I1")
@pytest.mark.guarantee("I22")
def test_everybody_is_alarmed_while_postgresql_hangs_and_all_is_on_record_afterwards(
    place: Place,
) -> None:
    play(place, walkers=range(2), n_sos=10, away_s=14, stop="hang_postgres")


@pytest.mark.guarantee("I1")
@pytest.mark.guarantee("I22")
def test_an_engine_killed_without_postgresql_alarms_from_the_sealed_snapshot_and_a_stranger_to_it_later(
    place: Place,
) -> None:
    until(lambda: place.snapshot_age_s() < 5, within_s=40, what="no fresh snapshot")
    late_comer = place.enrol(1)[0]
    walks = start_walks(place, range(2, 4), 5)
    place.take_postgres_away()
    first = [place.phones.press(number) for number in place.fresh(3)]
    wait_all_reached(place, first, within_s=10)
    unknown = place.phones.press(late_comer)
    engine = place.pid("engine")
    place.kill("engine")
    place.wait_back("engine", engine)
    ready_at = time.monotonic()
    second = [place.phones.press(number) for number in place.fresh(3)]
    wait_all_reached(place, second, within_s=10)
    check_walks(place, walks, ready_at)
    place.let_postgres_go()
    wait_all_reached(place, [unknown], within_s=60)
    keys = [pressed.key for pressed in (*first, *second, unknown)]
    place.wait_on_record(keys)
    outages = "select count(*) from record_entry where kind = 'engine.caught_up'"
    until(lambda: place.count(outages), within_s=10, what="the outage is not on record")
    place.wait_settled()
    place.check_once([*keys, *walks], may_repeat=True)


@pytest.mark.night
@pytest.mark.guarantee("I1")
@pytest.mark.parametrize("stop", ["take_postgres_away", "hang_postgres"])
def test_fifty_sos_and_five_walks_in_ten_minutes_without_postgresql(
    place: Place, stop: str
) -> None:
    walkers = range(4, 9) if stop == "hang_postgres" else range(9, 14)
    play(place, walkers=walkers, n_sos=50, away_s=600, stop=stop)


def test_a_row_that_somebody_holds_for_three_seconds_loses_and_doubles_nothing(
    place: Place,
) -> None:
    number = place.fresh(1)[0]
    first = place.phones.press(number)
    wait_all_reached(place, [first], within_s=10)
    with place.superuser() as conn, conn.transaction():
        conn.execute("select 1 from decisions_incident where key = %s for update", (first.key,))
        again = place.phones.press(number)
        others = [place.phones.press(other) for other in place.fresh(3)]
        worst = wait_all_reached(place, others, within_s=10)
        time.sleep(3)
    assert worst < PROMISED_S + SPARE_S
    keys = [first.key, again.key, *(other.key for other in others)]
    place.wait_on_record(keys)
    place.wait_settled()
    assert place.count("select count(*) from decisions_incident where key = any(%s)", keys) == 4
    place.check_once([other.key for other in others])


@pytest.mark.night
@pytest.mark.guarantee("I1")
def test_newer_code_that_finds_no_postgresql_alarms_and_touches_no_table_until_they_are_migrated(
    place: Place,
) -> None:
    stamp = place.settings.data_dir / "migrated"
    place.take_postgres_away()
    place.stop()
    stamp.write_text("of older code", encoding="utf-8")
    place.start(wait=False)
    until(lambda: place.pid("engine"), within_s=15, what="no engine stands by")
    presses = [place.phones.press(number) for number in place.fresh(2)]
    worst = wait_all_reached(place, presses, within_s=10)
    assert worst < PROMISED_S + SPARE_S
    assert stamp.read_text(encoding="utf-8") == "of older code"
    engine = place.pid("engine")
    place.let_postgres_go()
    place.wait_ready()
    assert stamp.read_text(encoding="utf-8") != "of older code"
    keys = [pressed.key for pressed in presses]
    place.wait_on_record(keys)
    place.wait_settled()
    place.check_once(keys)
    assert place.pid("engine") == engine, "the one that stood by goes on"
