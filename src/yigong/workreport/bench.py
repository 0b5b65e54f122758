"""``./yigong bench workreport``: the work report of the published county's year (2024), from the year's figures to Word, PDF and spreadsheet.

The county is the one that the indicators are measured with; here its twelve months are a calendar year, which is signed and frozen first,
as a report of a year must be. Seconds of the processors are of this process and the server's.
"""

# texts: data
import argparse
import tempfile
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import TypeVar

from yigong.launch.bench_house import measured, migrated, say, throwaway

YEAR = 2024  # of the published figures
TEMPLATE = "community-progress"
T = TypeVar("T")


def main(arguments: list[str]) -> int:
    """Make the county's year, freeze it, make the report, print what each step took and where the files are."""
    parser = argparse.ArgumentParser("./yigong bench workreport")
    parser.add_argument("--parts", type=int, default=1, help="只造县的几分之一 (one of so many parts of the county)")
    parser.add_argument("--out", type=Path, help="三个文件放到哪个文件夹 (folder for the three files)")
    options = parser.parse_args(arguments)
    target = options.out or Path(tempfile.mkdtemp(prefix="yigong-report-"))
    target.mkdir(parents=True, exist_ok=True)
    with throwaway():
        migrated()
        from yigong.core import clock

        with clock.travel(datetime(YEAR, 12, 31, 12, tzinfo=clock.SHANGHAI) - clock.now()):
            _count(options.parts)
        with clock.travel(datetime(YEAR + 1, 1, 10, 12, tzinfo=clock.SHANGHAI) - clock.now()):
            _report(target)
    return 0


def _count(parts: int) -> None:
    from yigong.indicators import api as indicators
    from yigong.indicators.made_county import Size, make

    make(Size().scaled(parts))
    _timed(f"{YEAR} 年全部指标", lambda: indicators.compute_all(since=date(YEAR, 1, 1)))


def _report(target: Path) -> None:
    from yigong.core.actor import system
    from yigong.indicators import api as indicators
    from yigong.workreport import api as workreport
    from yigong.workreport.output import sheet, spreadsheet, word

    quality, director = system("bench quality"), system("bench director")
    first = date(YEAR, 1, 1)
    key = _timed("核对全年", lambda: indicators.open_period(kind="year", first=first, actor=quality))
    _timed("签署", lambda: indicators.sign_period(period_id=key, actor=quality, reason="以公布数为准造的县"))
    _timed("冻结", lambda: indicators.freeze_period(period_id=key, actor=director))
    asked = workreport.ask_edition(
        template=TEMPLATE, kind="year", first=first, scope="county", provisional=False, actor=director
    )
    row = _timed("汇总成稿", lambda: workreport.build_edition(edition_id=asked.pk, actor=director))
    report = _timed("读出全文", lambda: workreport.document(row))
    for name, make in {
        "docx": lambda: word.write(report, row.pk),
        "pdf": lambda: sheet.print_report(report, row, director).pdf,
        "xlsx": lambda: spreadsheet.write(report),
    }.items():
        content: bytes = _timed(name, make)
        (target / f"{YEAR}.{name}").write_bytes(content)
        say(f"  {target / f'{YEAR}.{name}'}：{len(content) / 1024:,.0f} KB")


def _timed(what: str, work: Callable[[], T]) -> T:
    with measured(what):
        return work()
