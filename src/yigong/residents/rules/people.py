"""Rules about a person's own particulars: name, sex, birth, age as people say it, masks."""

from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from yigong.core.months import months_between
from yigong.residents.rules.numbers import OLDEST, years_between
from yigong.residents.rules.text import has_controls, tidy_name

SEXES = {"0": gettext_noop("未知"), "1": gettext_noop("男"), "2": gettext_noop("女"), "9": gettext_noop("未说明")}
PRECISIONS = {
    "day": gettext_noop("到日"),
    "month": gettext_noop("到月"),
    "year": gettext_noop("到年"),
    "estimated": gettext_noop("估计"),
}
LONGEST_NAME = 60
ETHNICITIES = dict(
    enumerate(
        "汉 蒙古 回 藏 维吾尔 苗 彝 壮 布依 朝鲜 满 侗 瑶 白 土家 哈尼 哈萨克 傣 黎 傈僳 佤 畲 高山 拉祜 水 东乡 纳西 景颇 柯尔克孜 土 "
        "达斡尔 仫佬 羌 布朗 撒拉 毛南 仡佬 锡伯 阿昌 普米 塔吉克 怒 乌孜别克 俄罗斯 鄂温克 德昂 保安 裕固 京 塔塔尔 独龙 鄂伦春 赫哲 门巴 "
        "珞巴 基诺".split(),
        1,
    )
)
ETHNICITY = {f"{code:02d}": name + "族" for code, name in ETHNICITIES.items()} | {
    "97": gettext_noop("其他"),
    "98": gettext_noop("外国血统中国籍"),
}
# GB/T 4761, two digits: those that a village's household register uses, in the order of the list.
RELATIONS = {
    "01": gettext_noop("本人"), "02": gettext_noop("户主"), "10": gettext_noop("配偶"), "11": gettext_noop("夫"), "12": gettext_noop("妻"),
    "20": gettext_noop("子"), "27": gettext_noop("养子或继子"), "28": gettext_noop("女婿"), "30": gettext_noop("女"),
    "37": gettext_noop("养女或继女"), "38": gettext_noop("儿媳"), "40": gettext_noop("孙子女"), "41": gettext_noop("孙子"),
    "42": gettext_noop("孙女"), "43": gettext_noop("外孙子"), "44": gettext_noop("外孙女"), "45": gettext_noop("孙媳"), "47": gettext_noop("曾孙子"),
    "48": gettext_noop("曾孙女"), "50": gettext_noop("父母"), "51": gettext_noop("父"), "52": gettext_noop("母"), "53": gettext_noop("公公"),
    "54": gettext_noop("婆婆"), "55": gettext_noop("岳父"), "56": gettext_noop("岳母"), "57": gettext_noop("继父或养父"),
    "58": gettext_noop("继母或养母"), "60": gettext_noop("祖父母"), "61": gettext_noop("祖父"), "62": gettext_noop("祖母"),
    "63": gettext_noop("外祖父"), "64": gettext_noop("外祖母"), "70": gettext_noop("兄弟姐妹"), "71": gettext_noop("兄"), "72": gettext_noop("嫂"),
    "73": gettext_noop("弟"), "74": gettext_noop("弟媳"), "75": gettext_noop("姐"), "77": gettext_noop("妹"), "80": gettext_noop("其他"),
    "81": gettext_noop("伯父"), "83": gettext_noop("叔父"), "93": gettext_noop("侄子"), "94": gettext_noop("侄女"), "95": gettext_noop("外甥"),
    "96": gettext_noop("外甥女"), "97": gettext_noop("其他亲属"), "99": gettext_noop("非亲属"),
}  # fmt: skip


class BadInput(ValueError):
    """A particular that cannot be accepted; the text names the remedy."""


@dataclass(frozen=True, slots=True)
class Age:
    """Completed years and months; ``text`` is the way a record says it."""

    years: int
    months: int
    days: int

    @property
    def text(self) -> str:
        """岁 from three years on, 岁/月 for small children, 月/天 for infants."""
        if self.years >= 3:
            return _("%(n)s岁") % {"n": self.years}
        if self.years:
            return _("%(n)s岁%(m)s月") % {"n": self.years, "m": self.months % 12}
        return _("%(n)s月") % {"n": self.months} if self.months else _("%(n)s天") % {"n": self.days}


def age(born: date, day: date) -> Age:
    """Age on ``day``."""
    return Age(years_between(born, day), months_between(born, day), max((day - born).days, 0))


def check_name(text: str) -> str:
    """The stored form of a name; markup and quotes are ordinary characters. Raises BadInput."""
    if len(text) > 1000:
        raise BadInput(
            _("姓名过长（%(n)s 个字符），请只填写姓名，不超过 %(most)s 个字。") % {"n": len(text), "most": LONGEST_NAME}
        )
    if has_controls(text):
        raise BadInput(_("姓名中有看不见的控制字符，请删除后重新输入。"))
    name = tidy_name(text)
    if not name.strip("·-. "):
        raise BadInput(_("请填写姓名；新生儿尚未取名时，请勾选“新生儿”并选择母亲。"))
    if len(name) > LONGEST_NAME:
        raise BadInput(
            _("姓名过长（%(n)s 个字），最多 %(most)s 个字，请核对。") % {"n": len(name), "most": LONGEST_NAME}
        )
    if name.isdigit():
        raise BadInput(_("姓名不能全是数字，请填写姓名；号码请填在“证件号码”一栏。"))
    return name


def check_sex(text: str) -> str:
    """A code of GB/T 2261.1. Raises BadInput."""
    if text not in SEXES:
        raise BadInput(_("请从“男、女、未知、未说明”中选择性别。"))
    return text


def check_birth(born: date | None, today: date) -> date | None:
    """A birth date that a living memory allows. Raises BadInput."""
    if born is None:
        return None
    if born > today:
        raise BadInput(_("出生日期 %(d)s 晚于今天，请核对年份。") % {"d": born.isoformat()})
    if years_between(born, today) > OLDEST:
        raise BadInput(_("出生日期 %(d)s 距今超过 %(n)s 年，请核对年份。") % {"d": born.isoformat(), "n": OLDEST})
    return born


def newborn_name(mother: str, sex: str, order: int | None = None) -> str:
    """The provisional name of a child without one: 母名之子 / 之女 / 之婴, with a number for twins."""
    child = {"1": "之子", "2": "之女"}.get(sex, "之婴")
    return f"{mother[: LONGEST_NAME - 4]}{child}{order or ''}"


def mask_number(value: str) -> str:
    """First three and last four of a long number, e.g. ``330***********1230``; short ones show the last two."""
    if len(value) >= 12:
        return value[:3] + "*" * (len(value) - 7) + value[-4:]
    return "*" * max(len(value) - 2, 1) + value[-2:]


def mask_phone(value: str) -> str:
    """First three and last four of a mobile; the last two of others."""
    if len(value) == 11 and value.isdigit():
        return f"{value[:3]}****{value[-4:]}"
    return "*" * max(len(value) - 2, 1) + value[-2:] if value else ""
