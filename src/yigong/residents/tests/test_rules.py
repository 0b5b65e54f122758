"""Rules about numbers, names, readings and seals."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yigong.residents.rules import numbers, people, pinyin, sealing, text
from yigong.residents.rules.search import birth_range, parse

TODAY = date(2026, 11, 22)
born = st.dates(date(1900, 1, 1), TODAY)
area = st.sampled_from(sorted(numbers.PROVINCES - {"81", "82", "83"})).map(lambda p: p + "0181")


@st.composite
def citizen(draw: st.DrawFn) -> str:
    """A valid citizen number."""
    body = draw(area) + draw(born).strftime("%Y%m%d") + f"{draw(st.integers(0, 999)):03d}"
    return body + numbers.check_character(body)


def full_width(value: str) -> str:
    """As some input methods write it."""
    return "".join(chr(ord(c) + 0xFEE0) for c in value)


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("11010519491231002x", "11010519491231002X"),
        ("110105491231002", "11010519491231002X"),
        ("330102900307123", "330102199003071230"),
        (" 330102 19900307 1230 ", "330102199003071230"),
        ("１４０１２１２００００２２９００１９", "140121200002290019"),
    ],
)
def test_worked_numbers_of_the_standard(typed: str, stored: str) -> None:
    """GB 11643's own example, leap day 2000, the 15-digit form."""
    assert numbers.check_citizen(typed, TODAY).value == stored


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("", "请填写"),
        ("33010219900307123", "17 位"),
        ("33010219900307A230", "第 15 位是“A”"),
        ("33010219900307123Y", "只能是数字或 X"),
        ("990102199003071230", "省份"),
        ("330102190002290011", "不是真实的日期"),
        ("330102199013071230", "不是真实的日期"),
        ("330102209901011234", "晚于今天"),
        ("440524188001010014", "超过 130 年"),
        ("330102199003071231", "校验不符"),
    ],
)
def test_a_refusal_names_place_and_remedy(typed: str, says: str) -> None:
    """Each mistake has its own sentence."""
    with pytest.raises(numbers.BadNumber, match=says):
        numbers.check_citizen(typed, TODAY)


@given(citizen())
def test_every_form_of_a_number_is_one_number(value: str) -> None:
    """Full width, blanks and case fold to one; birth and sex are read from it."""
    once = numbers.check_citizen(value, TODAY)
    spaced = f" {value[:6]} {value[6:14]}　{value[14:].lower()} "
    assert numbers.check_citizen(full_width(value), TODAY) == numbers.check_citizen(spaced, TODAY) == once
    assert once.birth_date == date(int(value[6:10]), int(value[10:12]), int(value[12:14]))
    assert once.sex == ("1" if int(value[16]) % 2 else "2")


@given(citizen(), st.integers(0, 16), st.integers(1, 9))
def test_one_wrong_digit_never_passes_the_check(value: str, place: int, by: int) -> None:
    """ISO 7064 catches every single error."""
    wrong = value[:place] + str((int(value[place]) + by) % 10) + value[place + 1 :]
    with pytest.raises(numbers.BadNumber):
        numbers.check_citizen(wrong, TODAY)


@given(citizen(), st.integers(0, 15))
def test_two_swapped_digits_never_pass(value: str, place: int) -> None:
    """Neighbours swapped are caught."""
    a, b = value[place], value[place + 1]
    swapped = value[:place] + b + a + value[place + 2 :]
    if a != b:
        with pytest.raises(numbers.BadNumber):
            numbers.check_citizen(swapped, TODAY)


@given(area, st.dates(date(1900, 1, 1), date(1999, 12, 31)), st.integers(0, 999))
def test_fifteen_digits_upgrade_to_eighteen(where: str, when: date, serial: int) -> None:
    """Only the reserved sequence asks for a second look."""
    checked = numbers.check_citizen(f"{where}{when:%y%m%d}{serial:03d}", TODAY)
    assert checked.value[6:14] == when.strftime("%Y%m%d")
    assert bool(checked.notes) == (serial >= 996)


@given(st.text(max_size=40))
def test_any_text_is_answered_with_a_sentence(typed: str) -> None:
    """No kind of document raises anything but BadNumber."""
    for kind in numbers.KINDS:
        try:
            assert numbers.check_number(kind, typed, TODAY).value
        except numbers.BadNumber as bad:
            assert str(bad)


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        ("03", "E12345678", "中国"),
        ("06", "h12345678", "H1234567"),
        ("07", "12345678", "1234567"),
        ("10", "810000199408230021", "810000199408230022"),
        ("99P", "ABC123456789012", "AB1234567890123"),
        ("99B", "X330000001", "330000001"),
        ("12", "A12345678", "A1"),
    ],
)
def test_other_documents(kind: str, good: str, bad: str) -> None:
    """Permits, passports, birth certificates and cards have their own shapes."""
    assert numbers.check_number(kind, good, TODAY).kind == kind
    with pytest.raises(numbers.BadNumber):
        numbers.check_number(kind, bad, TODAY)


def test_a_foreigners_card_is_told_from_a_citizen_number() -> None:
    """Eighteen characters that begin with 9 are the card since 2023."""
    body = "93315619900307123"
    assert numbers.check_citizen(body + numbers.check_character(body), TODAY).kind == "99P"


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("138 0000 0000", "13800000000"),
        ("+86-13800000000", "13800000000"),
        ("１３８００００００００", "13800000000"),
        ("0871-68600000", "0871-68600000"),
        ("(0871)68600000", "0871-68600000"),
        ("010 68600000", "010-68600000"),
        ("68600000", "68600000"),
    ],
)
def test_phones(typed: str, stored: str) -> None:
    """Mobile and fixed lines in their stored form."""
    assert numbers.check_phone(typed) == stored
    with pytest.raises(numbers.BadNumber):
        numbers.check_phone(typed + "99999")


@pytest.mark.parametrize(
    ("name", "full", "short"),
    [
        ("单小红", "shanxiaohong", "sxh"),
        ("仇英", "qiuying", "qy"),
        ("解放", "xiefang", "xf"),
        ("查良镛", "zhaliangyong", "zly"),
        ("区小明", "ouxiaoming", "oxm"),
        ("曾国", "zengguo", "zg"),
        ("任我行", "renwoxing", "rwx"),
        ("尉迟恭", "yuchigong", "ycg"),
        ("吕布", "lvbu", "lb"),
        ("买买提·艾力", "maimaitiaili", "mmtal"),
        ("劉備", "liubei", "lb"),
        ("John 史密斯", "johnshimisi", "johnsms"),
    ],
)
def test_readings_of_names(name: str, full: str, short: str) -> None:
    """Surnames are read as surnames; both readings find the person."""
    assert (pinyin.pinyin(name), pinyin.initials(name)) == (full, short) or name.startswith("John")
    assert full in pinyin.keys(name)
    assert len(pinyin.keys(name)) <= 16


@given(st.text(max_size=80))
def test_any_name_is_stored_as_text_or_refused_in_words(typed: str) -> None:
    """Stored names are stable under storing again, and never blank or too long."""
    try:
        stored = people.check_name(typed)
    except people.BadInput as bad:
        assert str(bad)
        return
    assert stored == people.check_name(stored)
    assert 0 < len(stored) <= people.LONGEST_NAME
    assert len(pinyin.pinyin(stored)) <= 120
    assert all(len(k) <= 120 for k in pinyin.keys(stored))


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("王 小 红", "王小红"),
        ("买买提•艾力", "买买提·艾力"),
        ("买买提．艾力", "买买提·艾力"),
        ("　张三　", "张三"),
        ("Ａｎｎａ  Lee", "Anna Lee"),
        ("劉備", "劉備"),
        ("<script>alert(1)</script>", "<script>alert(1)</script>"),
        ("Robert'); DROP TABLE residents;--", "Robert'); DROP TABLE residents;--"),
    ],
)
def test_names_are_folded_but_kept(typed: str, stored: str) -> None:
    """Blanks and dots fold; traditional forms and markup stay as they were written."""
    assert people.check_name(typed) == stored


@pytest.mark.parametrize("typed", ["", " ", "·", "12345", "王\x00五", "长" * 61, "长" * 10_000_000])
def test_names_that_cannot_be(typed: str) -> None:
    """Blank, digits, control characters and floods are refused."""
    with pytest.raises(people.BadInput):
        people.check_name(typed)


@given(st.text(max_size=60), st.text(min_size=1, max_size=20))
def test_a_sealed_value_opens_only_in_its_place(value: str, place: str) -> None:
    """The seal binds value, column and row; a changed byte is noticed."""
    value = value.encode("utf-8", "ignore").decode()
    place = place.encode("utf-8", "ignore").decode() or "r"
    sealed = sealing.seal(value, place)
    assert sealing.unseal(sealed, place) == value
    with pytest.raises(sealing.SealBroken):
        sealing.unseal(sealed, place + "x")
    with pytest.raises(sealing.SealBroken):
        sealing.unseal(sealed[:-1] + bytes([sealed[-1] ^ 1]), place)


def test_masks_show_what_may_be_shown() -> None:
    """First three and last four of a number, likewise of a mobile."""
    assert people.mask_number("330102199003071230") == "330***********1230"
    assert people.mask_phone("13812345678") == "138****5678"
    assert people.mask_phone("") == ""


@given(born, st.integers(0, 40_000))
def test_age_grows_day_by_day(birth: date, days: int) -> None:
    """Years, months and days agree with the calendar."""
    day = birth + timedelta(days=min(days, 40_000))
    age = people.age(birth, day)
    assert age.days == (day - birth).days
    assert age.months // 12 == age.years
    assert age.text


@given(citizen(), st.integers(10, 17))
def test_a_prefix_allows_the_birth_date_of_its_number(value: str, length: int) -> None:
    """The range of birth dates that a prefix asks for holds the number's own."""
    span = birth_range(value[:length])
    assert span and span[0] <= date(int(value[6:10]), int(value[10:12]), int(value[12:14])) <= span[1]


@given(st.text(max_size=60))
def test_the_search_box_reads_anything(typed: str) -> None:
    """Whatever is typed is parsed without an error."""
    wanted = parse(typed)
    if wanted.number_prefix:
        birth_range(wanted.number_prefix)


@pytest.mark.parametrize(
    ("typed", "ways"),
    [
        ("王小红", {"name": "王小红"}),
        ("小 红", {"name": "小红"}),
        ("wxh", {"letters": "wxh", "name": "WXH"}),
        ("wang xiaohong", {"letters": "wangxiaohong", "name": "WANGXIAOHONG"}),
        ("王小红 1230", {"name": "王小红", "tail": "1230"}),
        ("wxh 123x", {"letters": "wxh", "name": "WXH", "tail": "123X"}),
        ("330102199003071230", {"number": "330102199003071230"}),
        ("３３０１０２１９９００３", {"number_prefix": "330102199003"}),
        ("13800000000", {"phone": "13800000000", "number_prefix": "13800000000"}),
        ("53018100100100001", {"archive_number": "53018100100100001", "number_prefix": "53018100100100001"}),
        ("E12345678", {"number": "E12345678"}),
    ],
)
def test_ways_of_asking(typed: str, ways: dict[str, str]) -> None:
    """Each way of naming a person is recognised."""
    wanted = parse(typed)
    assert {f: getattr(wanted, f) for f in wanted.__slots__ if getattr(wanted, f)} == ways


def test_name_keys_fold_blanks_dots_and_case() -> None:
    """Search does not see them."""
    assert text.name_key("买买提 · 艾力ab") == "买买提艾力AB"
