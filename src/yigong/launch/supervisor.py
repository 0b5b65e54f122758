"""Keeps the children alive: one loop that waits for signals, restarts what crashed and stops all in order."""

import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field

from yigong.launch.postgres import Cluster, PostgresError, die_with_parent

_FIRST_PAUSE, _LONGEST_PAUSE = 0.5, 30.0
_HEALTHY_AFTER = 60.0
_PATIENCE = 10.0


@dataclass
class Child:
    """One program to keep running; ``label`` is what people read."""

    label: str
    command: list[str]
    env: dict[str, str] = field(default_factory=dict)
    process: subprocess.Popen | None = None
    started: float = 0.0
    pause: float = _FIRST_PAUSE
    due: float = 0.0
    once: bool = False  # ends by itself; neither its end nor its failure is a crash

    def start(self) -> None:
        """Start the program in a session of its own, so that Ctrl-C reaches only the supervisor."""
        self.started = time.monotonic()
        self.process = subprocess.Popen(
            self.command,
            env={**os.environ, **self.env},
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            preexec_fn=die_with_parent(signal.SIGTERM),  # noqa: PLW1509 - the supervisor has no threads
        )

    def ended(self) -> int | None:
        """The exit status when the program is gone, else None."""
        return self.process.poll() if self.process else None

    def ask_to_stop(self) -> None:
        """SIGTERM to the program; it stops its own helpers."""
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)

    def make_sure(self, limit: float) -> None:
        """Wait until ``limit``, then kill whatever is left of the program's session."""
        if not self.process:
            return
        try:
            self.process.wait(max(0.0, limit - time.monotonic()))
        except subprocess.TimeoutExpired:
            say(f"{self.label} 没有按时停下，强制结束。")
        kill_group(self.process.pid)
        self.process.wait()


class Database(Child):
    """The embedded cluster as a child like the others."""

    def __init__(self, cluster: Cluster) -> None:
        super().__init__("数据库", [])
        self.cluster = cluster
        self.process = cluster.process
        self.started = time.monotonic()

    def start(self) -> None:
        """Start the server again; a failed start counts as a crash and is tried again."""
        self.started = time.monotonic()
        try:
            self.cluster.start()
        except (
            PostgresError,
            OSError,
        ) as failure:  # such as a full disk, where the server finds no room for its lock file
            say(f"数据库没有启动成功：{failure}")
        self.process = self.cluster.process

    def ask_to_stop(self) -> None:
        """Nothing yet: the others must be gone first."""

    def make_sure(self, limit: float) -> None:
        """A fast shutdown."""
        self.cluster.stop()


class Supervisor:
    """Runs children until a signal asks for the end. The first child is stopped last."""

    def __init__(self, children: list[Child]) -> None:
        self.children = children
        self._stopping = False
        self._wake, self._bell = os.pipe()
        os.set_blocking(self._bell, False)
        os.set_blocking(self._wake, False)

    def listen(self) -> None:
        """Take over SIGINT, SIGTERM, SIGHUP and SIGCHLD."""
        signal.set_wakeup_fd(self._bell, warn_on_full_buffer=False)
        for sign in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(sign, self._ask)
        signal.signal(signal.SIGCHLD, lambda *_: None)

    def run_once(self, child: Child) -> int | None:
        """Run a program to its end; returns its exit status, or None when we were asked to stop meanwhile."""
        child.start()
        while (status := child.ended()) is None and not self._stopping:
            self._sleep(60.0)
        if status is None:
            child.ask_to_stop()
            child.make_sure(time.monotonic() + _PATIENCE)
        return status

    def run(self, ready: Callable[[], bool], on_ready: Callable[[], None]) -> None:
        """Start the children, call ``on_ready`` once when ``ready`` first says so, stay until asked to stop."""
        for child in self.children:
            if child.process is None:
                child.start()
        told = False
        while not self._stopping:
            if not told and ready():
                told = True
                on_ready()
            self._sleep(0.1 if not told else 60.0)
            for child in list(self.children):
                self._look_after(child)

    def add(self, children: list[Child]) -> None:
        """Start more children while it runs."""
        for child in children:
            child.start()
        self.children += children

    def stop(self) -> None:
        """Ask all to stop at once, wait, and end the first child (the database) after the others."""
        for child in self.children:
            child.ask_to_stop()
        limit = time.monotonic() + _PATIENCE
        for child in reversed(self.children):
            child.make_sure(limit)

    def _ask(self, sign: int, frame: object) -> None:
        self._stopping = True

    def _sleep(self, seconds: float) -> None:
        dues = [child.due - time.monotonic() for child in self.children if child.due]
        select.select([self._wake], [], [], max(0.0, min([seconds, *dues])))
        with suppress(BlockingIOError):
            os.read(self._wake, 4096)

    def _look_after(self, child: Child) -> None:
        if child.due:
            if time.monotonic() >= child.due and not self._stopping:
                child.due = 0.0
                child.start()
            return
        status = child.ended()
        if status is None or self._stopping:
            return
        if child.once:
            self.children.remove(child)
            return
        assert child.process is not None
        kill_group(child.process.pid)
        if time.monotonic() - child.started > _HEALTHY_AFTER:
            child.pause = _FIRST_PAUSE
        say(f"{child.label} 意外停止（{_how(status)}），{child.pause:g} 秒后重新启动。")
        child.due = time.monotonic() + child.pause
        child.pause = min(child.pause * 2, _LONGEST_PAUSE)


def say(line: str) -> None:
    """One line for the person at the terminal; a log that cannot be written (full disk, closed terminal) stops nothing."""
    with suppress(OSError):
        print(line, file=sys.stderr, flush=True)


def kill_group(leader: int) -> None:
    """Kill what is left of a session after its leader; nothing left is fine."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(leader, signal.SIGKILL)


def python(*arguments: str) -> list[str]:
    """A command line of this same Python."""
    return [sys.executable, *arguments]


def _how(status: int) -> str:
    if status < 0:
        return f"信号 {signal.Signals(-status).name}"
    return f"退出码 {status}"
