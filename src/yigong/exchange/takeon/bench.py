"""``./yigong bench takeon``: a county's residents and a year of visits, charge lines and settlements taken on from generated files; minutes and
memory of trial and real run.

The files are written first (GBK, the headers of a system's own export, one row in a thousand wrong), then go the way of the command line: header,
trial, real run, and the visits and charges once more, which must make nothing new. CPU minutes are this process's own, without the database; rows
per CPU second are of it.
"""

# texts: data
import argparse
import csv
import random
import resource
import time
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from yigong.launch.bench_house import migrated, say, throwaway

RESIDENTS, VISITS, CHARGES, SETTLEMENTS = 350_000, 1_160_000, 5_000_000, 1_200_000
_WRONG = 1000
_DIAGNOSES = (
    ("J06.900", "急性上呼吸道感染"),
    ("I10.x00", "高血压"),
    ("E11.900", "2型糖尿病"),
    ("K29.500", "慢性胃炎"),
    ("M54.500", "腰痛"),
)


def main(arguments: list[str]) -> int:
    """Write the files, take them on, print."""
    parser = argparse.ArgumentParser("./yigong bench takeon")
    parser.add_argument(
        "--scale", type=float, default=0.1, help="share of a county of 350,000 residents and 1.16 million visits"
    )
    parser.add_argument("--visits-only", action="store_true", help="residents by COPY instead of by their file")
    options = parser.parse_args(arguments)
    with throwaway() as folder:
        migrated()
        _measure(folder, options.scale, options.visits_only)
    return 0


def _measure(home: Path, scale: float, visits_only: bool) -> None:
    houses = _houses()
    people, visits, charges, settlements = (int(n * scale) for n in (RESIDENTS, VISITS, CHARGES, SETTLEMENTS))
    files = {name: home / f"{name}.csv" for name in ("residents", "visits", "charges", "settlements")}
    _write_people(files["residents"], people)
    whose = _write_visits(files["visits"], visits, people, houses)
    _write_charges(files["charges"], charges, whose, houses)
    _write_settlements(files["settlements"], settlements, people, houses)
    rows = {"residents": people, "visits": visits, "charges": charges, "settlements": settlements}
    say(", ".join(f"{n:,} {name} in {_size(files[name])}" for name, n in rows.items()))
    say(f"{'':<34}{'minutes':>9}{'CPU min':>9}{'rows/s':>9}{'rows/CPU s':>11}{'peak MB':>9}   rows")
    if visits_only:
        _load(people)
    else:
        _take_on("residents", files["residents"], people)
    _take_on("visits", files["visits"], visits)
    _take_on("visits", files["visits"], visits, again=True)
    _take_on("charges", files["charges"], charges)
    _take_on("charges", files["charges"], charges, again=True)
    _take_on("settlements", files["settlements"], settlements)


def _take_on(layout: str, path: Path, rows: int, again: bool = False) -> None:
    from yigong.core.states.api import transition
    from yigong.exchange.takeon.commands import name_columns, running, upload
    from yigong.exchange.takeon.commands.uploading import access
    from yigong.exchange.takeon.management.commands.takeon import ACTOR
    from yigong.exchange.takeon.rules.states import IMPORT

    with path.open("rb") as handle:
        chunks = iter(lambda: handle.read(1 << 20), b"")
        row = upload(
            layout_code=layout, file_name=path.name, chunks=chunks, system="HIS", institution_id=None, actor=ACTOR
        )
    name_columns(import_id=row.pk, columns=row.columns, actor=ACTOR)
    for action, work in (("check", running.check), ("run", running.run)):
        transition(IMPORT, row, action, actor=ACTOR)
        wall, own = time.perf_counter(), time.process_time()
        outcome = work(access(row.pk, ACTOR), ACTOR, lambda _done, _total, _note: None)
        wall, own = time.perf_counter() - wall, time.process_time() - own
        label = f"{layout}: {'trial' if action == 'check' else 'run'}{' of the same file' if again else ''}"
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        told = ", ".join(f"{name} {n:,}" for name, n in sorted(outcome.counts.items()) if n)
        say(f"{label:<34}{wall / 60:>9.2f}{own / 60:>9.2f}{rows / wall:>9,.0f}{rows / own:>11,.0f}{peak:>9,}   {told}")


def _houses() -> list[str]:
    """Twenty institutions with two departments each."""
    from yigong.core.actor import system
    from yigong.network import api as network

    actor, codes = system("bench"), [f"BENCH-{n:02}" for n in range(20)]
    for code in codes:
        house = network.create_institution(code=code, name=code, level="township", category="C220", actor=actor)
        for ward in ("NK", "WK"):
            network.create_department(institution_id=house.id, code=ward, name=ward, actor=actor)
    return codes


def _people(count: int) -> Any:
    from yigong.residents.matching.generator import County

    for serial, human in enumerate(County(1).people(count)):
        if serial == count:
            return
        yield serial, human


def _write_people(path: Path, count: int) -> None:
    with path.open("w", encoding="gb18030", newline="") as handle:
        writer = csv.writer(handle)
        writer.writerow(("患者ID", "患者姓名", "性别", "出生日期", "身份证号", "手机号", "家庭住址"))
        for serial, human in _people(count):
            sex = "外星人" if serial % _WRONG == 7 else human.sex
            phone = human.own_phone or human.home.phone
            writer.writerow((f"P{serial}", human.name, sex, human.born, human.number, phone, human.home.door))


def _write_visits(path: Path, count: int, people: int, houses: list[str]) -> list[tuple[int, str]]:
    """Gives house and day of each visit."""
    chance, first = random.Random(1), date(2025, 1, 1)
    header = (
        "机构编码",
        "门诊号",
        "患者ID",
        "就诊类型",
        "科室编码",
        "就诊时间",
        "主诉",
        "诊断编码",
        "诊断名称",
        "其他诊断1编码",
        "其他诊断1",
    )
    whose = []
    with path.open("w", encoding="gb18030", newline="") as handle:
        writer = csv.writer(handle)
        writer.writerow(header)
        for serial in range(count):
            house = chance.randrange(len(houses))
            day = first + timedelta(days=chance.randrange(365))
            who = people + 9 if serial % _WRONG == 3 else _known(chance.randrange(people))
            main, other = chance.sample(_DIAGNOSES, 2)
            more = other if serial % 3 == 0 else ("", "")
            writer.writerow((
                houses[house], f"M{serial}", f"P{who}", "门诊", chance.choice(("NK", "WK")), f"{day} {8 + serial % 9:02}:{serial % 60:02}", "复诊",
                *main, *more,
            ))  # fmt: skip
            whose.append((house, str(day)))
    return whose


def _write_charges(path: Path, count: int, whose: list[tuple[int, str]], houses: list[str]) -> None:
    """Lines by visit, in their order; one in a thousand of a visit that nobody knows, some items that the price list does not have."""
    with path.open("w", encoding="gb18030", newline="") as handle:
        writer = csv.writer(handle)
        writer.writerow(
            (
                "机构编码",
                "门诊号",
                "账单号",
                "明细序号",
                "医保编码",
                "项目名称",
                "费别",
                "单价",
                "数量",
                "金额",
                "收费时间",
            )
        )
        for serial in range(count):
            visit = serial * len(whose) // count
            visit += visit % _WRONG == 3 and 1  # those visits were refused
            house, day = whose[min(visit, len(whose) - 1)]
            number = "M-" if serial % _WRONG == 5 else f"M{visit}"
            code = f"XN{serial % 40:02}" if serial % 4 else "DEMO-ZC-PT"
            writer.writerow(
                (
                    houses[house],
                    number,
                    f"B{visit}",
                    serial,
                    code,
                    "阿莫西林胶囊",
                    "09",
                    "1.25",
                    "4",
                    "5.00",
                    f"{day} 10:00",
                )
            )


def _write_settlements(path: Path, count: int, people: int, houses: list[str]) -> None:
    """Nine in ten inside; the others late and provisional."""
    chance, first = random.Random(2), date(2025, 1, 1)
    header = (
        "结算编号",
        "患者ID",
        "险种",
        "类别",
        "结算日期",
        "机构编码",
        "医院",
        "总费用",
        "统筹基金",
        "大病保险",
        "个人负担",
        "定案",
    )
    with path.open("w", encoding="gb18030", newline="") as handle:
        writer = csv.writer(handle)
        writer.writerow(header)
        for serial in range(count):
            inside = serial % 10 > 0
            place = (chance.choice(houses), "") if inside else ("", "省人民医院")
            person = "60.01" if serial % _WRONG == 9 else "60.00"
            writer.writerow((
                f"S{serial}", f"P{_known(chance.randrange(people))}", "城乡居民", "门诊统筹" if inside else "住院",
                first + timedelta(days=chance.randrange(365)), *place, "100.00", "30.00", "10.00", person, "",
            ))  # fmt: skip


def _known(serial: int) -> int:
    """Somebody whose own row was taken on."""
    return serial - 1 if serial % _WRONG == 7 else serial


def _load(count: int) -> None:
    from yigong.core.actor import system
    from yigong.residents.bulk import BulkResident, loading

    begin = time.perf_counter()
    with loading(system("bench"), "benchmark") as batch:
        batch.load(
            BulkResident(
                name=h.name,
                sex=h.sex,
                birth_date=h.born,
                source=(None, "HIS", f"P{serial}"),
                numbers=(("01", h.number),),
            )
            for serial, h in _people(count)
        )
    say(f"residents by COPY: {(time.perf_counter() - begin) / 60:.2f} minutes")


def _size(path: Path) -> str:
    return f"{path.stat().st_size / 1e6:.0f} MB"
