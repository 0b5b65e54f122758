"""``./yigong test``: what the tests need, all tests in two processes, and the register of functions against their outcome."""

import os
import shutil
import subprocess
from pathlib import Path

from yigong.core.testing import system_path
from yigong.launch.environment import PROJECT
from yigong.launch.supervisor import python, say

RESULTS = PROJECT / "test-results" / "junit.xml"
# Debian package → the program it brings (a folder for fonts).
_TOOLS = {
    "chromium": "chromium",
    "dcmtk": "storescu",
    "orthanc": "Orthanc",
    "orthanc-dicomweb": "/usr/share/orthanc/plugins",
    "fonts-noto-cjk": "/usr/share/fonts/opentype/noto",
}


def main(arguments: list[str]) -> int:
    """Run pytest with these arguments (all tests without any); returns its status, or 1 when the register disagrees."""
    install_tools()
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.unlink(missing_ok=True)
    whole = not any(not a.startswith("-") for a in arguments)
    command = python("-m", "pytest", "-p", "no:cacheprovider", f"--junitxml={RESULTS}")
    if not any(a == "-n" or a.startswith(("-n", "--numprocesses")) for a in arguments):
        # What shares a running platform or a count stays together in one process.
        command += ["-n", "2", "--dist", "loadgroup"] if whole else []
    status = _run([*command, *arguments])
    if not whole or not RESULTS.exists():
        return status
    traced = _run(python("-m", "yigong.launch.trace", "check", "--results", str(RESULTS)))
    return status or traced


def install_tools() -> None:
    """Browser, DICOM tools and fonts by apt where we may; otherwise say what is missing and let those tests skip."""
    missing = [package for package, proof in _TOOLS.items() if not _is_there(proof)]
    if not missing:
        return
    if os.geteuid() == 0 and shutil.which("apt-get"):
        print(f"正在安装测试所需:{' '.join(missing)} …", flush=True)
        _apt(missing)
        missing = [package for package, proof in _TOOLS.items() if not _is_there(proof)]
    if missing:
        say(f"缺少 {' '.join(missing)},用到它们的测试会跳过;可安装:sudo apt-get install {' '.join(missing)}")


def _apt(packages: list[str]) -> None:
    """Each package by itself, so that one that a distribution lacks does not cost the others."""
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    commands = [["apt-get", "update", "-q"]]
    commands += [["apt-get", "install", "-qy", "--no-install-recommends", package] for package in packages]
    with (PROJECT / ".yigong" / "apt.log").open("ab") as log:
        for command in commands:
            subprocess.run(command, check=False, env=env, stdin=subprocess.DEVNULL, stdout=log, stderr=log)


def _is_there(proof: str) -> bool:
    return Path(proof).exists() if proof.startswith("/") else shutil.which(proof, path=system_path()) is not None


def _run(command: list[str]) -> int:
    return subprocess.run(command, cwd=PROJECT, check=False).returncode
