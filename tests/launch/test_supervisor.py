"""Children are kept alive, reported and stopped."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from yigong.launch import environment, run
from yigong.launch.environment import LaunchError
from yigong.launch.postgres import Cluster
from yigong.launch.supervisor import Child, Supervisor

_HARNESS = """
import sys, tempfile
from pathlib import Path
from yigong.launch.postgres import Cluster
from yigong.launch.supervisor import Child, Supervisor
from yigong.launch.supervisor import Child, Database, Supervisor
folder = Path(sys.argv[1])
cluster = Cluster(folder, fast_and_unsafe=True)
supervisor = Supervisor([])
supervisor.listen()
cluster.start()
sleeper = "import signal, sys, time; signal.signal(15, lambda *_: sys.exit()); time.sleep(600)"
child = Child("孩子", [sys.executable, "-c", sleeper], pause=0.01)
supervisor.children += [Database(cluster), child]
supervisor.children[0].pause = 0.01
try:
    supervisor.run(cluster.is_running, lambda: print(cluster.process.pid, child.process.pid, flush=True))
finally:
    supervisor.stop()
print("bye", flush=True)
"""


def until(question: Callable[[], object], seconds: float = 20) -> None:
    """Wait for something another process does; fails when it does not happen."""
    limit = time.monotonic() + seconds
    while not question():
        assert time.monotonic() < limit, "did not happen in time"
        threading.Event().wait(0.02)


def is_alive(pid: int) -> bool:
    """Whether the process runs (a zombie does not)."""
    try:
        return ") Z" not in Path(f"/proc/{pid}/stat").read_text()
    except FileNotFoundError:
        return False


@pytest.fixture
def supervised() -> Iterator[tuple[subprocess.Popen, Path, int, int]]:
    """A supervisor with a database and one child: (process, its messages, pids of both)."""
    folder = Path(tempfile.mkdtemp(prefix="yigong-supervised-"))
    folder.chmod(0o755)
    messages = folder / "messages"
    with messages.open("w") as errors:
        process = subprocess.Popen(
            [sys.executable, "-c", _HARNESS, str(folder)], stdout=subprocess.PIPE, stderr=errors, text=True
        )
    assert process.stdout
    server, child = map(int, process.stdout.readline().split())
    yield process, messages, server, child
    if process.poll() is None:
        process.kill()
    process.wait()
    process.stdout.close()
    until(lambda: not (folder / "pg" / "postmaster.pid").exists())
    shutil.rmtree(Cluster(folder).socket, ignore_errors=True)
    shutil.rmtree(folder, ignore_errors=True)


def test_a_crashed_child_and_a_crashed_database_come_back(supervised: tuple) -> None:
    """kill -9 of each: one line says so, a new process takes its place."""
    _, messages, server, child = supervised
    os.kill(child, signal.SIGKILL)
    until(lambda: "孩子 意外停止（信号 SIGKILL）" in messages.read_text())
    os.kill(server, signal.SIGKILL)
    until(lambda: "数据库 意外停止（信号 SIGKILL）" in messages.read_text())
    until(Cluster(messages.parent).is_running)
    assert not is_alive(server)


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM])
def test_asked_to_stop_it_stops_everything(supervised: tuple, sign: signal.Signals) -> None:
    """Ctrl-C or SIGTERM ends all children within seconds and says nothing about crashes."""
    process, messages, server, child = supervised
    process.send_signal(sign)
    assert process.wait(20) == 0
    assert not is_alive(server)
    assert not is_alive(child)
    assert messages.read_text() == ""


def test_a_killed_supervisor_takes_its_children_along(supervised: tuple) -> None:
    """kill -9 of the supervisor leaves nothing behind."""
    process, _, server, child = supervised
    process.kill()
    process.wait()
    until(lambda: not is_alive(server) and not is_alive(child))


def test_a_port_in_use_is_named() -> None:
    """The second program on a port learns it before anything starts."""
    import socket

    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(LaunchError, match=f"端口 {port} 已被占用"):
            run.check_port("127.0.0.1", port)


def test_production_without_a_secret_does_not_start(tmp_path: Path) -> None:
    """One sentence, no traceback, no data."""
    env = {k: v for k, v in os.environ.items() if not k.startswith(("YIGONG_", "DATABASE_URL"))}
    env |= {"YIGONG_MODE": "production", "PYTHONPATH": str(environment.PROJECT / "src")}
    command = [sys.executable, "-m", "yigong", "run", "--port", "0", "--data", str(tmp_path / "data")]
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "YIGONG_SECRET" in done.stderr
    assert not (tmp_path / "data").exists()


def test_a_demo_keeps_its_secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Made once, mode 600, the same at the second start."""
    monkeypatch.setenv("YIGONG_MODE", "demo")
    monkeypatch.setenv("YIGONG_DATA", "")
    made = []
    for _ in range(2):
        monkeypatch.setenv("YIGONG_SECRET", "")
        environment.settle(tmp_path)
        made.append(os.environ["YIGONG_SECRET"])
    assert made[0] == made[1]
    assert len(made[0]) >= 50
    assert (tmp_path / "secret").stat().st_mode & 0o777 == 0o600


def test_reset_spares_folders_that_are_not_ours(tmp_path: Path) -> None:
    """A slip in --data must not cost somebody's files."""
    (tmp_path / "thesis.odt").write_text("years of work")
    with pytest.raises(LaunchError, match="不像是本平台的数据目录"):
        run.reset(tmp_path, Cluster(tmp_path))
    assert (tmp_path / "thesis.odt").exists()


def test_an_unchanged_program_is_not_prepared_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was prepared counts for this very program; a changed definition or an unfinished preparation is prepared anew."""
    project = tmp_path / "project"
    (project / "packs").mkdir(parents=True)
    monkeypatch.setattr(environment, "PROJECT", project)
    before = environment.fingerprint()
    (project / "packs" / "rule.toml").write_text("a = 1")
    after = environment.fingerprint()
    result = tmp_path / "prepared.json"
    assert run._kept(result, after) is None
    result.write_text(json.dumps({"mark": after}))
    assert run._kept(result, after)
    assert run._kept(result, before) is None
    result.write_text('{"commands"')
    assert run._kept(result, after) is None


def test_a_program_that_runs_once_is_not_brought_back() -> None:
    """Its end, also with an error, is no crash: nothing is said and nothing started again."""
    supervisor = Supervisor([Child("一次", [sys.executable, "-c", "raise SystemExit(3)"], once=True)])
    child = supervisor.children[0]
    child.start()
    assert child.process and child.process.wait(20) == 3
    supervisor._look_after(child)
    assert supervisor.children == []
