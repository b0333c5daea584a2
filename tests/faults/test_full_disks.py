"""What if a disk is full? Never a false *stored*; who was told *stored* is alarmed, and on record once there is space."""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.faults.lateness import PROMISED_S, SPARE_S, wait_all_reached
from tests.faults.phones import Pressed
from tests.faults.place import Place, until

pytestmark = [
    pytest.mark.night,
    pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount a small disk"),
]


@contextmanager
def small_disk(folder: Path, mb: int) -> Iterator[None]:
    """Mount an empty disk of this size over a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    options = f"size={mb}m,mode=0755"
    subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


@pytest.mark.guarantee("I1")
def test_a_full_spool_refuses_and_never_says_stored_and_what_it_took_alarms(
    own_place: Place, tmp_path: Path
) -> None:
    place = own_place
    place.more = {"TOCSIN_SPOOL": str(tmp_path / "disk" / "spool"), "TOCSIN_SPOOL_MB": "8"}
    with small_disk(tmp_path / "disk", 12):
        place.start()
        place.fill(on_duty=5, phones=300)
        place.restart_engine()
        (tmp_path / "disk" / "filler").write_bytes(b"\0" * 1024)
        engine = place.pid("engine")
        os.kill(engine, signal.SIGSTOP)
        stored: list[Pressed] = []
        refused = 0
        for turn in range(20):
            for number in range(250):
                key = f"full-{turn:02}-{number:04}"
                body = b'{"key":"%b","note":"%b"}' % (key.encode(), b"x" * 3800)
                status = place.phones.send_once(number, body)
                if status == 202:
                    stored.append(Pressed(number, key, 0.0, time.monotonic()))
                else:
                    assert status == 507
                    refused += 1
            if refused > 200:
                break
        assert refused > 200
        os.kill(engine, signal.SIGCONT)
        firsts = list({pressed.number: pressed for pressed in reversed(stored)}.values())
        assert len(firsts) == 250
        wait_all_reached(place, firsts, within_s=120)
        place.wait_on_record([pressed.key for pressed in stored], within_s=120)
        after = place.phones.press(299)
        wait_all_reached(place, [after], within_s=30)
        place.stop()


@pytest.mark.guarantee("I1")
@pytest.mark.guarantee("I22")
def test_a_database_that_cannot_write_any_more_stops_no_alarm_and_has_all_when_there_is_space(
    own_place: Place,
) -> None:
    place = own_place
    place.start()
    place.fill(on_duty=5, phones=60)
    place.restart_engine()
    place.stop()
    aside = place.base.with_name(place.base.name + "-aside")
    place.base.rename(aside)
    with small_disk(place.base, 400):
        subprocess.run(["cp", "-a", "--", f"{aside}/.", str(place.base)], check=True)
        shutil.rmtree(aside)
        place.start()
        before = [place.phones.press(number) for number in range(3)]
        wait_all_reached(place, before, within_s=10)
        filler = place.base / "filler"
        with filler.open("wb") as file:
            try:
                while True:
                    file.write(b"\0" * 65536)
                    file.flush()
            except OSError:
                pass
        presses = []
        for number in range(3, 53):
            presses.append(place.phones.press(number))
            time.sleep(0.2)
        worst = wait_all_reached(place, presses, within_s=20)
        assert '"store.away"' in place.log.read_text(encoding="utf-8")
        filler.unlink()
        keys = [pressed.key for pressed in (*before, *presses)]
        place.wait_on_record(keys, within_s=120)
        place.wait_settled(within_s=120)
        place.check_once(keys, may_repeat=True)
        place.stop()
    assert worst < PROMISED_S + SPARE_S
    until(lambda: not place.postgres_pids(), within_s=20)
