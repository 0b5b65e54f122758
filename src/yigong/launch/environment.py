"""What every command needs before Django may be loaded: data folder, secret, database."""

import os
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
            "缺少 YIGONG_SECRET:生产环境请先设置至少 50 个随机字符的密钥(openssl rand -base64 48),再启动。"
        )
    folder.mkdir(parents=True, exist_ok=True)
    os.environ["YIGONG_SECRET"] = kept_secret(folder / "secret")


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
