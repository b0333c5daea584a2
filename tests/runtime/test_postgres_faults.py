"""What does the embedded PostgreSQL do when it is killed, orphaned or finds a mess?"""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Thread

import psycopg
import pytest

from tests.runtime.conftest import is_alive, until
from tocsin.runtime import postgres, postgres_home, settings
from tocsin.runtime.postgres import Cluster, database_url
from tocsin.runtime.postgres_home import PostgresError
from tocsin.runtime.settings import Settings

REPOSITORY = Path(__file__).parents[2]

# An ordinary user's run of the whole life of a server, in a Python of the system: root's own may
# lie in a closed home.
LIFE = """
import os, sys
from pathlib import Path
from tocsin.runtime import postgres_home, settings
from tocsin.runtime.postgres import Cluster, database_url
config = settings.load({"TOCSIN_DATA": sys.argv[1]})
server = Cluster(config, durable=False)
assert server.start() == "made"
base = postgres_home.base_folder(config)
assert base == Path(sys.argv[1]).resolve() / "postgres", base
socket = postgres_home.socket_folder(base)
assert socket.stat().st_mode & 0o777 == 0o700
os.kill(server.pid, 9)
while postgres_home.is_running(base / "data"):
    pass
assert server.start() == "started"
server.stop()
assert server.pid is None
print(socket)
server.remove()
"""

REFUSED = """
import sys
from tocsin.runtime import postgres_home, settings
try:
    postgres_home.open_home(settings.load({"TOCSIN_DATA": sys.argv[1]}))
except postgres_home.PostgresError as problem:
    print(problem)
"""


@pytest.fixture
def config(tmp_path: Path) -> Iterator[Settings]:
    """Return settings on an empty folder; whatever lives there at the end is killed and removed."""
    one = settings.load({"TOCSIN_DATA": str(tmp_path / "data")})
    yield one
    base = postgres_home.base_folder(one)
    for pid in postgres_home.processes_in(base / "data"):
        os.kill(pid, signal.SIGKILL)
    shutil.rmtree(base, ignore_errors=True)


@pytest.fixture
def make(config: Settings) -> Callable[[], Cluster]:
    """Return a maker of clusters on that folder."""
    return lambda: Cluster(config, durable=False)


def keep_a_row(cluster: Cluster) -> None:
    with psycopg.connect(cluster.url("owner")) as connection:
        connection.execute("CREATE TABLE kept (x int)")
        connection.execute("INSERT INTO kept VALUES (1)")


def rows(cluster: Cluster) -> object:
    with psycopg.connect(cluster.url("owner")) as connection:
        return connection.execute("SELECT count(*) FROM kept").fetchone()


def test_a_killed_server_is_up_again_with_all_rows(make: Callable[[], Cluster]) -> None:
    cluster = make()
    cluster.start()
    keep_a_row(cluster)
    watching = Thread(target=cluster.watch, daemon=True)
    watching.start()
    killed = cluster.pid
    assert killed is not None

    os.kill(killed, signal.SIGKILL)

    until(lambda: cluster.pid != killed and can_connect(cluster), within_s=4)
    assert rows(cluster) == (1,)
    cluster.stopping.set()
    watching.join()
    cluster.stop()


def test_a_server_that_cannot_start_is_tried_with_growing_pauses_and_comes_back(
    config: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres, "LONGEST_PAUSE_S", 0.8)
    said: list[str] = []
    cluster = Cluster(config, durable=False, say=lambda event, **_: said.append(event))
    cluster.start()
    control = postgres_home.base_folder(config) / "data" / "global" / "pg_control"
    aside = control.with_suffix(".aside")
    control.rename(aside)
    watching = Thread(target=cluster.watch, daemon=True)
    watching.start()
    assert cluster.pid is not None
    os.kill(cluster.pid, signal.SIGKILL)
    until(lambda: said.count("postgres.refused") >= 4, within_s=10)
    before = len(said)

    time.sleep(3)

    assert len(said) - before <= 8
    aside.rename(control)
    until(lambda: can_connect(cluster), within_s=4)
    cluster.stopping.set()
    watching.join()
    cluster.stop()


def can_connect(cluster: Cluster) -> bool:
    try:
        psycopg.connect(cluster.url("owner"), connect_timeout=1).close()
    except psycopg.OperationalError:
        return False
    return True


def test_a_busy_backend_of_a_killed_server_does_not_keep_the_next_from_starting(
    make: Callable[[], Cluster],
) -> None:
    cluster = make()
    cluster.start()
    busy = psycopg.connect(cluster.url("owner"), autocommit=True)
    worker = Thread(target=run_until_cut, args=(busy,), daemon=True)
    worker.start()
    until(lambda: "SELECT" in titles_in(cluster), within_s=4)

    os.kill(cluster.pid or 0, signal.SIGKILL)
    until(lambda: not is_alive(cluster.pid or 0), within_s=2)

    assert cluster.start() == "started"
    worker.join(timeout=5)
    assert not worker.is_alive()
    cluster.stop()


def run_until_cut(connection: psycopg.Connection[tuple[object, ...]]) -> None:
    with pytest.raises(psycopg.OperationalError):
        connection.execute(
            "SELECT count(*) FROM generate_series(1, 9999) a, generate_series(1, 9999) b, "
            "generate_series(1, 9999) c"
        )


def titles_in(cluster: Cluster) -> str:
    with psycopg.connect(cluster.url("postgres")) as connection:
        connection.execute("SET application_name = 'looking'")
        found = connection.execute(
            "SELECT string_agg(query, ' ') FROM pg_stat_activity"
            " WHERE state = 'active' AND application_name <> 'looking'"
        ).fetchone()
    return str(found)


def test_a_pid_file_that_names_a_stranger_is_not_believed_and_the_stranger_is_left_alone(
    config: Settings, make: Callable[[], Cluster]
) -> None:
    cluster = make()
    cluster.start()
    file = postgres_home.base_folder(config) / "data" / "postmaster.pid"
    lines = file.read_text(encoding="utf-8").splitlines()
    cluster.stop()
    with subprocess.Popen(["sleep", "60"]) as stranger:
        file.write_text("\n".join([str(stranger.pid), *lines[1:]]), encoding="utf-8")
        shutil.chown(file, *owner_of(file.parent))

        assert cluster.start() == "started"

        assert stranger.poll() is None
        stranger.kill()
    cluster.stop()


def owner_of(path: Path) -> tuple[int, int]:
    return path.stat().st_uid, path.stat().st_gid


def test_a_server_that_outlived_its_supervisor_is_adopted_and_ends_with_the_next(
    config: Settings, make: Callable[[], Cluster]
) -> None:
    script = (
        "import os, sys; from tocsin.runtime import settings; from tocsin.runtime.postgres "
        "import Cluster;"
        "c = Cluster(settings.load({'TOCSIN_DATA': sys.argv[1]}), durable=False); c.start();"
        "print(c.pid, flush=True); os.kill(os.getpid(), 9)"
    )
    command = [sys.executable, "-c", script, str(config.data_dir)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    outlived = int(done.stdout)
    assert is_alive(outlived)

    cluster = make()

    assert cluster.start() == "adopted"
    assert cluster.pid == outlived
    cluster.stop()
    until(lambda: not is_alive(outlived), within_s=2)


def test_a_half_made_cluster_is_never_seen(config: Settings, make: Callable[[], Cluster]) -> None:
    script = (
        "import sys; from tocsin.runtime import settings; from tocsin.runtime.postgres import "
        "Cluster;"
        "Cluster(settings.load({'TOCSIN_DATA': sys.argv[1]}), durable=False).start()"
    )
    base = postgres_home.base_folder(config)
    with subprocess.Popen([sys.executable, "-c", script, str(config.data_dir)]) as killed:
        until(lambda: any(base.glob("data.making-*/base")), within_s=10)
        killed.kill()
    assert not (base / "data").exists()

    cluster = make()

    assert cluster.start() == "made"
    cluster.stop()
    # The killed one's initdb may have written on for a moment; the next start finds the rest of it.
    assert cluster.start() == "started"
    assert not list(base.glob("data.making-*"))
    cluster.stop()


def test_a_lasting_database_whose_folder_was_deleted_is_set_aside_and_not_deleted() -> None:
    if os.geteuid() != 0:
        # An ordinary user's database lies in the folder itself.
        return
    folder = Path("/var/tmp") / f"tocsin-lasting-{os.getpid()}"
    base = postgres_home.base_folder(settings.load({"TOCSIN_DATA": str(folder)}))
    for _ in range(2):
        postgres_home.open_home(settings.load({"TOCSIN_DATA": str(folder)}))
        shutil.rmtree(folder)
    aside = base.with_name(f"{base.name}.set-aside-1")
    assert aside.is_dir()
    shutil.rmtree(aside)
    shutil.rmtree(base)


@pytest.mark.night
def test_two_supervisors_never_share_a_folder(make: Callable[[], Cluster]) -> None:
    first, second = make(), make()
    first.start()
    with pytest.raises(PostgresError, match=rf"another Tocsin \(process {os.getpid()}\)"):
        second.start()
    first.stop()
    assert second.start() == "started"
    second.stop()


def test_a_data_folder_made_anew_gets_a_new_database(
    config: Settings, make: Callable[[], Cluster]
) -> None:
    cluster = make()
    cluster.start()
    # Its supervisor was killed, the server lives on, and the folder is deleted under it.
    shutil.rmtree(config.data_dir)

    again = make()

    assert again.start() == "made"
    again.stop()
    cluster.stop()


@pytest.mark.night
def test_data_of_another_major_version_is_refused_by_both_numbers(
    config: Settings, make: Callable[[], Cluster]
) -> None:
    cluster = make()
    cluster.start()
    cluster.stop()
    (postgres_home.base_folder(config) / "data" / "PG_VERSION").write_text("12\n", encoding="utf-8")
    with pytest.raises(PostgresError, match=r"is of PostgreSQL 12, the programs are 18"):
        cluster.start()


def test_nothing_that_we_did_not_make_is_changed(tmp_path: Path) -> None:
    """Neither a closed home, nor a data folder that was there with what its owner keeps in it."""
    closed = tmp_path / "home"
    data, kept = closed / "data", closed / "data" / "kept"
    kept.mkdir(parents=True)
    (kept / "file").write_text("hers", encoding="utf-8")
    for path, mode in ((closed, 0o700), (data, 0o751), (kept, 0o711), (kept / "file", 0o604)):
        path.chmod(mode)
    there = (tmp_path, closed, data, kept, kept / "file")
    before = [path.stat() for path in there]
    cluster = Cluster(settings.load({"TOCSIN_DATA": str(data)}), durable=False)
    cluster.start()
    cluster.remove()
    after = [path.stat() for path in there]
    assert [(one.st_mode, one.st_uid, one.st_gid) for one in after] == [
        (one.st_mode, one.st_uid, one.st_gid) for one in before
    ]
    assert (after[-1].st_mtime_ns, after[-1].st_ino) == (before[-1].st_mtime_ns, before[-1].st_ino)


def test_an_ordinary_user_runs_it_all_in_the_own_data_folder() -> None:
    done = run_as_ordinary_user("life")
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip().endswith("/postgres/run")


def test_a_socket_path_that_would_be_too_long_lies_in_a_short_private_folder() -> None:
    done = run_as_ordinary_user("x" * 120)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("/tmp/tocsin-")


def test_a_data_folder_that_may_not_be_made_is_told_with_what_helps() -> None:
    done = run_as_ordinary_user("/usr/tocsin-of-nobody", script=REFUSED)
    assert "Permission denied: '/usr/tocsin-of-nobody'" in done.stdout, done.stderr
    assert "set TOCSIN_DATA to a folder you own" in done.stdout


def run_as_ordinary_user(name: str, script: str = LIFE) -> subprocess.CompletedProcess[str]:
    """Run a script as nobody (or as ourselves, unless we are root), in a home closed to others."""
    become: list[str] = []
    home = Path("/tmp") / f"tocsin-home-{os.getpid()}"
    home.mkdir(mode=0o700)
    if os.geteuid() == 0:
        become = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
        shutil.chown(home, 65534, 65534)
    python = shutil.which("python3", path="/usr/bin:/usr/local/bin") if become else sys.executable
    if python is None:
        pytest.skip("there is no Python that another account may run")
    packages = Path(psycopg.__file__).parents[1]
    try:
        return subprocess.run(
            [*become, python, "-c", script, str(home / name)],
            env={"PYTHONPATH": f"{REPOSITORY / 'src'}:{packages}", "PATH": "/usr/bin:/bin"},
            capture_output=True,
            text=True,
            check=False,
            cwd="/",
        )
    finally:
        shutil.rmtree(home)


def test_a_folder_in_the_sockets_place_that_is_not_ours_is_refused(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    config = settings.load({"TOCSIN_DATA": str(data)})
    Cluster(config, durable=False).remove()
    home = postgres_home.open_home(config)
    socket = postgres_home.socket_folder(home.base)
    socket.rmdir()
    socket.symlink_to(tmp_path)
    with pytest.raises(PostgresError, match="is not a private folder of ours"):
        postgres_home.open_home(config)
    shutil.rmtree(home.base)


def test_an_outside_address_keeps_its_hosts_and_gets_the_role() -> None:
    url = (
        "postgresql://somebody:secret@a.example:5432,b.example/ours?target_session_attrs=read-write"
    )
    config = settings.load({"TOCSIN_DATABASE_URL": url})
    assert database_url(config, "web") == (
        "postgresql://tocsin_web:secret@a.example:5432,b.example/ours?target_session_attrs=read-write"
    )
    assert "/floor?" in database_url(config, "engine", database="floor")


def test_with_an_outside_database_nothing_is_started(tmp_path: Path) -> None:
    data = tmp_path / "data"
    config = settings.load(
        {"TOCSIN_DATA": str(data), "TOCSIN_DATABASE_URL": "postgresql://db.example/tocsin"}
    )
    cluster = Cluster(config)
    assert cluster.start() == "outside"
    cluster.stop()
    assert not data.exists()


def test_a_command_borrows_the_running_server_and_leaves_it_running(
    config: Settings, make: Callable[[], Cluster]
) -> None:
    cluster = make()
    cluster.start()
    with postgres.running(config):
        pass
    assert is_alive(cluster.pid or 0)
    cluster.stop()
