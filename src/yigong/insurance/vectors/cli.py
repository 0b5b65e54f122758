"""``./yigong insurance check FILE``: calculate the examples of a file again."""

import argparse
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TextIO

from yigong.core.errors import DomainError
from yigong.insurance.benefits.api import read_plan
from yigong.insurance.vectors.checking import Checked, check
from yigong.insurance.vectors.world import read_world


def main(arguments: Sequence[str], out: TextIO | None = None) -> int:
    """0: all agree, 1: some example differs or cannot be calculated, 2: the file cannot be used."""
    out, given = out or sys.stdout, _parser().parse_args(list(arguments))
    try:
        world = read_world(given.file, read_plan(given.plan) if given.plan else None)
    except DomainError as refused:
        sys.stderr.write(f"{refused}\n")
        return 2
    if world.unused:
        sys.stderr.write(f"文件里没有用到的部分：{'、'.join(world.unused)}\n")
    checked = list(check(world))
    for one in checked:
        _print(one, out)
    if given.kinds:
        for kind, number in Counter(one.kind for one in checked).items():
            out.write(f"{kind}:{number}\n")
    agreed = sum(one.agrees for one in checked)
    out.write(f"{agreed} of {len(checked)} vectors agree\n")
    return 0 if checked and agreed == len(checked) else 1


def _print(one: Checked, out: TextIO) -> None:
    if one.fault:
        out.write(f"{one.name}：无法计算：{one.fault}\n")
    for difference in one.differences:
        out.write(f"{one.name}:{difference}\n")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="./yigong insurance check", description="按算例文件逐条重算并指出差异")
    parser.add_argument("file", type=Path, help="算例文件（JSON）")
    parser.add_argument("--plan", type=Path, help="文件自己没有待遇方案时使用的方案（TOML）")
    parser.add_argument("--kinds", action="store_true", help="列出各种类的算例数")
    return parser
