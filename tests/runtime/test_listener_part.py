"""Is the listener started where a broker is named, and nowhere else?"""

import subprocess
import sys
from pathlib import Path

import pytest

from tocsin.runtime import settings
from tocsin.runtime.parts import LISTENER, parts_of
from tocsin.runtime.settings import SettingError


@pytest.mark.parametrize("demo", ["yes", "no"])
def test_the_listener_is_a_part_where_a_broker_is_named(demo: str) -> None:
    assert LISTENER not in parts_of(settings.load({"TOCSIN_DEMO": demo}))
    named = settings.load({"TOCSIN_DEMO": demo, "TOCSIN_MQTT_URL": "mqtt://broker"})
    assert parts_of(named)[-1] == LISTENER


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        ("broker", "is not an mqtt:// or mqtts:// address"),
        ("http://broker", "is not an mqtt:// or mqtts:// address"),
        ("mqtt:broker", "is not an mqtt:// or mqtts:// address"),
        ("mqtt://", "has no host or no readable port"),
    ],
)
def test_what_is_no_broker_s_address_is_refused(url: str, problem: str) -> None:
    with pytest.raises(SettingError, match=problem):
        settings.load({"TOCSIN_MQTT_URL": url})


def test_without_a_broker_it_says_so_and_ends(tmp_path: Path) -> None:
    environment = settings.environment({"TOCSIN_DATA": str(tmp_path), "TOCSIN_MQTT_URL": ""})
    done = subprocess.run(
        [sys.executable, "-m", "tocsin.listener"], env=environment, capture_output=True, text=True, timeout=30, check=False
    )  # fmt: skip
    assert done.returncode == 2
    assert "listener.no_broker" in done.stdout + done.stderr
