"""What goes out by itself after a restart, and after a restore? What is due at once; of what is old, nothing (I7, I8)."""

import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace

import pytest

from tests.faults.lateness import wait_all_reached
from tests.faults.place import Place, until
from tocsin.record import store as record
from tocsin.runtime import doorbell, settings


def asked(place: Place, key: str, number: int) -> list[float]:
    """Return when she was asked about her walk."""
    return [a.at for a in place.sink.of_key(key) if a.path == f"/w/{number}"]


def let_go(place: Place) -> None:
    """Say `tocsin release`."""
    command = [sys.executable, "-m", "tocsin", "release"]
    environment = settings.environment(place.changes())
    done = subprocess.run(command, env=environment, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


# By day test_brownout.py asks it of an engine that has no database either.
@pytest.mark.night
@pytest.mark.guarantee("I7")
def test_a_walk_that_fell_due_while_no_engine_ran_is_asked_within_two_seconds_of_its_start(
    place: Place,
) -> None:
    # Nobody about whom anything is open: then she is asked, else it is taken into that.
    (who,) = place.enrol(1, walkers=len(place.people) + 1)
    walk = place.phones.press(who, act="walk", timer_s=10)
    place.wait_on_record([walk.key])
    engine = place.pid("engine")
    os.kill(engine, signal.SIGSTOP)
    time.sleep(max(0.0, walk.stored_at + 11 - time.monotonic()))
    assert asked(place, walk.key, who) == []
    place.kill("engine")
    place.wait_back("engine", engine)
    ready_at = time.monotonic()
    until(lambda: asked(place, walk.key, who), within_s=10, what="not asked")
    assert asked(place, walk.key, who)[0] - ready_at < 2.0


@pytest.mark.guarantee("I8")
def test_an_engine_on_a_database_older_than_what_was_signed_holds_what_is_old_until_it_is_let_go(
    place: Place,
) -> None:
    (who,) = place.enrol(1, walkers=len(place.people) + 1)
    held = place.settings.run_dir / doorbell.HELD
    walk = place.phones.press(who, act="walk", timer_s=10)
    place.wait_on_record([walk.key])
    place.wait_settled()
    engine = place.pid("engine")
    os.kill(engine, signal.SIGSTOP)
    heads = record.remembered(place.settings.spool_dir)
    ahead = {name: replace(head, size=head.size + 10_000) for name, head in heads.items()}
    record.replace_remembered(place.settings.spool_dir, ahead)
    place.kill("engine")
    place.wait_back("engine", engine)
    try:
        time.sleep(max(0.0, walk.stored_at + 12 - time.monotonic()))
        new = place.phones.press(place.fresh(1)[0])
        wait_all_reached(place, [new], within_s=10)
        time.sleep(1.5)
        assert asked(place, walk.key, who) == []
        # By this the doctor knows.
        assert held.exists()
    finally:
        let_go(place)
    until(lambda: asked(place, walk.key, who), within_s=10, what="not asked after the release")
    assert not held.exists()
    released = "select count(*) from record_entry where kind = 'engine.released'"
    until(lambda: place.count(released), within_s=10, what="the release is not on record")


@pytest.mark.night
@pytest.mark.guarantee("I7")
@pytest.mark.guarantee("I8")
def test_a_restart_sends_what_fell_due_at_once_and_a_restore_sends_nothing_until_a_person_lets_it(
    own_place: Place,
) -> None:
    place = own_place
    place.start()
    place.fill(on_duty=5, phones=20, walkers=4)
    restarted = place.phones.press(0, act="walk", timer_s=10)
    restored = place.phones.press(1, act="walk", timer_s=40)
    place.wait_on_record([restarted.key, restored.key])
    place.wait_settled()
    place.stop()
    copy = place.base.with_name(place.base.name + "-copy")
    subprocess.run(["cp", "-a", "--", str(place.base), str(copy)], check=True)
    time.sleep(max(0.0, restarted.stored_at + 11 - time.monotonic()))

    place.start(wait=False)
    until(lambda: place.pid("engine"), within_s=60)
    ready_at = time.monotonic()
    until(lambda: asked(place, restarted.key, 0), within_s=10, what="not asked after the restart")
    assert asked(place, restarted.key, 0)[0] - ready_at < 2.0
    place.wait_ready()
    later = place.phones.press(10)
    wait_all_reached(place, [later], within_s=10)
    place.wait_settled()
    place.stop()

    shutil.rmtree(place.base)
    copy.rename(place.base)
    old = len(asked(place, restarted.key, 0))
    time.sleep(max(0.0, restored.stored_at + 41 - time.monotonic()))
    place.start()
    new = place.phones.press(11)
    wait_all_reached(place, [new], within_s=20)
    time.sleep(3)
    assert "engine.held" in place.log.read_text(encoding="utf-8")
    assert len(asked(place, restarted.key, 0)) == old
    assert asked(place, restored.key, 1) == []
    let_go(place)
    until(lambda: asked(place, restored.key, 1), within_s=10, what="not asked after the release")
    place.wait_settled()
