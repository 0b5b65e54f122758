"""``./yigong bench takeon``: a county's residents and a year of visits taken on from generated files; minutes and memory of trial and real run.

The files are written first (GBK, the headers of a system's own export, one row in a thousand wrong), then go the way of the command line: header,
trial, real run, and the visits once more, which must make nothing new. CPU seconds are this process's own, without the database.
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

RESIDENTS, VISITS = 350_000, 1_160_000
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
        people, visits = int(RESIDENTS * options.scale), int(VISITS * options.scale)
        _measure(folder, people, visits, options.visits_only)
    return 0


def _measure(home: Path, people: int, visits: int, visits_only: bool) -> None:
    houses = _houses()
    files = {"residents": home / "people.csv", "visits": home / "visits.csv"}
    _write_people(files["residents"], people)
    _write_visits(files["visits"], visits, people, houses)
    say(f"{people:,} residents in {_size(files['residents'])}, {visits:,} visits in {_size(files['visits'])}")
    say(f"{'':<34}{'minutes':>9}{'CPU min':>9}{'rows/s':>9}{'peak MB':>9}   rows")
    if visits_only:
        _load(people)
    else:
        _take_on("residents", files["residents"], people)
    _take_on("visits", files["visits"], visits)
    _take_on("visits", files["visits"], visits, again=True)


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
        say(f"{label:<34}{wall / 60:>9.2f}{own / 60:>9.2f}{rows / wall:>9,.0f}{peak:>9,}   {told}")


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


def _write_visits(path: Path, count: int, people: int, houses: list[str]) -> None:
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
    with path.open("w", encoding="gb18030", newline="") as handle:
        writer = csv.writer(handle)
        writer.writerow(header)
        for serial in range(count):
            day = first + timedelta(days=chance.randrange(365))
            who = people + 9 if serial % _WRONG == 3 else _known(chance.randrange(people))
            main, other = chance.sample(_DIAGNOSES, 2)
            more = other if serial % 3 == 0 else ("", "")
            writer.writerow((
                chance.choice(houses), f"M{serial}", f"P{who}", "门诊", chance.choice(("NK", "WK")), f"{day} {8 + serial % 9:02}:{serial % 60:02}", "复诊",
                *main, *more,
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
