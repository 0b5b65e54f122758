"""The engines that count, and what each needs of the machine. Nothing of Django here: the launcher asks before anything is loaded."""

# texts: data (told on the command line)

import os
import re
import shutil
import subprocess
from importlib.util import find_spec
from pathlib import Path

ENGINES = {"postgres": "PostgreSQL", "duckdb": "DuckDB", "spark": "Spark"}
_LINKING, _SPARK = ("duckdb", "requirements-linking.lock"), ("pyspark", "requirements-spark.lock")
PACKAGES: dict[str, tuple[tuple[str, str], ...]] = {"postgres": (), "duckdb": (_LINKING,), "spark": (_LINKING, _SPARK)}
"""The packages of an engine, each with the lock that brings it; Spark's lake is written by DuckDB."""

_JAVA = 17


def lacking(engine: str) -> str:
    """What somebody has to put right on this machine before the engine can count, in one sentence; empty when nothing."""
    if engine == "spark" and (found := lacking_java()):
        return found
    missing = [(name, lock) for name, lock in PACKAGES[engine] if find_spec(name) is None]
    if not missing:
        return ""
    names, locks = "、".join(name for name, _lock in missing), " ".join(f"-r {lock}" for _name, lock in missing)
    return f"没有安装 {names}。请在联网时用 ./yigong indicators compute --engine {engine} 运行一次（会自动安装），或执行 pip install --require-hashes {locks}；也可以改用 --engine postgres。"


def lacking_java() -> str:
    """The same for Java alone, which no lock brings."""
    home = os.environ.get("JAVA_HOME", "")
    program = str(Path(home) / "bin" / "java") if home else shutil.which("java") or ""
    remedy = f"请安装（Debian、Ubuntu：apt-get install openjdk-{_JAVA}-jre-headless）或把 JAVA_HOME 指到已有的 Java；也可以改用 --engine duckdb。"
    if not program or not os.access(program, os.X_OK):
        where = f"JAVA_HOME 指的 {home} 里没有 bin/java" if home else "没有找到 Java"
        return f"{where}：Spark 需要 Java {_JAVA} 或更新。{remedy}"
    told = subprocess.run([program, "-version"], capture_output=True, text=True, check=False)
    version = re.search(r'version "(\d+)(?:\.(\d+))?', told.stderr + told.stdout)
    number = int(version[2] or 0) if version and version[1] == "1" else int(version[1]) if version else 0
    if number < _JAVA:
        return f"{program} 是 Java {number or '（版本不明）'}，Spark 需要 Java {_JAVA} 或更新。{remedy}"
    return ""
