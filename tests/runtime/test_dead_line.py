"""Does a connection to a server elsewhere end its wait when the line is cut? The kernel alone would wait for minutes."""

import contextlib
import socket
import threading
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import psycopg
import pytest

from tocsin.console.live import link as link_of_screens
from tocsin.runtime import settings as settings_module
from tocsin.runtime.database import connect, django_database, link
from tocsin.runtime.postgres import Cluster
from tocsin.runtime.settings import Settings

ENDS = {
    "connect_timeout": "5",
    "keepalives": "1",
    "keepalives_idle": "4",
    "keepalives_interval": "2",
    "keepalives_count": "3",
    "tcp_user_timeout": "10000",
}


@pytest.fixture
def elsewhere(cluster: Cluster) -> Iterator[Settings]:
    """Return the settings by which the tests' server is reached over TCP, as an outside one is."""
    url = urlsplit(cluster.url("web"))
    folder = parse_qs(url.query)["host"][0]
    with socket.create_server(("127.0.0.1", 0)) as door:
        threading.Thread(target=_relay, args=(door, f"{folder}/.s.PGSQL.5432"), daemon=True).start()
        port = door.getsockname()[1]
        yield settings_module.load({"TOCSIN_DATABASE_URL": f"postgresql://any@127.0.0.1:{port}{url.path}"})  # fmt: skip


def _relay(door: socket.socket, path: str) -> None:
    with contextlib.suppress(OSError):
        while True:
            near, _ = door.accept()
            far = socket.socket(socket.AF_UNIX)
            far.connect(path)
            for one, other in ((near, far), (far, near)):
                threading.Thread(target=_pump, args=(one, other), daemon=True).start()


def _pump(one: socket.socket, other: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while piece := one.recv(65536):
            other.sendall(piece)
        other.shutdown(socket.SHUT_WR)


def test_a_wire_to_a_server_elsewhere_ends_its_wait_within_ten_seconds(elsewhere: Settings) -> None:
    with connect(elsewhere, "web") as conn:
        assert conn.info.get_parameters().items() >= ENDS.items()
        assert conn.info.get_parameters()["application_name"] == "tocsin-web"
        with socket.fromfd(conn.pgconn.socket, socket.AF_INET, socket.SOCK_STREAM) as wire:
            of_wire = [wire.getsockopt(socket.IPPROTO_TCP, name) for name in (socket.TCP_KEEPIDLE, socket.TCP_KEEPINTVL, socket.TCP_KEEPCNT, socket.TCP_USER_TIMEOUT)]  # fmt: skip
            assert wire.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE) == 1
        assert of_wire == [4, 2, 3, 10_000]


@pytest.mark.parametrize("role", ["web", "door"])
def test_the_pages_connections_end_their_wait_too(elsewhere: Settings, role: str) -> None:
    with psycopg.connect(**django_database(elsewhere, role)["OPTIONS"]) as conn:
        assert conn.info.get_parameters().items() >= ENDS.items()


def test_what_the_operator_writes_in_the_address_stands() -> None:
    own = link("postgresql://db.example/tocsin?keepalives_idle=60")
    assert (own["keepalives_idle"], own["tcp_user_timeout"]) == ("60", 10_000)
    assert link_of_screens is link
