"""Numbers of identity documents: the citizen number of GB 11643 and the documents of CV02.01.101."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from yigong.residents.rules.text import has_controls, squeeze

WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CHECK = "10X98765432"
PROVINCES = frozenset(
    "11 12 13 14 15 21 22 23 31 32 33 34 35 36 37 41 42 43 44 45 46 50 51 52 53 54 61 62 63 64 65 71 81 82 83".split()
)
OLDEST = 130

CITIZEN, HOUSEHOLD_BOOK, PASSPORT, OFFICER, DRIVING, HK_MACAU, TAIWAN, OTHER = "01 02 03 04 05 06 07 99".split()
TEMPORARY, POLICE, HK_MACAU_RESIDENCE, TAIWAN_RESIDENCE, SOCIAL_CARD = "08 09 10 11 12".split()
# Documents that CV02.01.101 counts under 99; the code sent outside is the first two characters.
PERMANENT_RESIDENCE, BIRTH_CERTIFICATE, HEALTH_CARD, INSURANCE = "99P 99B 99H 99I".split()


@dataclass(frozen=True, slots=True)
class CheckedNumber:
    """A number that passed: ``value`` is its one stored form; what the number itself says of its bearer, where it says it.

    ``notes`` are sentences a clerk should look at although the number is acceptable.
    """

    kind: str
    value: str
    birth_date: date | None = None
    sex: str = ""
    notes: tuple[str, ...] = ()


class BadNumber(ValueError):
    """The number cannot be right; the text says what is wrong, where, and what to do."""


def check_character(body: str) -> str:
    """The 18th character for the first 17 digits (GB 11643, modulus 11-2)."""
    return CHECK[sum(int(c) * w for c, w in zip(body, WEIGHTS, strict=True)) % 11]


def upgrade(old: str) -> str:
    """The 18-character form of a 15-digit number (century 19)."""
    body = old[:6] + "19" + old[6:]
    return body + check_character(body)


def check_citizen(text: str, today: date) -> CheckedNumber:
    """Normalise and check a citizen number, a residence permit (81/82/83) or a foreigner's card with the same build-up (9…).

    Raises BadNumber with a sentence naming the place of the mistake and the remedy.
    """
    value = squeeze(text)
    if not value:
        raise BadNumber(_("请填写身份证号码。"))
    _refuse_shape(value)
    notes: tuple[str, ...] = ()
    if len(value) == 15:
        if value[12:] in {"996", "997", "998", "999"}:
            notes = (_("15 位号码末三位为 996–999，是留给百岁以上老人的顺序码，请核对出生年份。"),)
        value = upgrade(value)
    _refuse_area(value)
    born = _birth_date(value, today)
    if check_character(value[:17]) != value[17]:
        raise BadNumber(
            _("身份证号码末位校验不符：请对照证件逐位核对，常见的是输错一位或相邻两位颠倒。"),
        )
    sex = "1" if int(value[16]) % 2 else "2"
    return CheckedNumber(_kind_of(value), value, born, sex, notes)


def _refuse_shape(value: str) -> None:
    if len(value) not in {15, 18}:
        raise BadNumber(
            _("身份证号码应为 18 位（旧证 15 位），现在是 %(n)s 位，请补全或删去多余字符。") % {"n": len(value)}
        )
    body = value[:17] if len(value) == 18 else value
    for place, character in enumerate(body, 1):
        if not ("0" <= character <= "9"):
            raise BadNumber(
                _("身份证号码第 %(place)s 位是“%(c)s”，应为数字，请对照证件修改。") % {"place": place, "c": character}
            )
    if len(value) == 18 and value[17] not in "0123456789X":
        raise BadNumber(_("身份证号码第 18 位是“%(c)s”，只能是数字或 X，请对照证件修改。") % {"c": value[17]})


def _refuse_area(value: str) -> None:
    # Abolished counties stay legal for life, so only the province is asked (foreigners' cards: 9 + province).
    province = value[1:3] if value[0] == "9" else value[:2]
    if province not in PROVINCES:
        raise BadNumber(_("身份证号码开头“%(p)s”不是任何省份的代码，请核对前 6 位。") % {"p": value[:2]})


def _birth_date(value: str, today: date) -> date:
    digits = value[6:14]
    try:
        born = date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        raise BadNumber(_("身份证号码第 7–14 位“%(d)s”不是真实的日期，请核对出生年月日。") % {"d": digits}) from None
    if born > today:
        raise BadNumber(_("身份证号码中的出生日期 %(d)s 晚于今天，请核对第 7–14 位。") % {"d": born.isoformat()})
    if years_between(born, today) > OLDEST:
        raise BadNumber(
            _("身份证号码中的出生日期 %(d)s 距今超过 %(n)s 年，请核对第 7–10 位。")
            % {"d": born.isoformat(), "n": OLDEST}
        )
    return born


def _kind_of(value: str) -> str:
    if value[0] == "9":
        return PERMANENT_RESIDENCE
    return {"81": HK_MACAU_RESIDENCE, "82": HK_MACAU_RESIDENCE, "83": TAIWAN_RESIDENCE}.get(value[:2], CITIZEN)


def years_between(born: date, day: date) -> int:
    """Completed years of age on ``day``; someone born on 29 February ages on 1 March."""
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def _pattern(kind: str, shape: str, sentence: str) -> Callable[[str, date], CheckedNumber]:
    compiled = re.compile(shape)

    def check(text: str, today: date) -> CheckedNumber:
        value = re.sub(r"[()\-]", "", squeeze(text))
        if not compiled.fullmatch(value):
            raise BadNumber(_(sentence))
        return CheckedNumber(kind, value)

    return check


def _permanent_residence(text: str, today: date) -> CheckedNumber:
    value = squeeze(text)
    if re.fullmatch(r"[A-Z]{3}\d{12}", value):
        return CheckedNumber(PERMANENT_RESIDENCE, value)
    if not value.startswith("9"):
        raise BadNumber(_("外国人永久居留证号码应为 9 开头的 18 位新号，或 3 个字母加 12 位数字的旧号。"))
    return check_citizen(value, today)


@dataclass(frozen=True, slots=True)
class DocumentKind:
    """One kind of identity document: Chinese label and its check. ``unique``: one living person per number."""

    code: str
    label: str
    check: Callable[[str, date], CheckedNumber]
    unique: bool = True

    @property
    def standard_code(self) -> str:
        """The code of CV02.01.101 that goes outside."""
        return self.code[:2]


_S = gettext_noop
_passport = _S("护照号码应为 5–15 位字母和数字（中国护照如 E12345678），请对照护照资料页填写。")
_hk = _S("港澳居民来往内地通行证号码应为 H 或 M 加 8 位数字（可带 2 位换证次数）。")
_tw = _S("台湾居民来往大陆通行证号码应为 8 位数字（可带 2 位换证次数）。")
_birth = _S("出生医学证明编号应为 1 个字母加 9 位数字，如 X330000001。")
_free = _S("证件号码应为 4–30 位字母或数字，请对照证件填写。")
_book = _S("户口簿上的号码应为居民身份证号码或 4–30 位户号。")
_ANY = r"[A-Z0-9\u4e00-\u9fff]{4,30}"

KINDS: dict[str, DocumentKind] = {
    k.code: k
    for k in (
        DocumentKind(CITIZEN, _S("居民身份证"), check_citizen),
        DocumentKind(HOUSEHOLD_BOOK, _S("居民户口簿"), _pattern(HOUSEHOLD_BOOK, _ANY, _book), unique=False),
        DocumentKind(PASSPORT, _S("护照"), _pattern(PASSPORT, r"[A-Z0-9]{5,15}", _passport)),
        DocumentKind(OFFICER, _S("军官证"), _pattern(OFFICER, _ANY, _free)),
        DocumentKind(DRIVING, _S("驾驶证"), _pattern(DRIVING, _ANY, _free)),
        DocumentKind(HK_MACAU, _S("港澳居民来往内地通行证"), _pattern(HK_MACAU, r"[HM]\d{8}(\d{2})?", _hk)),
        DocumentKind(TAIWAN, _S("台湾居民来往大陆通行证"), _pattern(TAIWAN, r"\d{8}(\d{2})?", _tw)),
        DocumentKind(HK_MACAU_RESIDENCE, _S("港澳居民居住证"), check_citizen),
        DocumentKind(TAIWAN_RESIDENCE, _S("台湾居民居住证"), check_citizen),
        DocumentKind(PERMANENT_RESIDENCE, _S("外国人永久居留证"), _permanent_residence),
        DocumentKind(BIRTH_CERTIFICATE, _S("出生医学证明"), _pattern(BIRTH_CERTIFICATE, r"[A-Z]\d{9}", _birth)),
        DocumentKind(SOCIAL_CARD, _S("社会保障卡"), _pattern(SOCIAL_CARD, _ANY, _free)),
        DocumentKind(HEALTH_CARD, _S("居民健康卡"), _pattern(HEALTH_CARD, r"[A-Z0-9]{4,50}", _free)),
        DocumentKind(INSURANCE, _S("医保电子凭证（医保卡）"), _pattern(INSURANCE, r"[A-Z0-9]{4,50}", _free)),
        DocumentKind(OTHER, _S("其他法定有效证件"), _pattern(OTHER, _ANY, _free), unique=False),
    )
}


def check_number(kind: str, text: str, today: date) -> CheckedNumber:
    """Normalise and check a document number of one kind; a citizen-number form tells its own kind. Raises BadNumber."""
    if kind not in KINDS:
        raise BadNumber(_("没有“%(kind)s”这种证件类型，请从列表中选择。") % {"kind": kind[:20]})
    if has_controls(text):
        raise BadNumber(_("号码中有看不见的控制字符，请删除后重新输入。"))
    return KINDS[kind].check(text, today)


def check_archive_number(text: str) -> str:
    """A resident's health record number (居民健康档案编号): 17 digits; blanks and hyphens are taken out."""
    value = squeeze(text).replace("-", "")
    if not re.fullmatch(r"\d{17}", value):
        raise BadNumber(_("健康档案编号应为 17 位数字，现在是 %(n)s 位，请核对。") % {"n": len(value)})
    return value


def check_phone(text: str) -> str:
    """A Chinese mobile or fixed-line number in its stored form (``13800000000``, ``0871-68600000``). Raises BadNumber."""
    value = re.sub(r"^(\+|00)?86(?=1\d{10}$)", "", re.sub(r"[()\-—–]", "", squeeze(text)))
    if re.fullmatch(r"1[3-9]\d{9}", value):
        return value
    fixed = re.fullmatch(r"(0(?:10|2\d|[3-9]\d{2}))?([2-8]\d{6,7})", value)
    if fixed:
        return "-".join(part for part in fixed.groups() if part)
    raise BadNumber(_("电话号码应为 11 位手机号，或“区号-号码”的座机，请核对后重新填写。"))
