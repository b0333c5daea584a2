"""Do the units of the how-to start what there is, may each process write what it writes, does the proxy let through what we take?"""

import importlib.util
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tocsin.cli import COMMANDS
from tocsin.console.uploads import MAX_REQUEST_BYTES
from tocsin.gate import limits

HOW_TO = Path(__file__).parents[2] / "docs/how-to"
UNITS = sorted((HOW_TO / "systemd").glob("*.service"))
PROGRAM = "/opt/tocsin/venv/bin/"
KEYS = "/etc/tocsin/keys"


def values(unit: Path, name: str) -> list[str]:
    """Return what a unit sets `name` to, line by line."""
    lines = unit.read_text(encoding="utf-8").splitlines()
    return [line.partition("=")[2] for line in lines if line.startswith(f"{name}=")]


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.stem)
def test_a_unit_starts_a_program_that_there_is(unit: Path) -> None:
    (start,) = values(unit, "ExecStart")
    program, *words = start.removeprefix(PROGRAM).split()
    if program == "tocsin":
        assert words[0] in {command.name for command in COMMANDS}
    else:
        assert [program, words[0]] == ["python", "-m"]
        assert importlib.util.find_spec(f"{words[1]}.__main__")


def test_what_erases_may_write_the_list_of_it_beside_the_keys() -> None:
    # Everything else is read-only to them: without the list the engine erases nothing, at no date.
    may = {unit.stem for unit in UNITS if KEYS in " ".join(values(unit, "ReadWritePaths")).split()}
    assert may == {"tocsin", "tocsin-engine"}


def test_systemd_takes_the_units_where_it_is_here(tmp_path: Path) -> None:
    found = {line.split("=")[0] for unit in UNITS for line in unit.read_text().splitlines()}
    assert len([name for name in found if name[:1].isupper()]) > 30
    verify = shutil.which("systemd-analyze")
    if verify is None:
        return  # It is installed for no test: run by hand on Debian 12 for each release.
    for unit in UNITS:
        plain = re.sub("ExecStart=[^ \n]+", "ExecStart=/bin/true", unit.read_text())
        (tmp_path / unit.name).write_text(plain)
    done = subprocess.run(
        [verify, "verify", *sorted(tmp_path.iterdir())], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


# nginx' own words: bytes, or with k and m.
SIZES = {"": 1, "k": 1024, "m": 1024 * 1024}


def proxy(server: str) -> dict[str, str]:
    """Return the directives of one server of the proxy's configuration; of a `location` below "/live" with that before it."""
    page = (HOW_TO / "install-for-production.md").read_text(encoding="utf-8")
    (whole,) = re.findall("```nginx\n(.*?)```", page, re.DOTALL)
    (ours,) = [
        part for part in re.split(r"(?m)^server ", whole) if f"server_name {server};" in part
    ]
    found, place = {}, ""
    for line in (re.sub("#.*", "", line).strip() for line in ours.splitlines()):
        if line.startswith("location"):
            place = line.removeprefix("location").strip(" {").removeprefix("/")
        elif line.endswith(";"):
            name, _, value = line.strip(";").partition(" ")
            found[f"{place} {name}".strip()] = value.strip()
    return found


def size(text: str) -> int:
    """Return how many bytes nginx takes this for."""
    number, unit = re.fullmatch(r"(?:\d+ )?(\d+)([km]?)", text).groups()  # type: ignore[union-attr]
    return int(number) * SIZES[unit]


def test_the_proxy_lets_through_what_pages_and_gate_take_and_holds_no_live_line_back() -> None:
    pages, gate = proxy("tocsin.example.org"), proxy("sos.example.org")
    assert size(pages["client_max_body_size"]) == MAX_REQUEST_BYTES
    assert size(gate["client_max_body_size"]) == limits.INBOUND_BYTES
    assert size(gate["large_client_header_buffers"]) == limits.HEAD_BYTES
    assert pages["live proxy_buffering"] == "off"
    # Six live lines of one browser are all that it opens to a name over HTTP/1.1.
    assert pages["listen"] == gate["listen"] == "443 ssl http2"
    for server in (pages, gate):
        assert {"ssl_certificate", "ssl_certificate_key"} <= server.keys()


def test_a_client_behind_the_proxy_cannot_say_that_he_is_another() -> None:
    text = (HOW_TO / "install-for-production.md").read_text(encoding="utf-8")
    assert "proxy_set_header X-Forwarded-For $remote_addr;" in text
    assert "$proxy_add_x_forwarded_for" not in text
