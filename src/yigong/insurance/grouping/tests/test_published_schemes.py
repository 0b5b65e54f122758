"""The three published schemes with their reference answers, where the shared data folder is present."""

from datetime import date
from pathlib import Path

import pytest

from yigong.insurance.grouping.grouper import Grouper
from yigong.insurance.grouping.records import read_records
from yigong.insurance.grouping.registry import schemes
from yigong.insurance.grouping.scheme import load_scheme

_PARENTS = Path(__file__).parents
SHARED = next((path / "shared" / "data" for path in _PARENTS if (path / "shared" / "data").is_dir()), Path())


@pytest.mark.parametrize(("name", "number"), [("chs-drg-1.1", 3000), ("linfen-2022", 2000), ("zhejiang-2022", 2000)])
def test_every_reference_answer_is_reproduced(name: str, number: int) -> None:
    """Group and explanation agree with every line of the scheme's sample."""
    if not (SHARED / name / "sample.csv").is_file():
        pytest.skip("the published schemes lie outside the project, in ../shared/data")
    grouper = Grouper(load_scheme(SHARED / name))
    records = list(read_records(SHARED / name / "sample.csv"))
    answers = list(grouper.group_many(case for case, _answer in records))
    found = [(answer.mdc, answer.adrg, answer.drg, answer.status_text) for answer in answers]
    assert len(records) == number
    assert found == [answer for _case, answer in records]
    assert [grouper.explain(case).grouped for case, _answer in records[:300]] == answers[:300]


def test_the_demo_scheme_answers_as_written_by_hand() -> None:
    """The scheme that ships with the project: each line of its sample, among them a wrong sex, an unknown code and a strange operation."""
    folder = Path(__file__).parents[5] / "packs" / "demo" / "grouping"
    grouper = schemes(folder).grouper_for(region="990100", on=date(2026, 6, 1))
    records = list(read_records(folder / "county-demo" / "sample.csv"))
    found = [grouper.group(case) for case, _answer in records]
    assert [(one.mdc, one.adrg, one.drg, one.status_text) for one in found] == [answer for _case, answer in records]
    assert len(found) == 16
    assert [grouper.explain(case).grouped for case, _answer in records] == found
    assert not grouper.scheme.warnings
