"""The whole platform as its users get it: ``./yigong run`` with a small demo county, driven from outside."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import psycopg
import requests

PROJECT = Path(__file__).resolve().parents[2]
_HIDDEN = re.compile(r'<input[^>]*type="hidden"[^>]*>')
_ATTRIBUTE = re.compile(r'(name|value)="([^"]*)"')


def free_port() -> int:
    """A port nobody listens on right now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@dataclass
class Platform:
    """A running platform: its address, its data folder, its processes."""

    folder: Path
    scale: str = "small"
    port: int = field(default_factory=free_port)
    dicom_port: int = field(default_factory=free_port)
    process: subprocess.Popen | None = None
    _before: int = 0

    @property
    def url(self) -> str:
        """Where a browser finds it."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> Path:
        """Everything it printed."""
        return self.folder.with_suffix(".log")

    def start(self, seconds: float = 600) -> "Platform":
        """Start it and wait until it greets."""
        kept = {k: v for k, v in os.environ.items() if not k.startswith("YIGONG_") and k != "DATABASE_URL"}
        env = {**kept, "YIGONG_DICOM_PORT": str(self.dicom_port), "PYTHONPATH": str(PROJECT / "src"), "LANG": "C.UTF-8"}
        env["YIGONG_VIEWER"] = "skip"  # no test fetches anything
        command = [sys.executable, "-m", "yigong", "run", "--port", str(self.port)]
        command += ["--data", str(self.folder), "--scale", self.scale]
        self._before = self.log.stat().st_size if self.log.exists() else 0
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                command, cwd=PROJECT, env=env, stdout=log, stderr=log, stdin=subprocess.DEVNULL
            )
        self._wait(seconds)
        return self

    def stop(self) -> None:
        """What Ctrl-C does."""
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            self.process.wait(60)

    def children(self, word: str) -> list[psutil.Process]:
        """The processes below it whose command line holds a word."""
        assert self.process
        below = psutil.Process(self.process.pid).children(recursive=True)
        return [child for child in below if any(word in part for part in _command(child))]

    def program(self, word: str) -> list[psutil.Process]:
        """Of the programs it keeps running itself, the one whose command line holds a word."""
        assert self.process
        found = psutil.Process(self.process.pid).children()
        return [child for child in found if any(Path(part).name == word for part in _command(child))]

    def web(self) -> list[psutil.Process]:
        """The web server and, after it, the processes that answer pages."""
        (head,) = self.program("granian")
        return [
            head,
            *(child for child in head.children() if not any("resource_tracker" in x for x in _command(child))),
        ]

    def said(self) -> str:
        """What it printed since the last start."""
        return self.log.read_bytes()[self._before :].decode()

    def database(self) -> psycopg.Connection:
        """A connection of our own, to look at what was really stored."""
        from yigong.launch.postgres import Cluster

        return psycopg.connect(Cluster(self.folder).url(), autocommit=True)

    def _wait(self, seconds: float) -> None:
        assert self.process
        limit = time.monotonic() + seconds
        while time.monotonic() < limit:
            if self.process.poll() is not None or "平台已启动" in self.said():
                break
            time.sleep(0.1)
        assert "平台已启动" in self.said(), self.said()[-3000:]


def _command(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.NoSuchProcess:
        return []


class Visitor(requests.Session):
    """A person with a browser of the simplest kind: cookies, forms and their tokens."""

    def __init__(self, platform: Platform) -> None:
        super().__init__()
        self.platform = platform
        self.trust_env = False

    def sign_in(self, username: str, password: str) -> "Visitor":
        """Through the login page."""
        answer = self.send_form("/access/login/", {"username": username, "password": password})
        assert answer.status_code == 200 and "/login/" not in answer.url, answer.url
        return self

    def see(self, path: str) -> requests.Response:
        """GET one page."""
        return self.get(self.platform.url + path, timeout=120)

    def send_form(self, path: str, fields: dict, **options: bool) -> requests.Response:
        """Open a form, then send it with its hidden fields."""
        page = self.see(path)
        hidden = self.hidden(page.text)
        assert "csrfmiddlewaretoken" in hidden, f"no form at {path}: {page.status_code} {page.url}"
        return self.post_raw(path, {**hidden, **fields}, **options)

    def hidden(self, text: str) -> dict[str, str]:
        """The hidden fields of a page; of several forms with the same name the last one's."""
        found = [dict(_ATTRIBUTE.findall(tag)) for tag in _HIDDEN.findall(text)]
        return {tag["name"]: tag.get("value", "") for tag in found if "name" in tag}

    def post_raw(self, path: str, fields: dict, **options: bool) -> requests.Response:
        """POST without opening the page first."""
        headers = {"Referer": self.platform.url + path}
        return self.post(self.platform.url + path, data=fields, headers=headers, timeout=120, **options)
