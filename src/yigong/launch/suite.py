"""``./yigong test``: what the tests need, all tests in three processes, and the register of functions against their outcome."""

import os
import shutil
import subprocess
import time
from collections.abc import Iterable
from pathlib import Path
from xml.etree import ElementTree

from yigong.core.testing import system_path
from yigong.launch.environment import PROJECT
from yigong.launch.supervisor import python, say

RESULTS = PROJECT / "test-results" / "junit.xml"
_PLATFORM = "tests/acceptance"
_OF_PLATFORM = RESULTS.with_name("junit-platform.xml")
# Debian package → the program it brings (a folder for fonts).
_TOOLS = {
    "chromium-headless-shell": "chromium-headless-shell",
    "dcmtk": "storescu",
    "orthanc": "Orthanc",
    "orthanc-dicomweb": "/usr/share/orthanc/plugins",
    "fonts-noto-cjk": "/usr/share/fonts/opentype/noto",
}
# The whole browser does where a distribution has no lighter one.
_INSTEAD = {"chromium-headless-shell": "chromium"}


def main(arguments: list[str]) -> int:
    """Run pytest with these arguments (all tests without any); returns its status, or 1 when the register disagrees."""
    install_tools()
    RESULTS.parent.mkdir(exist_ok=True)
    for old in (RESULTS, _OF_PLATFORM):
        old.unlink(missing_ok=True)
    if any(not a.startswith("-") for a in arguments):
        return _run([*_pytest(RESULTS), *arguments])
    status = _run_all(arguments)
    if not RESULTS.exists() or not _OF_PLATFORM.exists():
        return status or 1
    results = [part for path in (RESULTS, _OF_PLATFORM) for part in ("--results", str(path))]
    return _run(python("-m", "yigong.launch.trace", "check", *results)) or status


def _run_all(arguments: list[str]) -> int:
    """The tests of the whole platform wait for programs most of their time: they run beside the others and are shown after them."""
    begin = time.monotonic()
    beside = RESULTS.with_name("platform.log")
    with beside.open("w") as log:
        platform = subprocess.Popen(
            [*_pytest(_OF_PLATFORM), *arguments, _PLATFORM],
            cwd=PROJECT,
            stdout=log,
            stderr=log,
            stdin=subprocess.DEVNULL,
        )
        try:
            many = [] if any(a.startswith(("-n", "--numprocesses")) for a in arguments) else ["-n", "2"]
            status = _run([*_pytest(RESULTS), *many, *arguments, f"--ignore={_PLATFORM}"])
            status = platform.wait() or status
        finally:
            platform.terminate()
    print(f"\n{_PLATFORM}:\n{beside.read_text()}", flush=True)
    print(
        _closing_line([path for path in (RESULTS, _OF_PLATFORM) if path.exists()], time.monotonic() - begin), flush=True
    )
    return status


def _pytest(results: Path) -> list[str]:
    # The browser's own folder is emptied by whoever begins: each run has one to itself.
    return python("-m", "pytest", f"--junitxml={results}", f"--output={results.with_suffix('.browser')}")


def _closing_line(results: Iterable[Path], seconds: float) -> str:
    """What pytest says at the end, of both runs together."""
    suites = [suite for path in results for suite in ElementTree.parse(path).getroot().iter("testsuite")]
    failed, errors, skipped, all_ = (
        sum(int(s.get(name, 0)) for s in suites) for name in ("failures", "errors", "skipped", "tests")
    )
    counts = {"failed": failed, "passed": all_ - failed - errors - skipped, "skipped": skipped, "error": errors}
    told = ", ".join(f"{number} {word}" for word, number in counts.items() if number)
    return f" {told} in {seconds:.2f}s ".center(80, "=")


def install_tools() -> None:
    """Browser, DICOM tools and fonts by apt where we may; otherwise say what is missing and let those tests skip."""
    missing = _missing()
    if missing and os.geteuid() == 0 and shutil.which("apt-get"):
        print(f"正在安装测试所需：{' '.join(missing)} …", flush=True)
        _apt(missing)
        _apt([instead for package in _missing() if (instead := _INSTEAD.get(package)) and not _is_there(instead)])
    missing = [package for package in _missing() if not _is_there(_INSTEAD.get(package, _TOOLS[package]))]
    if missing:
        say(f"缺少 {' '.join(missing)}，用到它们的测试会跳过；可安装：sudo apt-get install {' '.join(missing)}")


def _missing() -> list[str]:
    return [package for package, proof in _TOOLS.items() if not _is_there(proof)]


def _apt(packages: list[str]) -> None:
    """Each package by itself, so that one that a distribution lacks does not cost the others."""
    if not packages:
        return
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
