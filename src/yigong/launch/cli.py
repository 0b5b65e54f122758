"""The commands of ``./yigong``."""

import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

from yigong.launch import environment
from yigong.launch.environment import LaunchError
from yigong.launch.postgres import Cluster, PostgresError

HELP = """用法 Usage: ./yigong 命令 [参数]

  run      启动整个平台：数据库、网页、消息、后台任务、影像接收      start the whole platform
           --port 8000  --host 127.0.0.1  --data 目录  --scale small|town|county|none  --reset
  test     安装测试所需并运行全部测试（其余参数交给 pytest）        run all tests
  check    格式、类型、分层、译文、表结构、文档、功能对照            formatter, types, contracts, texts, docs
  bench    性能测量：./yigong bench web                            benchmarks; without a name: the list
  drg      疾病分组：./yigong drg group --scheme 目录 病例.csv [--out 答案.csv] [--explain]      disease groups
  insurance  医保算例：./yigong insurance check 算例.json [--plan 方案.toml]      check worked examples
  simulate-insurance  医保平台模拟器（演示与测试用）：--port 8800 --folder 目录      simulator of the insurance platform
  manage   管理命令：./yigong manage help                          Django's management commands
  residents  人员名单关联去重：./yigong residents link 文件… --out clusters.csv   link and deduplicate files of people
  takeon   数据接入：./yigong takeon 数据种类 文件 [--dry-run]      take on a county's files
  indicators  指标计算：./yigong indicators compute --engine postgres|duckdb|spark      count the indicators; also over a lake of counties
  trace    功能对照表：./yigong trace --help                       the register of functions
  help     本说明                                                  this text

生产环境 production: docs/how-to/production.md
"""


def main(arguments: list[str]) -> int:
    """Run one command and return its exit status."""
    name, rest = (arguments[0], arguments[1:]) if arguments else ("help", [])
    command = COMMANDS.get(name)
    if command is None:
        print(f"没有“{name}”这个命令。\n\n{HELP}", file=sys.stderr)
        return 2
    try:
        return command(rest)
    except (LaunchError, PostgresError) as failure:
        print(failure, file=sys.stderr)
        return 1


def _help(arguments: list[str]) -> int:
    print(HELP)
    return 0


def _run(arguments: list[str]) -> int:
    from yigong.launch import run

    return run.main(arguments)


def _test(arguments: list[str]) -> int:
    from yigong.launch import suite

    return suite.main(arguments)


def _check(arguments: list[str]) -> int:
    from yigong.launch import check

    return check.main(arguments)


def _bench(arguments: list[str]) -> int:
    from yigong.launch import benches

    return benches.main(arguments)


def _drg(arguments: list[str]) -> int:
    from yigong.insurance.grouping import cli

    if arguments[:1] != ["group"]:
        print(
            "用法 Usage: ./yigong drg group --scheme 目录 病例.csv [--out 答案.csv] [--explain] [--convert]",
            file=sys.stderr,
        )
        return 2
    return cli.main(arguments)


def _insurance(arguments: list[str]) -> int:
    from yigong.insurance.vectors import cli

    if arguments[:1] != ["check"]:
        print("用法 Usage: ./yigong insurance check 算例.json [--plan 方案.toml] [--kinds]", file=sys.stderr)
        return 2
    return cli.main(arguments[1:])


def _simulate_insurance(arguments: list[str]) -> int:
    from yigong.exchange.nhsa.simulator import __main__ as simulator

    return simulator.main(arguments)


def _residents(arguments: list[str]) -> int:
    from yigong.residents.matching import cli

    return cli.main(arguments)


def _trace(arguments: list[str]) -> int:
    from yigong.launch import trace

    return trace.main(arguments)


def _manage(arguments: list[str]) -> int:
    folder = environment.data_folder()
    environment.settle(folder)
    with environment.database(folder):
        _django(arguments)
    return 0


def _takeon(arguments: list[str]) -> int:
    return _manage(["takeon", *arguments])


def _indicators(arguments: list[str]) -> int:
    """What an engine needs is put in when it is first asked for; Java is the machine's own."""
    from yigong.indicators import engines
    from yigong.launch import bootstrap

    for engine in (name for name in engines.ENGINES if name in arguments or f"--engine={name}" in arguments):
        if engine == "spark" and (lacking := engines.lacking_java()):
            print(lacking, file=sys.stderr)
            return 1
        for package, lock in engines.PACKAGES[engine]:
            if find_spec(package) is None:
                bootstrap.ensure(lock)
    return _manage(["indicators", *arguments])


def _messages(arguments: list[str]) -> int:
    """Texts are kept up without a database."""
    os.environ.update(_TEST_SETTINGS)
    _django(["messages", *arguments])
    return 0


def _django(arguments: list[str]) -> None:
    from django.core.management import execute_from_command_line

    execute_from_command_line(["./yigong manage", *arguments])


def check_fast(arguments: list[str]) -> int:
    """Django's system check and migration drift, on a throw-away database."""
    with throw_away_database():
        import django
        from django.core.management import call_command

        django.setup()
        call_command("check", fail_level="WARNING")
        call_command("makemigrations", check=True, dry_run=True)
    return 0


@contextmanager
def throw_away_database() -> Iterator[None]:
    """Settings of a test and an empty database for the block."""
    os.environ.update(_TEST_SETTINGS)
    with tempfile.TemporaryDirectory(prefix="yigong-check-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        cluster = Cluster(Path(folder), fast_and_unsafe=True)
        cluster.start()
        os.environ.update(DATABASE_URL=cluster.url(), YIGONG_DATA=folder)
        try:
            yield
        finally:
            cluster.stop()


_TEST_SETTINGS = {
    "YIGONG_MODE": "test",
    "YIGONG_SECRET": "x" * 50,
    "DJANGO_SETTINGS_MODULE": "yigong.site.settings",
}

COMMANDS: dict[str, Callable[[list[str]], int]] = {
    "run": _run,
    "test": _test,
    "check": _check,
    "check-fast": check_fast,
    "bench": _bench,
    "manage": _manage,
    "messages": _messages,
    "drg": _drg,
    "insurance": _insurance,
    "simulate-insurance": _simulate_insurance,
    "residents": _residents,
    "takeon": _takeon,
    "indicators": _indicators,
    "trace": _trace,
    "help": _help,
    "--help": _help,
    "-h": _help,
}
