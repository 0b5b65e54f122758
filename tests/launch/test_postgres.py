"""The embedded database under our supervision, on real clusters."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from yigong.launch import postgres
from yigong.launch.postgres import Cluster, PostgresError

_OWNER = """
import sys, time
from pathlib import Path
from yigong.launch.postgres import Cluster
cluster = Cluster(Path(sys.argv[1]), fast_and_unsafe=True)
cluster.start()
print(cluster.process.pid, flush=True)
time.sleep(600)
"""


@pytest.fixture
def folder() -> Iterator[Path]:
    """A data folder that the server's user may enter."""
    path = Path(tempfile.mkdtemp(prefix="yigong-cluster-"))
    path.chmod(0o755)
    yield path
    shutil.rmtree(Cluster(path).socket, ignore_errors=True)
    shutil.rmtree(path, ignore_errors=True)


@pytest.fixture
def cluster(folder: Path) -> Iterator[Cluster]:
    """A running cluster, stopped at the end."""
    cluster = Cluster(folder, fast_and_unsafe=True)
    cluster.start()
    yield cluster
    cluster.stop()


def rows_of(cluster: Cluster, sql: str) -> list[tuple]:
    """What one statement returns."""
    with psycopg.connect(cluster.url()) as link:
        return link.execute(sql).fetchall()


def test_a_second_owner_is_refused_by_name(cluster: Cluster) -> None:
    """Two programs on one data folder: the second learns which process has it, the first goes on."""
    with pytest.raises(PostgresError, match=f"进程 {os.getpid()}"):
        Cluster(cluster.folder).start()
    assert rows_of(cluster, "select 1") == [(1,)]


def test_data_outlives_a_killed_server(folder: Path) -> None:
    """kill -9 of the server, then a start: committed rows are there."""
    cluster = Cluster(folder)
    cluster.start()
    with psycopg.connect(cluster.url()) as link:
        link.execute("create table kept as select generate_series(1, 1000) as n")
    assert cluster.process
    cluster.process.kill()
    cluster.process.wait()
    cluster.start()
    assert rows_of(cluster, "select count(*) from kept") == [(1000,)]
    cluster.stop()


@pytest.mark.parametrize("signals", [[signal.SIGKILL], [signal.SIGKILL, signal.SIGSTOP]], ids=["owner", "both"])
def test_a_killed_owner_leaves_no_obstacle(folder: Path, signals: list[int]) -> None:
    """kill -9 of the owner takes the server along; even a server that hangs meanwhile does not block the next start."""
    with subprocess.Popen([sys.executable, "-c", _OWNER, str(folder)], stdout=subprocess.PIPE, text=True) as owner:
        assert owner.stdout
        server = int(owner.stdout.readline())
        if len(signals) == 2:
            os.kill(server, signals[1])
        owner.kill()
    if len(signals) == 2:
        os.kill(server, signal.SIGCONT)
    heir = Cluster(folder, fast_and_unsafe=True)
    heir.start()
    try:
        assert heir.process and heir.process.pid != server
        assert rows_of(heir, "select 1") == [(1,)]
    finally:
        heir.stop()


def test_a_stale_pid_file_with_a_reused_number_does_not_block(cluster: Cluster) -> None:
    """After a crash the number in postmaster.pid may belong to somebody else."""
    cluster.stop()
    (cluster.data / "postmaster.pid").write_text(f"{os.getppid()}\n{cluster.data}\n0\n5432\n{cluster.socket}\n\n0 0\n")
    cluster.start()
    assert rows_of(cluster, "select 1") == [(1,)]


def test_an_empty_pid_file_does_not_block(cluster: Cluster) -> None:
    """A start on a full disk leaves the file without a word in it, which the server by itself would refuse for ever."""
    cluster.stop()
    (cluster.data / "postmaster.pid").touch()
    cluster.start()
    assert rows_of(cluster, "select 1") == [(1,)]


def test_an_interrupted_first_start_is_begun_again(folder: Path) -> None:
    """A half-made cluster is no cluster."""
    (folder / "pg" / "base").mkdir(parents=True)
    cluster = Cluster(folder, fast_and_unsafe=True)
    cluster.start()
    cluster.stop()
    assert not cluster.socket.exists()


def test_tcp_needs_the_kept_password(folder: Path, unused_tcp_port: int) -> None:
    """With a port the server listens on this machine only, and asks for the password."""
    cluster = Cluster(folder, fast_and_unsafe=True, port=unused_tcp_port)
    cluster.start()
    try:
        with psycopg.connect(cluster.tcp_url()) as link:
            assert link.execute("show listen_addresses").fetchone() == ("127.0.0.1",)
        with pytest.raises(psycopg.OperationalError):
            psycopg.connect(f"postgresql://yigong:wrong@127.0.0.1:{unused_tcp_port}/yigong")
        assert (folder / "pg-password").stat().st_mode & 0o777 == 0o600
    finally:
        cluster.stop()


def test_a_folder_the_server_cannot_enter_is_refused(folder: Path) -> None:
    """As root: one sentence that names the folder and the remedy."""
    if os.geteuid() != 0:
        pytest.skip("only root hands the server to another user")
    folder.chmod(0o700)
    with pytest.raises(PostgresError, match="chmod o\\+x"):
        Cluster(folder).start()


def test_without_a_build_for_this_machine_the_way_out_is_named(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """musl or LoongArch: the sentence names DATABASE_URL."""
    monkeypatch.setattr(postgres, "find_spec", lambda name: None)
    with pytest.raises(PostgresError, match="DATABASE_URL"):
        Cluster(folder).start()
