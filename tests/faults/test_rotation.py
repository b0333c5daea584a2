"""Is the master key replaced under a Tocsin that works, by the command, and does nobody notice?"""

import subprocess
import sys
import time
from uuid import UUID

import pytest

from tests.faults.lateness import wait_all_reached
from tests.faults.place import Place
from tocsin.engine import snapshotting
from tocsin.runtime import keys
from tocsin.runtime import settings as settings_module
from tocsin.runtime.encryption import DecryptionRefused, KeyRing

PRESSES = 150


@pytest.mark.guarantee("I26")
def test_the_command_rotates_while_people_press_and_the_old_key_opens_nothing_then(
    place: Place,
) -> None:
    keys_dir = place.settings.keys_dir
    old = KeyRing(keys.load(keys_dir).masters)
    wrapped_before = _wrapped(place)
    logged = place.log.stat().st_size
    numbers = iter(place.enrol(PRESSES))
    command = subprocess.Popen([sys.executable, "-m", "tocsin", "keys", "rotate"], env=settings_module.environment(place.changes()), stderr=subprocess.PIPE, text=True)  # fmt: skip
    presses = []
    while command.poll() is None:
        presses.append(place.phones.press(next(numbers)))
        time.sleep(0.05)
    _, said = command.communicate(timeout=60)
    assert command.returncode == 0, said
    assert "1 old one is not needed any more" in said
    # And what comes when the old key is out: every address is opened with the new one.
    presses += [place.phones.press(next(numbers)) for _ in range(3)]
    wait_all_reached(place, presses, within_s=60)
    place.wait_settled()
    place.check_once([one.key for one in presses])
    new = KeyRing(keys.load(keys_dir).masters)
    now = _wrapped(place)
    assert now.keys() >= wrapped_before.keys()
    assert all(new.is_current(each) for each in now.values())
    person_id, wrapped = next(iter(now.items()))
    with pytest.raises(DecryptionRefused):
        old.person_key(person_id, wrapped)
    # An engine that starts without its database knows whom to call.
    assert snapshotting.read(place.settings.spool_dir, new) is not None
    with place.log.open("rb") as file:
        file.seek(logged)
        assert [line for line in file.read().splitlines() if b'"level": "error"' in line] == []


def _wrapped(place: Place) -> dict[UUID, bytes]:
    rows = place.ask("select person_id, wrapped from registry_personkey")
    return {person_id: bytes(wrapped) for person_id, wrapped in rows}
