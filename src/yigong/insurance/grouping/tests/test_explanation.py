"""What the explanation says, and the options of a scheme."""

from pathlib import Path

from yigong.insurance.grouping.grouper import Grouper
from yigong.insurance.grouping.scheme import load_scheme
from yigong.insurance.grouping.tests.invented import FOLDER, GROUPER, case, damaged, newborn


def test_each_step_names_what_decided() -> None:
    """Category, ADRG, complication, excluded complication and DRG, in order, with the codes they looked at."""
    steps = GROUPER.explain(case("D01 D23 D24 X9", "P13")).steps
    assert [(step.kind, step.decided) for step in steps] == [
        ("check", "ok"),
        ("unknown", "X9"),
        ("passed", "MDCA"),
        ("mdc", "MDCB"),
        ("adrg", "BB1"),
        ("complication", "excluded"),
        ("complication", "CC"),
        ("drg", "BB13"),
    ]
    texts = [step.text for step in steps]
    assert texts[3] == "主要诊断 D01 脑梗死 在编码集 MDCB.dx 中，进入 MDCB 神经系统疾病。"
    assert texts[5] == "其他诊断 D23 肺炎 是 CC，但与主要诊断 D01 同属排除表 1，不计。"
    assert texts[6] == "其他诊断 D24 低钾血症 计为 CC。"
    assert steps[4].codes == ("P13",)
    assert steps[5].codes == ("D23", "D01")


def test_age_and_weight_are_named() -> None:
    """A newborn's group is explained by age, days and weight."""
    text = GROUPER.explain(newborn("N02", birth_weight=1200)).text
    assert "5 天，出生体重 1200 克" in text
    assert "年龄（岁）= 0" in text and "日龄（天）≤ 28，出生体重（克）< 1500" in text


def test_the_absence_that_decided_is_named() -> None:
    """A medical group says that no valid procedure was done."""
    assert "没有手术操作，或手术操作都不在有效手术操作目录中" in GROUPER.explain(case("D01")).text


def test_retry_with_each_other_procedure(tmp_path: Path) -> None:
    """Where a scheme tries again, the first further procedure that leads to a group decides, and the explanation says so."""
    again = Grouper(
        load_scheme(
            damaged(
                tmp_path,
                "scheme.json",
                '"retry_with_each_other_procedure": false',
                '"retry_with_each_other_procedure": true',
            )
        )
    )
    given = case("D30", "P20 P05 P01")
    assert GROUPER.group(given).drg == "0000"
    assert again.group(given).drg == "AA19"
    assert ("retry", "P01") in [(step.kind, step.decided) for step in again.explain(given).steps]
    assert again.group(case("D30", "P20 P05")).reason == "no_adrg"


def test_clinical_codes_are_converted_first() -> None:
    """Mapped codes group as their targets; a code without target fails the record and is named."""
    converting = Grouper(load_scheme(FOLDER), convert=True)
    assert converting.group(case("K-D01 K-D24", "K-P13")) == GROUPER.group(case("D01 D24", "P13"))
    assert "临床版编码 K-D01 转换为医保版 D01" in converting.explain(case("K-D01")).text
    for given, reason, code in (
        (case("D01", "P99"), "dx_unmapped", "D01"),
        (case("K-D01", "P13"), "px_unmapped", "P13"),
    ):
        grouped = converting.group(given)
        assert (grouped.reason, grouped.drg) == (reason, "0000")
        assert code in grouped.detail and code in converting.explain(given).text
