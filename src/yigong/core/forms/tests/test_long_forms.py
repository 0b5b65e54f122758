"""What long forms need: tables, reckoned values, the ordinary finding, questions by age and sex."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.template.loader import get_template

from yigong.core.actor import system
from yigong.core.forms import api
from yigong.core.forms.definition import FORM
from yigong.core.packs import api as packs

CHECK_UP = """
code = "check-up"
version = "1"
effective_from = 2024-01-01
title = "体检"
items = [
  {code = "height", label = "身高", type = "decimal", section = "一般", unit = "cm", min = 40, max = 230},
  {code = "weight", label = "体重", type = "decimal", section = "一般", unit = "kg"},
  {code = "bmi", label = "体质指数", type = "decimal", section = "一般", unit = "kg/m²", reckoned = "weight / (height / 100.0 * height / 100.0)"},
  {code = "fat", label = "体重指导", type = "string", section = "一般", shown_when = "bmi >= 24.0"},
  {code = "skin", label = "皮肤", type = "choice", section = "查体", usual = "1", options = [{code = "1", label = "正常"}, {code = "2", label = "潮红"}]},
  {code = "lungs", label = "罗音", type = "boolean", section = "查体", usual = "no"},
  {code = "self_care", label = "生活自理", type = "choice", section = "老人", shown_when = "age >= 65", required_when = "age >= 70", options = [{code = "1", label = "可自理"}]},
  {code = "womb", label = "宫体", type = "string", section = "妇科", shown_when = "sex == '2'"},
  {code = "signs", label = "8月龄预警征", type = "boolean", section = "发育", shown_when = "stage == 'm8'"},
  {code = "smoking", label = "吸烟", type = "integer", section = "习惯", carried = true},
  {code = "stays", label = "住院史", type = "rows", section = "病史", most = 2, carried = true, columns = [
    {code = "since", label = "入院日期", type = "date", required = true},
    {code = "days", label = "天数", type = "integer", unit = "天", min = 1, max = 400},
    {code = "kind", label = "性质", type = "choice", options = [{code = "1", label = "急诊"}, {code = "2", label = "择期"}]},
  ]},
]
"""
OLD, YOUNG = {"age": 72, "months": 864, "sex": "2"}, {"age": 40, "months": 480, "sex": "1"}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A pack of its own."""
    monkeypatch.setattr(packs, "ROOT", tmp_path)
    monkeypatch.setenv("YIGONG_PACKS", "national")
    (tmp_path / "national" / "forms").mkdir(parents=True)
    packs.forget()
    yield tmp_path / "national" / "forms"
    packs.forget()


@pytest.fixture
def form(folder: Path) -> api.FormDefinition:
    """The sample form."""
    (folder / "check-up.toml").write_text(CHECK_UP)
    return api.form("check-up")


def test_a_table_is_read_line_by_line(form: api.FormDefinition) -> None:
    """Lines in order, those left empty are none; what comes as lines (a phone) reads the same as what a page sends."""
    typed = {
        "stays.0.since": "2024-03-01",
        "stays.0.days": "7",
        "stays.1.since": " ",
        "stays.4.since": "2025-01-02",
        "stays.4.kind": "2",
    }
    lines = [{"since": date(2024, 3, 1), "days": 7}, {"since": date(2025, 1, 2), "kind": "2"}]
    assert api.read(form, typed).answers == {"stays": lines}
    assert api.read(
        form, {"stays": [{"since": "2024-03-01", "days": 7}, {"since": "2025-01-02", "kind": "2"}]}
    ).answers == {"stays": lines}
    again = api.typed_again(api.stored({"stays": lines}))
    assert api.read(form, again).answers == {"stays": lines}
    assert api.sheet(form, api.stored({"stays": lines})) == [
        ("病史", "住院史", "入院日期 2024-03-01，天数 7 天；入院日期 2025-01-02，性质 择期")
    ]


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ({"stays.0.days": "7"}, "第 1 行：请填写“入院日期”。"),
        (
            {"stays.0.since": "2024-03-01", "stays.1.since": "2024-04-01", "stays.1.days": "900"},
            "第 2 行：“天数”应在 1 到 400",
        ),
        ({"stays.0.since": "2024-03-01", "stays.0.kind": "9"}, "第 1 行：“性质”请从列表中选择"),
        ({f"stays.{n}.since": "2024-03-01" for n in range(3)}, "最多 2 行，现在有 3 行"),
    ],
)
def test_a_bad_line_is_named(form: api.FormDefinition, cells: dict[str, str], said: str) -> None:
    """The line, the column and what to do."""
    reading = api.read(form, cells)
    assert said in reading.errors["stays"] and "stays" not in reading.answers


def test_reckoned_values_are_never_typed(form: api.FormDefinition) -> None:
    """Rounded half up to the digits, absent while something is missing or cannot be divided; a condition may build on them."""
    reading = api.read(form, {"height": "160", "weight": "62.5", "bmi": "19", "fat": "少油"})
    assert reading.answers["bmi"] == Decimal("24.4") and reading.answers["fat"] == "少油"
    assert "bmi" not in api.read(form, {"weight": "62.5", "bmi": "19"}).answers
    assert api.told(form, {"height": "160", "weight": "62.5"}).reckoned == {"bmi": "24.4 kg/m²"}
    assert api.told(form, {"height": "160"}).reckoned == {"bmi": ""}


def test_questions_follow_age_sex_and_stage(form: api.FormDefinition) -> None:
    """Known facts decide before anybody types; what is not known hides a question."""
    assert {"self_care", "womb"} <= {i.code for i in form.asked(OLD)} and "signs" in {i.code for i in form.asked(OLD)}
    assert {"self_care", "womb"}.isdisjoint(i.code for i in form.asked(YOUNG))
    assert "signs" not in {i.code for i in form.asked(OLD | {"stage": "m12"})}
    assert "self_care" in api.read(form, {}, OLD).errors and api.read(form, {}, OLD | {"age": 69}).errors == {}
    assert api.told(form, {}, OLD).required == ["self_care"] and api.told(form, {}).required == []
    assert api.read(form, {"self_care": "1", "womb": "正常"}, YOUNG).answers == {}
    assert api.read(form, {"signs": "no"}, {"stage": "m8"}).answers == {"signs": False}


@pytest.mark.django_db
def test_stored_and_carried(form: api.FormDefinition) -> None:
    """Tables are stored as lines and come over into the next form where they are carried; a response knows its own version."""
    reading = api.read(form, {"smoking": "5", "weight": "60.5", "stays.0.since": "2024-03-01"}, YOUNG)
    key = api.save(form, reading, subject=("test", uuid4()), actor=system("test"))
    found = api.answered(key)
    assert found is not None and found[0] == form
    assert found[1] == {"weight": "60.5", "smoking": 5, "stays": [{"since": "2024-03-01"}]}
    assert api.carried(form, found[1]) == {"smoking": ["5"], "stays.0.since": ["2024-03-01"]}


def test_the_page(form: api.FormDefinition) -> None:
    """A list of the sections, a button for ordinary findings where there are any, lines for what is there and one more, what is not typed as text."""
    page = get_template("forms/form.html").template  # type: ignore[attr-defined]
    typed = {"stays.0.since": ["2024-03-01"], "height": ["160"]}
    html = str(page.module.items(form, typed, facts=OLD, notes={"height": "与上次相同"}))
    assert html.count("data-fill-usual") == 1 and html.count("data-toc") == len(form.sections(OLD)) == 7
    assert 'name="stays.1.since"' in html and 'name="stays.2.since"' not in html and 'value="2024-03-01"' in html
    assert "data-reckoned" in html and 'name="bmi"' not in html and "与上次相同" in html
    assert "age=72" in html and "宫体" not in str(page.module.items(form, {}, facts=YOUNG))


def test_questionnaire(form: api.FormDefinition) -> None:
    """Tables are repeating groups, reckoned values are read only."""
    items: dict[str, Any] = {i["linkId"]: i for i in api.questionnaire(form)["item"]}
    assert (items["stays"]["type"], items["stays"]["repeats"]) == ("group", True)
    assert [i["linkId"] for i in items["stays"]["item"]] == ["stays.since", "stays.days", "stays.kind"]
    assert items["bmi"]["readOnly"] is True


@pytest.mark.parametrize(
    ("wrong", "right", "said"),
    [
        ('usual = "1"', 'usual = "7"', "选项里没有“7”"),
        ("weight / (height", "weight / (stature", "stature"),
        (
            'type = "decimal", section = "一般", unit = "kg/m²"',
            'type = "string", section = "一般", unit = "kg/m²"',
            "类型应为 integer 或 decimal",
        ),
        ('code = "womb"', 'code = "sex"', "居民信息的名称"),
        ('type = "rows", section = "病史", most = 2', 'type = "rows", section = "病史", most = 99', "行数上限"),
        ('{code = "days", label', '{code = "since", label', "“since”重复"),
        ('required_when = "age >= 70"', 'required_when = "age + 1"', "表达式有误"),
    ],
)
def test_mistakes_are_found_at_load(folder: Path, wrong: str, right: str, said: str) -> None:
    """Each with its place."""
    assert wrong in CHECK_UP
    (folder / "check-up.toml").write_text(CHECK_UP.replace(wrong, right, 1))
    packs.forget()
    with pytest.raises(packs.PackError, match=said):
        packs.current(FORM, "check-up")
