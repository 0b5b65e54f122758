"""``./yigong check``: every step runs, several at once, each with its count and time; the status is bad when one of them is."""

import os
import re
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from yigong.launch.environment import PROJECT
from yigong.launch.supervisor import python


@dataclass(frozen=True)
class Step:
    """One check: a label, its command, and how its count reads in the output (a pattern with one group)."""

    label: str
    command: list[str]
    count: str = ""
    is_wanted: Callable[[], bool] = lambda: True


def _tool(name: str, *arguments: str) -> list[str]:
    return [str(PROJECT / ".yigong" / "venv" / "bin" / name), *arguments]


STEPS = [
    Step("格式 ruff format", _tool("ruff", "format", "--check", "src", "tests"), r"(\d+) files? already"),
    Step("规则 ruff check", _tool("ruff", "check", "src", "tests")),
    Step("类型 mypy", _tool("mypy"), r"(\d+) source files"),
    Step("分层 import-linter", _tool("lint-imports", "--no-cache"), r"Analyzed (\d+) files"),
    Step("译文 messages", python("-m", "yigong.launch.texts"), r"(\d+) texts"),
    Step("模板 templates", python("-m", "yigong.launch.templates"), r"(\d+) templates"),
    Step("系统检查与表结构 check, migrations", python("-m", "yigong", "check-fast")),
    Step("文档 documentation", python("-m", "pytest", "-q", "tests/docs"), r"(\d+) passed"),
    Step("功能对照 trace", python("-m", "yigong.launch.trace", "check"), r"looked at (\d+) rows"),
]


def main(arguments: list[str]) -> int:
    """Run the steps (or those whose label contains one of the words given) and name those that failed."""
    env = {**os.environ, "YIGONG_MODE": "test", "YIGONG_SECRET": "x" * 50, "NO_COLOR": "1"}
    env["DJANGO_SETTINGS_MODULE"] = "yigong.site.settings"
    steps = [s for s in STEPS if not arguments or any(a in s.label for a in arguments)]
    steps = [step for step in steps if step.is_wanted()]
    failed = []
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        for step, (passed, told) in zip(steps, pool.map(lambda one: _run(one, env), steps), strict=True):
            print(told, flush=True)
            failed += [] if passed else [step.label]
    print(f"{len(steps) - len(failed)} of {len(steps)} checks passed", flush=True)
    if failed:
        print("没有通过：" + ";".join(failed), file=sys.stderr)
    return 1 if failed else 0


def _run(step: Step, env: dict[str, str]) -> tuple[bool, str]:
    """Whether the step passed, and what to tell of it: one line, and all that a failed one said."""
    begin = time.monotonic()
    done = subprocess.run(step.command, cwd=PROJECT, env=env, capture_output=True, text=True, check=False)
    said = done.stdout + done.stderr
    found = re.search(step.count, said) if step.count else None
    count = f" {found[1]}" if found else ""
    verdict = "通过" if done.returncode == 0 else "没有通过"
    line = f"{step.label}：{verdict}{count}（{time.monotonic() - begin:.1f} 秒）"
    return done.returncode == 0, line if done.returncode == 0 else f"{line}\n{said.rstrip()}"
