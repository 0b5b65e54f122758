"""Forms: one definition, read strictly, stored with its version."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from uuid import uuid4

import pytest
from django.template.loader import get_template
from hypothesis import given
from hypothesis import strategies as st

from yigong.core.actor import system
from yigong.core.errors import InvalidInput
from yigong.core.forms import api
from yigong.core.forms.definition import FORM
from yigong.core.packs import api as packs

FOLLOW_UP = """
code = "bp-visit"
version = "{version}"
effective_from = 2024-01-01
title = "血压随访"
source = "sample"

[[items]]
code = "sbp"
label = "收缩压"
type = "integer"
section = "体征"
unit = "mmHg"
min = 40
max = 300
required = true

[[items]]
code = "dbp"
label = "舒张压"
type = "integer"
unit = "mmHg"
min = 20
max = 200

[[items]]
code = "glucose"
label = "血糖"
type = "decimal"
unit = "mmol/L"
min = 0.5
max = 60

[[items]]
code = "symptoms"
label = "症状"
type = "multichoice"
options = [{{ code = "none", label = "无症状", exclusive = true }}, {{ code = "dizzy", label = "头晕" }}, {{ code = "chest", label = "胸闷" }}]

[[items]]
code = "since"
label = "头晕开始日期"
type = "date"
required = true
shown_when = "symptoms.exists(s, s == 'dizzy')"

[[items]]
code = "smokes"
label = "吸烟"
type = "boolean"
prefill = "smoking"

[[checks]]
rule = "sbp > dbp"
message = "收缩压应高于舒张压，请核对。"
item = "dbp"

[[checks]]
rule = "sbp < 180 && dbp < 110"
message = "血压达到紧急转诊标准。"
item = "sbp"
warning = true
"""


@pytest.fixture
def form(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[api.FormDefinition]:
    """The sample form in a pack of its own."""
    monkeypatch.setattr(packs, "ROOT", tmp_path)
    monkeypatch.setenv("YIGONG_PACKS", "national")
    (tmp_path / "national" / "forms").mkdir(parents=True)
    (tmp_path / "national" / "forms" / "bp.toml").write_text(FOLLOW_UP.format(version="1"))
    packs.forget()
    yield api.form("bp-visit")
    packs.forget()


def test_good_answers_are_typed(form: api.FormDefinition) -> None:
    """Full-width digits, slashes in dates and commas are understood; values get their types."""
    typed = {
        "sbp": "142",
        "dbp": "90",
        "glucose": "6.50",
        "symptoms": ["dizzy", "chest"],
        "since": "2025/3/08".replace("/3/", "/03/"),
    }
    reading = api.read(form, typed)
    assert (reading.errors, reading.warnings) == ({}, {})
    assert reading.answers["sbp"] == 142
    assert reading.answers["glucose"] == Decimal("6.50")
    assert reading.answers["since"] == date(2025, 3, 8)


@pytest.mark.parametrize(
    ("item", "text", "word"),
    [
        ("sbp", "", "请填写"),
        ("sbp", "abc", "数字"),
        ("sbp", "1420", "40 到 300"),
        ("sbp", "14.5", "整数"),
        ("sbp", "NaN", "数字"),
        ("sbp", "1e400", "数字"),
        ("glucose", "0.1", "0.5 到 60"),
        ("symptoms", ["none", "dizzy"], "不能再选"),
        ("symptoms", ["<script>"], "列表"),
        ("since", "2025-02-31", "有效日期"),
        ("since", "", "请填写"),
        ("smokes", "maybe", "是或否"),
        ("dbp", "160", "高于舒张压"),
    ],
)
def test_each_mistake_names_field_and_remedy(form: api.FormDefinition, item: str, text: object, word: str) -> None:
    """One wrong answer among right ones gives one error at that field, and nothing is stored."""
    typed = {"sbp": "142", "dbp": "90", "symptoms": ["dizzy"], "since": "2025-03-08", item: text}
    reading = api.read(form, typed)
    assert list(reading.errors) == [item]
    assert word in reading.errors[item]
    with pytest.raises(InvalidInput):
        api.save(form, reading, subject=("visit", uuid4()), actor=system("test"))


def test_a_changed_mind_leaves_nothing_behind(form: api.FormDefinition) -> None:
    """The answer to a question that no longer applies is dropped, its mistakes too."""
    typed = {"sbp": "142", "symptoms": ["none"], "since": "2025-02-31"}
    reading = api.read(form, typed)
    assert (reading.errors, "since" in reading.answers) == ({}, False)
    assert "since" not in api.told(form, typed).items


def test_warnings_let_the_user_go_on(form: api.FormDefinition) -> None:
    """A severe value warns and can be saved."""
    reading = api.read(form, {"sbp": "186", "dbp": "112"})
    assert (reading.errors, list(reading.warnings)) == ({}, ["sbp"])


@given(
    st.dictionaries(
        st.sampled_from(["sbp", "dbp", "glucose", "symptoms", "since", "smokes", "x"]), st.text(max_size=30)
    )
)
def test_any_text_is_answered_calmly(typed: dict[str, str]) -> None:
    """Whatever is typed, reading ends with answers or sentences, never a fault."""
    import msgspec

    form = msgspec.toml.decode(FOLLOW_UP.format(version="1").encode(), type=api.FormDefinition)
    reading = api.read(form, typed)
    assert not set(reading.answers) & set(reading.errors) or set(reading.errors) <= {"dbp"}


@pytest.mark.django_db
def test_stored_with_its_version(form: api.FormDefinition) -> None:
    """A response keeps version and values, shows with labels and units, and is corrected only by a successor."""
    subject, actor = ("visit", uuid4()), system("test")
    first = api.save(
        form, api.read(form, {"sbp": "142", "glucose": "6.5", "smokes": "yes"}), subject=subject, actor=actor
    )
    api.save(form, api.read(form, {"sbp": "141"}), subject=subject, actor=actor, replaces=first)
    (valid,) = api.responses(subject)
    assert (valid.answers, valid.form_version) == ({"sbp": 141}, "1")
    assert api.sheet(form, {"sbp": 142, "smokes": True, "symptoms": ["dizzy", "chest"]}) == [
        ("体征", "收缩压", "142 mmHg"),
        ("", "症状", "头晕、胸闷"),
        ("", "吸烟", "是"),
    ]


def test_page_prefill_and_questionnaire(form: api.FormDefinition) -> None:
    """The page escapes what was typed and keeps it; known facts fill in; the Questionnaire carries every item."""
    page = get_template("forms/form.html")
    module = page.template.make_module({})
    html = str(module.items(form, {"sbp": ['"><script>']}, {"sbp": "请填数字"}))
    assert "<script>" not in html.replace('<script src="', "")
    assert "&#34;&gt;&lt;script&gt;" in html
    assert api.prefilled(form, {"smoking": True, "unknown": 1}) == {"smokes": ["yes"]}
    assert [i["linkId"] for i in api.questionnaire(form)["item"]] == [i.code for i in form.items]


@pytest.mark.parametrize(
    ("old", "new", "word"),
    [
        ("symptoms.exists(s, s == 'dizzy')", "symptom == 'dizzy'", "undeclared"),
        ('item = "dbp"', 'item = "nothing"', "没有题目"),
        ('code = "dbp"', 'code = "sbp"', "重复"),
        ("sbp > dbp", "sbp > '1'", "overload"),
    ],
)
def test_a_wrong_definition_is_refused_at_load(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, old: str, new: str, word: str
) -> None:
    """Unknown names, wrong types and repeated codes are found when the pack loads."""
    monkeypatch.setattr(packs, "ROOT", tmp_path)
    monkeypatch.setenv("YIGONG_PACKS", "national")
    monkeypatch.setattr(packs, "_kinds", {FORM.name: FORM})
    monkeypatch.setattr(packs, "_tables", {})
    (tmp_path / "national" / "forms").mkdir(parents=True)
    (tmp_path / "national" / "forms" / "bp.toml").write_text(FOLLOW_UP.format(version="1").replace(old, new))
    packs.forget()
    found = [p.text for p in packs.check_all().problems]
    packs.forget()
    assert any(word in text for text in found), found
