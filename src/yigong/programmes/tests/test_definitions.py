"""The definitions of the national pack hold together, on many more samples than a load tries."""

import pytest

from yigong.programmes.rules import sampling
from yigong.programmes.rules.packs import PROGRAMME, programmes, versions

CODES = [
    "hypertension", "diabetes", "elderly", "copd", "mental_illness", "tuberculosis", "pregnancy", "child", "tcm_child", "vaccination",
    "discharge", "infectious", "health_record",
]  # fmt: skip


def test_all_are_in_force() -> None:
    """Thirteen programmes, one of them in three versions."""
    assert set(programmes()) == set(CODES)
    assert [v.version for v in versions("vaccination")] == ["2025.2", "2025.1", "2021.1"]


@pytest.mark.parametrize("code", CODES)
def test_no_gap_no_overlap(code: str) -> None:
    """Complete visits at every threshold get exactly one grade."""
    programme = programmes()[code]
    assert list(sampling.problems(programme, 600)) == []
    assert PROGRAMME.check and list(PROGRAMME.check(programme)) == []
    if programme.grades:
        print(f"\n{code}: {len(sampling.samples(programme, 600))} samples, {len(programme.grades)} grades")
