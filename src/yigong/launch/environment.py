"""What every command needs before Django may be loaded: data folder, secret, database."""

import hashlib
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from yigong.launch.postgres import Cluster, kept_secret

PROJECT = Path(__file__).resolve().parents[3]


class LaunchError(RuntimeError):
    """The program cannot go on; the text is one sentence that says what to do."""


def data_folder(given: str | None = None) -> Path:
    """``--data``, else YIGONG_DATA, else ``.yigong/data`` of the project."""
    return Path(given or os.environ.get("YIGONG_DATA") or PROJECT / ".yigong" / "data").expanduser().resolve()


def is_production() -> bool:
    """Whether YIGONG_MODE says that real people's data live here."""
    return os.environ.get("YIGONG_MODE", "demo") == "production"


def settle(folder: Path) -> None:
    """Settings module, data folder and secret into the environment. A demo's secret is made once and kept (mode 600)."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "yigong.site.settings")
    os.environ["YIGONG_DATA"] = str(folder)
    if os.environ.get("YIGONG_SECRET"):
        return
    if is_production():
        raise LaunchError(
            "缺少 YIGONG_SECRET：生产环境请先设置至少 50 个随机字符的密钥（openssl rand -base64 48），再启动。"
        )
    folder.mkdir(parents=True, exist_ok=True)
    os.environ["YIGONG_SECRET"] = kept_secret(folder / "secret")


def fingerprint() -> str:
    """A digest of the program, its definitions and the settings that a preparation depends on: names, sizes and times of the files."""
    digest = hashlib.sha256(sys.version.encode())
    for name in ("YIGONG_MODE", "YIGONG_PACKS", "YIGONG_STATIC", "YIGONG_SECRET", "DATABASE_URL"):
        digest.update(f"{name}={os.environ.get(name, '')}\n".encode())
    # A pack of the county's own may lie anywhere.
    packs = (PROJECT / "packs" / name for name in os.environ.get("YIGONG_PACKS", "").split(","))
    for root in (PROJECT / "src", PROJECT / "packs", *packs):
        for folder, below, files in os.walk(root):
            below[:] = sorted(set(below) - {"__pycache__"})
            for entry in sorted(f for f in files if not f.endswith(".mo")):  # compiled by the preparation
                found = os.stat(os.path.join(folder, entry))
                digest.update(f"{folder}/{entry} {found.st_size} {found.st_mtime_ns}\n".encode())
    return digest.hexdigest()


def embedded(folder: Path) -> Cluster | None:
    """The cluster of this data folder, or None when DATABASE_URL names a server."""
    if os.environ.get("DATABASE_URL"):
        return None
    port = os.environ.get("YIGONG_PG_PORT", "")
    return Cluster(folder, port=int(port) if port else None)


@contextmanager
def database(folder: Path) -> Iterator[None]:
    """DATABASE_URL for the block: a running server is used, a sleeping one is started and stopped again."""
    cluster = embedded(folder)
    if cluster is None:
        yield
        return
    os.environ["DATABASE_URL"] = cluster.url()
    if cluster.is_running():
        yield
        return
    cluster.start()
    try:
        yield
    finally:
        cluster.stop()
