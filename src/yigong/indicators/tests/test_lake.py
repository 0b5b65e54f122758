"""One text, two engines: the roll-ups of PostgreSQL and of DuckDB over the exported facts are the same."""

from pathlib import Path
from typing import Any

import pytest

from yigong.indicators.models import Cell
from yigong.indicators.queries.registry import counted
from yigong.indicators.tests.world import full_county, make_world, this_month

pytest.importorskip("duckdb")

from yigong.indicators import lake

pytestmark = pytest.mark.django_db


def told(cell: Any) -> tuple[Any, ...]:
    """What a cell says."""
    return cell.code, cell.variant, cell.month, cell.institution_id, cell.numerator, cell.denominator, cell.provisional


def test_both_engines_agree(tmp_path: Path) -> None:
    """Every cell of every indicator, both ways."""
    full_county(make_world())
    assert lake.export(tmp_path) > 1000
    mine = {told(cell) for cell in Cell.objects.filter(month__gte=this_month(3))}
    other = {told(cell) for cell in lake.count(lake.connect(tmp_path), counted().values(), this_month(3), this_month())}
    codes = {cell[0] for cell in mine & other}
    print(
        f"\n{len(mine & other)} of {len(mine | other)} cells of {len(codes)} indicators agree between PostgreSQL and DuckDB"
    )
    assert mine == other and len(codes) > 15
