"""Packs: layers, dates, archive, and mistakes named by file and line."""

import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import msgspec
import pytest
from django.core.management.base import CommandError

from yigong.core import clock
from yigong.core.errors import NotFound
from yigong.core.packs import api
from yigong.core.packs.models import ReleasedDefinition
from yigong.launch import prepare


class Stage(msgspec.Struct, forbid_unknown_fields=True):
    """A part of the sample definition."""

    name: str
    days: int


class Plan(msgspec.Struct, forbid_unknown_fields=True):
    """The sample definition."""

    code: str
    version: str
    effective_from: date
    stages: list[Stage]


class Area(msgspec.Struct):
    """A row of the sample table."""

    code: str
    name: str
    people: int = 0


def no_zero_days(plan: Plan) -> list[tuple[str, str]]:
    """A rule that types cannot see."""
    return [(f"stages[{n}].days", "天数必须大于 0") for n, s in enumerate(plan.stages) if s.days <= 0]


PLANS = api.Kind("sample-plan", "plans/*.toml", Plan, no_zero_days)
AREAS = api.Table("sample-area", "areas.csv", Area)
GOOD = """code = "p"
version = "{version}"
effective_from = {day}

[[stages]]
name = "first"
days = {days}

[[stages]]
name = "second"
days = 14
"""


@pytest.fixture
def packs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Two empty packs, the county's above the national one."""
    monkeypatch.setattr(api, "ROOT", tmp_path)
    monkeypatch.setenv("YIGONG_PACKS", "national,county")
    monkeypatch.setattr(api, "_kinds", {PLANS.name: PLANS})
    monkeypatch.setattr(api, "_tables", {AREAS.name: AREAS})
    for name in ("national", "county"):
        (tmp_path / name / "plans").mkdir(parents=True)
    yield tmp_path
    api.forget()


def put(folder: Path, version: str, day: str, days: int = 7) -> None:
    """Write one version of the sample plan."""
    api.forget()
    (folder / "plans" / f"p-{version}.toml").write_text(GOOD.format(version=version, day=day, days=days))


def test_the_version_of_the_day(packs: Path) -> None:
    """A definition is in force from its date; before the first there is none."""
    put(packs / "national", "1", "2024-01-01", 7)
    put(packs / "national", "2", "2025-01-01", 9)
    assert api.current(PLANS, "p", date(2024, 12, 31)).stages[0].days == 7
    assert api.current(PLANS, "p", date(2025, 1, 1)).stages[0].days == 9
    with pytest.raises(NotFound):
        api.current(PLANS, "p", date(2023, 1, 1))


def test_the_county_stands_above(packs: Path) -> None:
    """The same version in the county's pack replaces the national one; rows replace rows."""
    put(packs / "national", "1", "2024-01-01", 7)
    put(packs / "county", "1", "2024-01-01", 30)
    (packs / "national" / "areas.csv").write_text("code,name,people\n01,甲,10\n02,乙,20\n")
    (packs / "county" / "areas.csv").write_text("code,name,people\n02,乙镇,25\n")
    assert api.current(PLANS, "p").stages[0].days == 30
    assert [(a.name, a.people) for a in api.rows(AREAS).values()] == [("甲", 10), ("乙镇", 25)]


@pytest.mark.parametrize(
    ("old", "new", "line", "word"),
    [
        ("days = 14", 'days = "x"', 11, "days"),
        ('name = "second"', 'nome = "second"', 9, "nome"),
        ("days = 7", "days = 0", 7, "天数"),
        ('code = "p"', "code = ", 1, "Invalid value"),
    ],
)
def test_mistakes_name_file_and_line(packs: Path, old: str, new: str, line: int, word: str) -> None:
    """A wrong type, an unknown field, a broken rule and broken syntax are each told with their place."""
    text = GOOD.format(version="1", day="2024-01-01", days=7).replace(old, new)
    (packs / "national" / "plans" / "bad.toml").write_text(text)
    (problem,) = api.check_all().problems
    assert (problem.file.endswith("bad.toml"), problem.line) == (True, line)
    assert word in problem.text


def test_bad_rows_are_all_listed(packs: Path) -> None:
    """Every bad row of a table is named, not only the first; a repeated key too."""
    (packs / "national" / "areas.csv").write_text("code,name,people\n01,甲,many\n02,乙,2\n03,丙,x\n")
    assert [p.line for p in api.check_all().problems] == [2, 4]
    (packs / "national" / "areas.csv").write_text("code,name\n01,甲\n01,乙\n")
    api.forget()
    assert [p.line for p in api.check_all().problems] == [3]


@pytest.mark.django_db
def test_a_released_version_never_changes(packs: Path) -> None:
    """The archive keeps a version after its file is gone and refuses other content under the same version."""
    put(packs / "national", "1", "2024-01-01", 7)
    assert (api.release_all(), api.release_all()) == (1, 0)
    (packs / "national" / "plans" / "p-1.toml").unlink()
    api.forget()
    assert api.released(PLANS, "p", "1").stages[0].days == 7
    put(packs / "national", "1", "2024-01-01", 8)
    with pytest.raises(api.PackError, match="不能再改") as refusal:
        api.release_all()
    (problem,) = refusal.value.problems
    assert problem.file.endswith("national/plans/p-1.toml") and problem.line == 5, "the first line that changed"
    for said in (
        "sample-plan/p 的 1 版",
        "改动了 stages",
        f"p-{clock.today():%Y-%m-%d}.toml",
        "version 写新的版本号",
        "effective_from",
    ):
        assert said in problem.text, problem.text
    kept = ReleasedDefinition.objects.get(kind=PLANS.name, code="p", version="1")
    assert kept.content["stages"][0]["days"] == 7, "nothing was taken over"
    assert (api.release_all(replace=True), api.release_all(replace=True)) == (1, 0)  # A demonstration's only.
    assert api.released(PLANS, "p", "1").stages[0].days == 8


@pytest.mark.django_db
def test_every_file_that_changed_is_named_and_a_new_version_is_the_way_out(
    packs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A real installation stops with all of them at once; the developer's demonstration takes them; a new version is taken by both."""
    for version, day in (("1", "2024-01-01"), ("2", "2025-01-01")):
        put(packs / "national", version, day, 7)
    api.release_all()
    for version, day in (("1", "2024-01-01"), ("2", "2025-06-01")):
        put(packs / "national", version, day, 8)
    monkeypatch.setenv("YIGONG_MODE", "production")
    with pytest.raises(CommandError) as refusal:
        prepare.load_packs()
    first, second = str(refusal.value).splitlines()
    assert "p-1.toml:5:" in first and "p-2.toml:3:" in second and "改动了 effective_from、stages" in second
    for version, day in (("1", "2024-01-01"), ("2", "2025-01-01")):
        put(packs / "national", version, day, 7)
    put(packs / "national", "3", "2025-06-01", 8)
    assert "没有发现错误" in prepare.load_packs()
    assert api.current(PLANS, "p", date(2025, 7, 1)).stages[0].days == 8
    put(packs / "national", "3", "2025-06-01", 9)
    monkeypatch.setenv("YIGONG_MODE", "demo")
    prepare.load_packs()
    assert api.released(PLANS, "p", "3").stages[0].days == 9


def test_threads_read_for_the_first_time_together() -> None:
    """Many requests at once on a server just started: each kind is read once, one thread after the other, and the process lives."""
    code = """
import django, threading
django.setup()
from yigong.core.packs import api
gate, seen = threading.Barrier(8), []
def look():
    gate.wait()
    for kind in list(api._kinds.values()):
        seen.append(len(api.every(kind)))
threads = [threading.Thread(target=look) for _n in range(8)]
[t.start() for t in threads]; [t.join() for t in threads]
print(len(seen), len(api._kinds))
"""
    done = subprocess.run(
        [sys.executable, "-X", "faulthandler", "-c", code],
        check=False,
        capture_output=True,
        text=True,
        env={**os.environ},
    )
    assert done.returncode == 0, done.stderr[-2000:]
    read, kinds = map(int, done.stdout.split())
    assert read == 8 * kinds > 0
