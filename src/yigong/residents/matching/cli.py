"""``./yigong residents link``: files in, clusters out. Needs no database."""

import argparse
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from yigong.core import clock

if TYPE_CHECKING:
    from yigong.residents.matching.bulk import Outputs, Summary

_WHERE = "用法：./yigong residents link 文件… --out clusters.csv [--pairs pairs.csv] [--engine duckdb|spark]"


def main(arguments: list[str]) -> int:
    """Run one command of residents; exit status 0 done, 1 the files cannot be linked, 2 wrong usage."""
    from yigong.residents.matching.standalone import settle

    settle()
    if arguments[:1] != ["link"]:
        print(_WHERE, file=sys.stderr)
        return 0 if arguments[:1] in (["help"], ["--help"], ["-h"]) else 2
    return _link(_options(arguments[1:]))


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser("./yigong residents link", description="把几个来源的人员名单关联、去重。")
    parser.add_argument("files", nargs="+", type=Path, metavar="文件", help="CSV，表头见 docs/how-to/link-files.md")
    parser.add_argument("--out", required=True, type=Path, help="结果：record_id, cluster_id")
    parser.add_argument("--pairs", type=Path, help="逐对结果：权重、判定、规则")
    parser.add_argument("--engine", choices=("duckdb", "spark"), default="duckdb")
    parser.add_argument("--definition", type=Path, help="另一份比对定义（TOML），默认 packs 中生效的那份")
    parser.add_argument("--memory", default="8GB", help="DuckDB 内存上限，默认 8GB")
    return parser.parse_args(arguments)


def _link(options: argparse.Namespace) -> int:
    from yigong.core.packs.source import PackError
    from yigong.residents.matching.files import BadFile

    try:
        from yigong.residents.matching import bulk
        from yigong.residents.matching.definition import in_force, read
    except ModuleNotFoundError as missing:
        print(
            f"缺少批量关联所需的组件 {missing.name}：请用 ./yigong residents link 启动，它会自动安装。", file=sys.stderr
        )
        return 1
    begin = time.monotonic()
    try:
        outputs = bulk.Outputs(options.out, options.pairs)
        _check_places(options)
        definition = read(options.definition) if options.definition else in_force(clock.today())
        summary = bulk.link(
            options.files,
            outputs,
            definition,
            engine=options.engine,
            today=clock.today(),
            say=_say,
            memory=options.memory,
        )
    except (BadFile, PackError) as refusal:
        print(refusal, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("已中止，没有留下任何结果文件。", file=sys.stderr)
        return 130
    _tell(summary, outputs, time.monotonic() - begin)
    return 0


def _check_places(options: argparse.Namespace) -> None:
    from yigong.residents.matching.files import BadFile

    for path in filter(None, (options.out, options.pairs)):
        if not path.resolve().parent.is_dir():
            raise BadFile(f"输出目录 {path.resolve().parent} 不存在，请先建立。")
        if path.is_dir():
            raise BadFile(f"{path} 是一个目录，请写明文件名。")
        if path.resolve() in {p.resolve() for p in options.files}:
            raise BadFile(f"输出 {path} 与输入是同一个文件，请换一个名字。")


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _tell(s: "Summary", o: "Outputs", seconds: float) -> None:
    print(
        f"记录 {s.records:,} 条 → 人 {s.clusters:,} 个；自动关联 {s.links:,} 对，"
        f"待复核 {s.reviews:,} 对（涉及 {s.records_to_review:,} 条记录），用时 {seconds:.1f} 秒。"
    )
    if s.kept_apart:
        print(f"有 {s.kept_apart:,} 对因会把规则禁止合并的记录并到一起而没有关联，已列为待复核。")
    if s.rejected:
        print(f"拒收 {s.rejected:,} 行，原因与行号见 {o.rejected}。")
    print(f"结果：{o.clusters}" + (f"，逐对：{o.pairs}" if o.pairs else ""))
