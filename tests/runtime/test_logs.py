"""What if nobody can hear the log any more: its disk is full, its reader has gone? The work goes on."""

import os
import subprocess
import sys

import pytest

ENGINE = (
    "from tocsin.runtime import logs; logs.configure('engine', plain={plain}); log = logs.get('x')"
)
GATE = "from tocsin.gate import journal as log"
SAYS = "[log.error('said', n=n) for n in range(3)]; print('goes on')"


def says_it(how: str, stderr: int) -> str:
    command = [sys.executable, "-c", f"{how}; {SAYS}"]
    done = subprocess.run(
        command, stdout=subprocess.PIPE, stderr=stderr, text=True, check=False, timeout=30
    )
    return done.stdout


@pytest.mark.guarantee("I22")
@pytest.mark.parametrize("how", [ENGINE.format(plain=False), ENGINE.format(plain=True), GATE])
def test_a_log_whose_disk_is_full_stops_no_part(how: str) -> None:
    with open("/dev/full", "wb") as full:
        assert says_it(how, full.fileno()) == "goes on\n"


@pytest.mark.guarantee("I22")
@pytest.mark.parametrize("how", [ENGINE.format(plain=False), GATE])
def test_a_log_whose_reader_has_gone_stops_no_part(how: str) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    assert says_it(how, writer) == "goes on\n"
    os.close(writer)
