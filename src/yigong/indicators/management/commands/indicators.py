"""``./yigong indicators``: count the indicators by an engine of choice, over the county or over a lake; write the county's lake."""

import csv
import sys
from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from yigong.core.errors import DomainError, sentence
from yigong.indicators import lake
from yigong.indicators.commands import engines as counting
from yigong.indicators.commands.engines import Computed
from yigong.indicators.engines import ENGINES
from yigong.indicators.models import NOWHERE, Cell
from yigong.indicators.queries.registry import counted
from yigong.network import api as network

_SHOWN = 10
_HEADS = ("指标代码", "指标", "基层口径", "月份", "机构", "分子", "分母", "其中初步")


class Command(BaseCommand):
    """Compute, or write a lake."""

    help = "指标计算：compute 计算（--engine postgres、duckdb、spark），lake 把本县的事实写成数据湖。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Two verbs."""
        verbs = parser.add_subparsers(dest="verb", required=True, metavar="compute|lake")
        compute = verbs.add_parser("compute", help="计算指标")
        compute.add_argument("codes", nargs="*", metavar="指标代码", help="只算这些指标所用的事实；不写则全部")
        compute.add_argument("--engine", choices=list(ENGINES), default="postgres", help="用哪种引擎，默认 postgres")
        compute.add_argument("--since", type=_month, metavar="2025-01", help="从哪个月起，默认两年")
        compute.add_argument("--compare", action="store_true", help="不存，只与已存的数逐个核对；有不一致时退出码为 1")
        compute.add_argument("--lake", type=Path, metavar="目录", help="计算数据湖（一个或许多县），不碰本县的数")
        compute.add_argument("--partly", action="store_true", help="湖里缺少事实时，只算其余的指标")
        compute.add_argument("--memory", default="2GB", help="DuckDB 最多用多少内存，默认 2GB")
        compute.add_argument("--out", type=Path, metavar="文件.csv", help="把湖的结果写成 CSV")
        written = verbs.add_parser("lake", help="把本县的事实写成 Parquet 文件")
        written.add_argument("folder", type=Path, metavar="目录")
        written.add_argument("--since", type=_month, metavar="2025-01", help="从哪个月起，默认全部")

    def handle(self, *args: Any, **options: Any) -> None:
        """Errors in one sentence."""
        try:
            {"compute": self._compute, "lake": self._lake}[options["verb"]](options)
        except DomainError as refusal:
            raise CommandError(sentence(refusal)) from refusal

    def _compute(self, options: dict[str, Any]) -> None:
        if options["lake"] is None and (options["out"] or options["partly"]):
            raise CommandError("--out 和 --partly 只用于数据湖，请同时写 --lake 目录。")
        if options["lake"] is not None and options["compare"]:
            raise CommandError("--compare 只用于本县的数，不能与 --lake 同时用。")
        given = {"since": options["since"], "codes": options["codes"], "by": "命令行", "say": self.stdout.write}
        if options["lake"] is not None:
            self._over_a_lake(options, given)
            return
        done = counting.count_county(options["engine"], compare=options["compare"], **given)
        self._told(done)
        if done.compared is not None:
            self._compared(done)
        elif done.left:
            self.stdout.write(f"其中 {done.left} 个事实月在此期间已有更新的计算，保留较新的数")

    def _over_a_lake(self, options: dict[str, Any], given: dict[str, Any]) -> None:
        done, cells, lost = counting.count_lake(
            options["engine"], options["lake"], partly=options["partly"], memory=options["memory"], **given
        )
        self._told(done)
        if lost:
            self.stdout.write(f"没有计算的 {len(lost)} 个指标：{'、'.join(d.name for d in lost)}")
        if options["out"]:
            _write(options["out"], cells)
            self.stdout.write(f"已写出 {options['out']}，{len(cells):,} 行")
        else:
            self.stdout.write("湖的结果不存入本县；要保留请加 --out 文件.csv")

    def _told(self, done: Computed) -> None:
        kept = "核对" if done.compared is not None else "计算"
        self.stdout.write(
            f"{ENGINES[done.engine]} {kept}了{done.source} {done.first:%Y-%m} 至 {done.last:%Y-%m}（{done.months} 个月）"
            f"的 {len(done.codes)} 个指标：{done.cells:,} 个数，{done.seconds:.1f} 秒"
        )

    def _compared(self, done: Computed) -> None:
        compared, wrong = done.compared or 0, len(done.differing)
        self.stdout.write(f"与已存的数核对：{compared - wrong:,} / {compared:,} 个一致")
        names = {d.code: d.name for d in counted().values()}
        houses = network.institutions({(a or b or (NOWHERE,) * 4)[3] for a, b in done.differing[:_SHOWN]})
        for kept, found in done.differing[:_SHOWN]:
            code, variant, month, place = (kept or found or ("", "", done.first, NOWHERE))[:4]
            where = houses[place].name if place in houses else "不归机构"
            said = f"{names.get(code, code)}{f'（{variant}）' if variant else ''} {month:%Y-%m} {where}"
            self.stdout.write(f"  {said}：已存 {_pair(kept)}，{ENGINES[done.engine]} {_pair(found)}")
        if wrong > _SHOWN:
            self.stdout.write(f"  … 另有 {wrong - _SHOWN:,} 个")
        if wrong:
            self.stdout.write("已存的数可能早于最近的业务变动：先运行 ./yigong indicators compute，再核对一次。")
            sys.exit(1)

    def _lake(self, options: dict[str, Any]) -> None:
        folder: Path = options["folder"]
        if folder.exists() and not folder.is_dir():
            raise CommandError(f"{folder} 是文件，请写一个目录。")
        size = lake.export(folder, since=options["since"])
        found = lake.look(folder)
        self.stdout.write(
            f"已写出 {folder}：{found.files} 个文件，{size / 1e6:.1f} MB，{found.first:%Y-%m} 至 {found.last:%Y-%m}。文件不含个人身份。"
        )


def _month(text: str) -> date:
    """``2025-01`` or a whole day; the month counts."""
    try:
        return date.fromisoformat(text if text.count("-") == 2 else f"{text}-01").replace(day=1)
    except ValueError:
        raise ArgumentTypeError(f"“{text}”不是月份，请写成 2025-01") from None


def _pair(cell: tuple[Any, ...] | None) -> str:
    if cell is None:
        return "没有"
    return f"{cell[4]:,}" if cell[5] is None else f"{cell[4]:,} / {cell[5]:,}"


def _write(path: Path, cells: Sequence[Cell]) -> None:
    """Institutions by name where this county knows them; those of others by the key that their lake has for them."""
    houses = network.institutions({one.institution_id for one in cells})
    names = {d.code: d.name for d in counted().values()}
    with path.open("w", encoding="utf-8-sig", newline="") as handle:
        out = csv.writer(handle)
        out.writerow(_HEADS)
        for one in cells:
            key = one.institution_id
            place = "" if key == NOWHERE else houses[key].name if key in houses else key
            below = "" if one.denominator is None else one.denominator
            out.writerow(
                [
                    one.code,
                    names[one.code],
                    one.variant,
                    f"{one.month:%Y-%m}",
                    place,
                    one.numerator,
                    below,
                    one.provisional,
                ]
            )
