"""Plans are checked when they are read: each mistake with file and line."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from yigong.insurance.benefits.api import PlanInvalid, read_plan

PACK = Path(__file__).parents[5] / "packs" / "demo" / "benefits"
GOOD = (PACK / "resident-2026.toml").read_text("utf-8")


def test_the_plans_of_the_demo_county_are_whole() -> None:
    """Each can be used and says of itself that its numbers are a demonstration."""
    plans = [read_plan(path).plan for path in sorted(PACK.glob("*.toml"))]
    assert {plan.insurance for plan in plans} == {"310", "390"}
    assert {plan.certainty for plan in plans} == {"demo"}


def mistakes() -> Iterator[tuple[str, str, str]]:
    """(text, wrong text, what is said of it)."""
    yield (
        "from = 40000\nto = 90000\nratio = 0.65",
        "from = 41000\nto = 90000\nratio = 0.65",
        "40000 至 41000 元之间没有档次（缺口）",
    )
    yield (
        "from = 40000\nto = 90000\nratio = 0.65",
        "from = 39000\nto = 90000\nratio = 0.65",
        "39000 至 40000 元之间档次重叠",
    )
    yield "from = 90000\nratio = 0.72", "from = 90000\nto = 99000\nratio = 0.72", "99000 元以上没有档次（缺口）"
    yield "from = 12000\nto = 40000", "from = 12000", "没有上限的档次后面还有档次（重叠）"
    yield "ratio = 0.78", "ratio = 78", "比例 78 应在 0 与 1 之间"
    yield "ratio = 0.78", "ratio = 0.78123", "最多四位小数"
    yield "deductible = 450", "deductible = -450", "金额 -450 不能为负"
    yield "deductible = 450", "deductable = 450", "unknown field `deductable`"
    yield 'level = "2"\ntitle = "县级', 'level = "1"\ntitle = "县级', "级别“1”重复"
    yield (
        'identities = ["tekun", "dibao", "fanpin"]\nthreshold',
        'identities = ["tekun", "rich"]\nthreshold',
        "没有定义人员类别“rich”",
    )
    yield 'identities = ["tekun", "dibao", "fanpin"]\nthreshold', "threshold", "应有且只有一组不写 identities"
    yield 'counts = ["inpatient", "special"]', 'counts = ["inpatient", "dental"]', "没有名为“dental”的待遇"
    yield 'place = "unregistered"', 'place = "registered"', "就医地类别“registered”重复"
    yield "order = 4", "order = 3", "先后顺序“3”重复"
    yield "year = 2026", "year = 2025", "年度 2025 与生效日期"


@pytest.mark.parametrize(("text", "wrong", "said"), list(mistakes()))
def test_a_mistake_is_named_with_its_line(text: str, wrong: str, said: str, tmp_path: Path) -> None:
    """The line is that of the wrong value, or of the table it stands in."""
    assert GOOD.count(text) >= 1
    (tmp_path / "plan.toml").write_text(GOOD.replace(text, wrong, 1), "utf-8")
    with pytest.raises(PlanInvalid) as refused:
        read_plan(tmp_path / "plan.toml")
    line = next(line for line in str(refused.value).splitlines() if said in line)
    number = int(line.split(":")[1])
    start = GOOD[: GOOD.index(text)].count("\n") + 1
    assert number >= 1
    if "应有且只有" not in said and "unknown field" not in said:
        assert abs(number - start) <= 3, (number, start)
