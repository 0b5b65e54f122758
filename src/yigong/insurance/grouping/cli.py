"""The command line of the grouper."""

import argparse
import csv
import gc
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TextIO

from yigong.core.errors import DomainError
from yigong.insurance.grouping.data import Case, Explanation, Grouped, Status
from yigong.insurance.grouping.errors import RecordsInvalid
from yigong.insurance.grouping.grouper import Grouper
from yigong.insurance.grouping.records import read_records
from yigong.insurance.grouping.scheme import load_scheme


def main(arguments: Sequence[str] | None = None, out: TextIO | None = None) -> int:
    """Run the command. 0: done or all agree, 1: some answer differs, 2: scheme or file cannot be used."""
    listed = list(sys.argv[1:] if arguments is None else arguments)
    given = _parser().parse_args(listed[1:] if listed[:1] == ["group"] else listed)
    try:
        grouper = Grouper(load_scheme(given.scheme), convert=given.convert)
        gc.freeze()  # The tables stay for the whole run: the collector need not walk them again and again.
        if given.out:
            return _write(grouper, given.records, given.out, explain=given.explain)
        return _compare(grouper, given.records, out or sys.stdout, explain=given.explain)
    except DomainError as refused:
        sys.stderr.write(f"{refused}\n")
        return 2
    finally:
        gc.unfreeze()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="drg group", description="按分组方案对病例文件分组")
    parser.add_argument("records", type=Path, help="病例文件（CSV，列同 sample.csv）")
    parser.add_argument("--scheme", type=Path, required=True, help="分组方案文件夹")
    parser.add_argument("--out", type=Path, help="写出答案的文件；不写则与病例文件自带的答案核对")
    parser.add_argument("--explain", action="store_true", help="写出每一步由什么决定")
    parser.add_argument("--convert", action="store_true", help="病例用临床版编码，先转换为医保版")
    return parser


def _compare(grouper: Grouper, path: Path, out: TextIO, *, explain: bool) -> int:
    total = agreed = 0
    for case, expected in read_records(path):
        if expected is None:
            raise RecordsInvalid(f"{path.name} 没有 mdc、adrg、drg、status 列，无从核对；要写出答案请加 --out 文件")
        told = grouper.explain(case) if explain else None
        found = told.grouped if told else grouper.group(case)
        answer = (found.mdc, found.adrg, found.drg, found.status_text)
        total += 1
        agreed += answer == expected
        if answer != expected:
            print(f"{case.index}: expected {'/'.join(expected)}, got {'/'.join(answer)}", file=out)
        if told:
            print(f"[{case.index}] {found.drg} {found.status_text}\n{told.text}", file=out)
    print(f"{agreed} of {total} agree", file=out)
    return 0 if agreed == total else 1


def _write(grouper: Grouper, path: Path, target: Path, *, explain: bool) -> int:
    cases = (case for case, _answer in read_records(path))
    with target.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["index", "mdc", "adrg", "drg", "status", *(["explain"] if explain else [])])
        for case in cases:
            told = grouper.explain(case) if explain else None
            found = told.grouped if told else grouper.group(case)
            _name_fault(case, found)
            writer.writerow([case.index, found.mdc, found.adrg, found.drg, found.status_text, *_path(told)])
    return 0


def _path(told: Explanation | None) -> list[str]:
    return [] if told is None else [" → ".join(step.text.rstrip("。") for step in told.steps)]


def _name_fault(case: Case, found: Grouped) -> None:
    if found.status not in (Status.OK, Status.AMBIGUOUS):
        sys.stderr.write(f"{case.index}: {found.status_text}：{found.detail}\n")
