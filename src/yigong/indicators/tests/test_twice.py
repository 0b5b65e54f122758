"""Every indicator a second time: by plain Python over the rooms' tables, without views, definitions or roll-ups. Both ways must agree, cell by cell."""

from collections.abc import Callable, Iterator
from datetime import date
from importlib.util import find_spec
from pathlib import Path
from uuid import UUID

import pytest

from yigong.indicators import made_county
from yigong.indicators.models import NOWHERE, Cell
from yigong.indicators.queries.registry import counted
from yigong.indicators.tests.by_hand import Houses, Said, care, centres, months, people
from yigong.indicators.tests.made import make_county

WAYS: tuple[Callable[[Houses], Iterator[Said]], ...] = (
    care.of_visits, care.of_stays, care.of_charges, care.of_settlements, care.of_cases, care.of_referrals, care.of_waiting, centres.of_reports,
    centres.of_quality, centres.of_recognitions, centres.of_centres, centres.of_emergencies, centres.of_logistics, people.of_programmes, people.of_people,
    people.of_secondments, people.of_outside_experts, people.of_teams, people.of_key_people, people.of_workers, people.of_standards, people.of_the_public, people.of_seconded_work,
)  # fmt: skip


def agrees_in_the_lake(folder: Path) -> None:
    """Every cell of every indicator, by both engines."""
    from yigong.indicators import lake

    lake.export(folder)
    first, last = made_county.year()
    fields = ("code", "variant", "month", "institution_id", "numerator", "denominator", "provisional")
    mine = set(Cell.objects.filter(month__gte=first, month__lte=last).values_list(*fields))
    found = lake.count(lake.connect(folder), counted().values(), first, last)
    other = {tuple(getattr(cell, name) for name in fields) for cell in found}
    codes = {cell[0] for cell in mine & other}
    print(
        f"\n{len(mine & other)} of {len(mine | other)} cells of {len(codes)} indicators agree in PostgreSQL and DuckDB"
    )
    assert mine == other and codes == set(counted())


@pytest.mark.django_db
def test_every_indicator_agrees_with_a_count_by_hand(tmp_path: Path) -> None:
    """The roll-ups of SQL over views against sums of Python over tables, and against DuckDB over the exported facts."""
    make_county(2400)
    if find_spec("duckdb"):
        agrees_in_the_lake(tmp_path)
    by_hand: dict[tuple[str, str, date, UUID], list[int | None]] = {}
    houses, wanted = Houses(), set(months())
    for way in WAYS:
        for code, variant, month, place, above, below in way(houses):
            if month not in wanted:
                continue
            sums = by_hand.setdefault((code, variant, month, place or NOWHERE), [0, None if below is None else 0])
            sums[0] += above
            if below is not None:
                sums[1] += below
    mine = {key: tuple(sums) for key, sums in by_hand.items() if sums[0] or sums[1]}
    rolled = {
        (one.code, one.variant, one.month, one.institution_id): (one.numerator, one.denominator)
        for one in Cell.objects.filter(month__in=wanted)
    }
    wrong = sorted(key[0] for key in mine.keys() | rolled.keys() if mine.get(key) != rolled.get(key))
    agree = {key[0] for key in mine} - set(wrong)
    print(f"\n{len(agree)} of {len(counted())} indicators agree in all their {len(rolled)} cells with a count by hand")
    assert not wrong, sorted(set(wrong))
    assert agree == set(counted()), set(counted()) - agree
