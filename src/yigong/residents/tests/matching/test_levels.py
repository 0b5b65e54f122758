"""Which level a comparison takes, one line each."""

from datetime import date

import pytest

from yigong.residents.matching.api import PersonFields, national, score


def level(comparison: str, left: PersonFields, right: PersonFields) -> str:
    """The code of the level that a comparison takes."""
    return next(s.level for s in score(left, right).steps if s.comparison == comparison)


NAMES = [
    ("张伟", "张伟", "exact"),
    ("张 伟", "张伟", "exact"),
    ("買買提•吐尔逊", "買買提·吐尔逊", "exact"),
    ("張偉國", "张伟国", "simplified"),
    ("张玮", "张伟", "sound"),
    ("单小红", "善小红", "sound"),
    ("王晟", "王成", "sound"),
    ("杨晴", "杨睛", "shape"),
    ("李未明", "李末明", "shape"),
    ("戊己", "戌已", "shape"),
    ("国伟张", "张国伟", "swapped"),
    ("吐尔逊·买买提", "买买提·吐尔逊", "swapped"),
    ("程林", "陈林", "blurred"),
    ("章宁", "臧林", "blurred"),
    ("阿卜杜热合曼·阿卜", "阿卜杜热合曼·阿卜杜拉", "part"),
    ("陈李小红", "李小红", "part"),
    ("欧阳建国", "欧阳建军", "one_apart"),
    ("王建国", "王建军", "one_apart"),
    ("欧阳锋", "欧阳娜娜", "surname"),
    ("王芳", "王伟", "surname"),
    ("欧伟", "欧阳锋", "different"),
    ("张伟", "李芳", "different"),
    ("", "李芳", "missing"),
    ("无名氏", "李芳", "missing"),
    ("李红之女", "李红", "missing"),
]


@pytest.mark.parametrize(("left", "right", "expected"), NAMES)
def test_names(left: str, right: str, expected: str) -> None:
    """Exact, traditional, sound, shape, order, accent, part, one character, surname."""
    assert level("name", PersonFields(name=left), PersonFields(name=right)) == expected


NUMBERS = [
    ("330102199003071230", "330102199003071230", "exact"),
    ("33010219900307123 0", "330102199003071230", "exact"),
    ("11010519491231002x", "11010519491231002X", "exact"),
    ("330102900307123", "330102199003071230", "old_form"),
    ("330102199003071231", "330102199003071231", "old_form"),
    ("330102199003071230", "330102199003071231", "one_wrong"),
    ("330102199003071230", "330102199003701230", "one_wrong"),
    ("330102199003071230", "33010219900307123", "one_wrong"),
    ("330102199003071230", "330102199003071249", "neighbour"),
    ("330102199003071230", "11010519491231002X", "both_valid"),
    ("330102199003071230", "110105194912310021", "different"),
    ("330102199003071230", "000000000000000000", "missing"),
    ("330102199003071230", "无", "missing"),
]


@pytest.mark.parametrize(("left", "right", "expected"), NUMBERS)
def test_citizen_numbers(left: str, right: str, expected: str) -> None:
    """Same, 15 and 18 digits, one wrong, transposed, neighbouring, different, placeholders."""
    assert level("number", PersonFields(id_number=left), PersonFields(id_number=right)) == expected


DOCUMENTS = [
    (("03", "E12345678"), ("03", "e1234 5678"), "exact"),
    (("03", "E12345678"), ("03", "E12345679"), "different"),
    (("03", "E12345678"), ("07", "12345678"), "other_kind"),
    (("03", "E12345678"), ("01", "330102199003071230"), "missing"),
]


@pytest.mark.parametrize(("left", "right", "expected"), DOCUMENTS)
def test_other_documents(left: tuple[str, str], right: tuple[str, str], expected: str) -> None:
    """A passport is compared with a passport only."""
    one, other = (PersonFields(id_type=kind, id_number=number) for kind, number in (left, right))
    assert level("document", one, other) == expected


BIRTHS = [
    ("1990-03-07", "1990-03-07", "exact"),
    ("1990-03-07", "1990-07-03", "swapped"),
    ("1990-02-11", "1990-03-07", "lunar"),
    ("1990-03-07", "1990-02-11", "lunar"),
    ("1952-02-26", "1952-03-21", "lunar"),
    ("1990-03-07", "1990-03-17", "one_wrong"),
    ("1990-03-07", "1909-03-07", "one_wrong"),
    ("1990-03-07", "1990-01-01", "rough"),
    ("1986-03-07", "1994-03-07", "month_day"),
    ("1990-03-07", "1990-03-29", "month"),
    ("1990-03-07", "1991-01-01", "near"),
    ("1990-03-07", "1990-11-29", "year"),
    ("1990-03-07", "1962-11-29", "different"),
]


@pytest.mark.parametrize(("left", "right", "expected"), BIRTHS)
def test_birth_dates(left: str, right: str, expected: str) -> None:
    """Same, swapped, lunar habit, one digit, 1 January, month and day, month, near, year."""
    one, other = (PersonFields(birth_date=date.fromisoformat(text)) for text in (left, right))
    assert level("birth", one, other) == expected


def test_a_birth_date_meets_the_other_sides_number() -> None:
    """A lunar birthday on paper agrees through the number of the other record."""
    paper = PersonFields(birth_date=date(1990, 3, 7))
    card = PersonFields(birth_date=date(1990, 2, 11), id_number="330102199003071230")
    assert level("birth", paper, card) == "by_number"
    assert level("birth", paper, PersonFields(id_number="330102199003071230")) == "exact"
    assert level("sex", PersonFields(sex="1"), PersonFields(id_number="330102199003071230")) == "same"


def test_age_only_is_a_rough_year() -> None:
    """An age that was turned into a year agrees with a date in it, and nearly with the year beside it."""
    aged = PersonFields(birth_date=date(1990, 6, 1), birth_precision="estimated")
    assert level("birth", aged, PersonFields(birth_date=date(1990, 3, 7))) == "rough"
    assert level("birth", aged, PersonFields(birth_date=date(1991, 3, 7))) == "near"


OTHERS = [
    ("sex", {"sex": "1"}, {"sex": "1"}, "same"),
    ("sex", {"sex": "1"}, {"sex": "2"}, "different"),
    ("sex", {"sex": "1"}, {"sex": "9"}, "missing"),
    ("home", {"phone": "+86 138 1234 5678"}, {"phone": "13812345678"}, "phone"),
    ("home", {"phone": "13812345678"}, {"phone": "13812345687"}, "phone_one_wrong"),
    ("home", {"phone": "13812345678"}, {"phone": "15912340000"}, "different"),
    ("home", {"phone": "13800000000"}, {"phone": "13800000000"}, "missing"),
    ("home", {"address": "永定镇大营村三组15号"}, {"address": "富民县永定镇大营村3组15号"}, "home"),
    ("home", {"address": "大营村委会3组15号"}, {"address": "永定镇大营村三组15号"}, "home"),
    ("home", {"address": "永定镇大营村3组"}, {"address": "永定镇大营村5组15号"}, "village"),
    ("home", {"address": "永定镇大营村3组"}, {"address": "永定镇河东村3组"}, "town"),
    ("home", {"address": "永定镇大营村3组"}, {"address": "罗免镇高仓村3组"}, "different"),
    ("home", {"household": "H1"}, {"household": "h1"}, "home"),
    ("home", {"household": "H1"}, {"household": "H2"}, "different"),
    (
        "home",
        {"household": "H1", "phone": "13812345678"},
        {"household": "h1", "phone": "13812345678"},
        "phone_and_home",
    ),
    ("home", {"household": "H1"}, {"phone": "13812345678"}, "missing"),
    ("rank", {"name": "李红之长子"}, {"name": "李红之子1"}, "same"),
    ("rank", {"name": "李红之长子"}, {"name": "李红之次子"}, "different"),
    ("rank", {"name": "李红之长子"}, {"name": "王子轩"}, "different"),
    ("rank", {"name": "李红之子"}, {"name": "王子轩"}, "missing"),
    ("mother", {"mother_name": "李红"}, {"name": "李红之女"}, "nameless"),
    ("mother", {"mother_name": "李红", "name": "王小"}, {"mother_name": "李红", "name": "王小"}, "same"),
    ("mother", {"mother_name": "李洪", "name": "王小"}, {"mother_name": "李红", "name": "王"}, "sound"),
    ("mother", {"mother_name": "李红"}, {"mother_name": "王芳"}, "different"),
]


@pytest.mark.parametrize(("comparison", "left", "right", "expected"), OTHERS)
def test_other_particulars(comparison: str, left: dict, right: dict, expected: str) -> None:
    """Sex, phone, address, household, mother."""
    assert level(comparison, PersonFields(**left), PersonFields(**right)) == expected


def test_every_level_of_the_definition_is_reached() -> None:
    """No level of the national definition lies in the shadow of another: the tables above reach each one."""
    reached = {("name", e) for *_, e in NAMES} | {("number", e) for *_, e in NUMBERS}
    reached |= {("document", e) for *_, e in DOCUMENTS} | {("birth", e) for *_, e in BIRTHS}
    reached |= {(c, e) for c, *_, e in OTHERS} | {("birth", "by_number")}
    wanted = {(c.code, level.code) for c in national().comparison for level in c.level}
    assert wanted <= reached, wanted - reached
    print(f"{len(wanted)} levels")
