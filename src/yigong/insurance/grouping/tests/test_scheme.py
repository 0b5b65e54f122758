"""Faults of a scheme folder are named with file and line, and schemes are found by region and day."""

import shutil
from datetime import date
from pathlib import Path

import pytest

from yigong.insurance.grouping.api import SchemeInvalid, SchemeNotFound, load_scheme, schemes
from yigong.insurance.grouping.tests.invented import FOLDER, case, damaged

FAULTS = [
    ("cc.csv", "", "", "cc.csv", 0, "缺少这个文件"),
    ("mdc.json", "", "", "mdc.json", 0, "缺少这个文件"),
    ("scheme.json", "drg-scheme/1", "other/2", "scheme.json", 0, "drg-scheme/1"),
    ("scheme.json", "age missing or", "age odd or", "scheme.json", 21, "不认识的信息校验"),
    ("scheme.json", '"invalid": "信息校验不通过",', "", "scheme.json", 0, "缺少 invalid"),
    ("scheme.json", '"MDCA",', "", "scheme.json", 5, "不一致"),
    ("adrg.json", '"BB2.px"', '"BB9.px"', "adrg.json", 9, "BB9.px"),
    ("adrg.json", "px_tags", "px_tag", "adrg.json", 8, "不认识的规则“px_tag”"),
    ("adrg.json", '{"lt": 17}', '{"below": 17}', "adrg.json", 9, "无法识别"),
    ("adrg.json", '{"mcc": true}', '{"mcc": false}', "adrg.json", 4, "要相反的意思请用 not"),
    ("adrg.json", '"ZZ19"', '"ZZ99"', "adrg.json", 6, "“ZZ99”不在 drg.csv 中"),
    ("adrg.json", '"entry": "MR1", ', "", "adrg.json", 0, "第 6 项：内容不符合格式"),
    ("adrg.json", '"if_no_drg": null},', '"if_no_drg": null}', "adrg.json", 3, "JSON"),
    ("mdc.json", '"AA1", "AA2"', '"AA1", "AA3"', "mdc.json", 2, "AA3"),
    ("mdc.json", '"AA1", "AA2"', '"AA1"', "adrg.json", 3, "没有列入任何 MDC"),
    ("mdc.json", '"sex": 1', '"sex": 3', "mdc.json", 5, "1（男）或 2（女）"),
    ("mdc.json", '"min_distinct": 2', '"min_distinct": 0', "mdc.json", 4, "正整数"),
    ("code_sets.csv", "AA2.px,P02,", "AA2.px,P02", "code_sets.csv", 3, "3 列"),
    ("code_sets.csv", "AA2.px,P02,\n", "", "scheme.json", 0, "声明 18 条"),
    ("drg.csv", "drg,adrg", "DRG,adrg", "drg.csv", 1, "表头"),
    ("drg.csv", "AA19,AA1", "AA19,AA2", "adrg.json", 2, "AA2/MDCA"),
    ("cc.csv", "D23,1", "D21,1", "cc.csv", 2, "同时在 mcc.csv"),
    ("exclusions.csv", "N01,2", "D01,2", "exclusions.csv", 3, "重复"),
    ("weights.csv", "3.1200", "three", "weights.csv", 2, "不是数"),
    ("weights.csv", "BR15", "BR99", "weights.csv", 3, "不在 drg.csv 中"),
]


@pytest.mark.parametrize(("file", "old", "new", "named", "line", "words"), FAULTS)
def test_every_fault_is_named_with_file_and_line(
    tmp_path: Path, file: str, old: str, new: str, named: str, line: int, words: str
) -> None:
    """One damaged piece: the scheme is not loaded and the fault's place is told."""
    with pytest.raises(SchemeInvalid) as refused:
        load_scheme(damaged(tmp_path, file, old, new))
    found = [problem for problem in refused.value.problems if problem.file == named and words in problem.sentence]
    assert found, refused.value
    assert line in (0, found[0].line)
    assert named in str(refused.value)


def test_not_utf8_is_said(tmp_path: Path) -> None:
    """A table saved in another encoding is refused with the remedy."""
    folder = damaged(tmp_path, "drg.csv", "AA19", "AA19")
    (folder / "drg.csv").write_bytes("drg,adrg,mdc,name\nAA19,AA1,MDCA,移植\n".encode("gb18030"))
    with pytest.raises(SchemeInvalid, match="UTF-8"):
        load_scheme(folder)


def _several(folder: Path, *lines: str) -> Path:
    for name in ("national", "city"):
        shutil.copytree(FOLDER, folder / name)
    (folder / "schedule.csv").write_text(
        "\n".join(("region,valid_from,valid_to,scheme", *lines)) + "\n", encoding="utf-8"
    )
    return folder


def test_the_most_particular_scheme_of_the_day_is_used(tmp_path: Path) -> None:
    """A city's own scheme wins over the nation's from its first to its last day."""
    known = schemes(_several(tmp_path, ",2021-01-01,,national", "1410,2022-01-01,2024-12-31,city"))
    asked = [
        ("141002", date(2022, 1, 1)),
        ("141002", date(2024, 12, 31)),
        ("141002", date(2025, 1, 1)),
        ("330100", date(2023, 5, 1)),
    ]
    assert [known.name_for(region=region, on=on) for region, on in asked] == ["city", "city", "national", "national"]
    with pytest.raises(SchemeNotFound, match="2020-12-31"):
        known.name_for(region="141002", on=date(2020, 12, 31))
    grouper = known.grouper_for(region="141002", on=date(2023, 1, 1))
    assert grouper.group(case("D01")).drg == "BR15"
    assert known.grouper_for(region="141029", on=date(2023, 1, 1)) is grouper
    with pytest.raises(SchemeNotFound, match="elsewhere"):
        known.grouper("elsewhere")


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("1410,2022-01-01,,county", "county"),
        ("1410,2022/01/01,,city", "2022/01/01"),
        ("1410,2022-01-01,2021-01-01,city", "止期早于起期"),
        (",2024-01-01,,city", "重叠"),
        ("1410,2022-01-01", "4 列"),
    ],
)
def test_a_wrong_schedule_line_is_named(tmp_path: Path, line: str, words: str) -> None:
    """The line's number and what is wrong with it."""
    with pytest.raises(SchemeInvalid, match=f"第 3 行.*{words}"):
        schemes(_several(tmp_path, ",2021-01-01,,national", line))
