"""Words for what definitions and periods hold as codes, in the reader's language."""

from datetime import date

from django.utils.translation import gettext as _


def certainty(code: str) -> str:
    """What people should know about a name."""
    return {"A": "", "B": _("名称待核官方措辞"), "C": _("名称按回忆重建，待核原文")}[code]


def direction(code: str) -> str:
    """Which way is good."""
    return {"up": _("越高越好"), "down": _("越低越好"), "moderate": _("适度为宜"), "none": _("只看数量")}[code]


def unit(code: str) -> str:
    """The unit beside a figure, where the figure does not carry it."""
    words = {"yuan": _("元"), "days": _("天"), "minutes": _("分钟"), "per_ten_thousand": _("每万人")}
    return words.get(code, "")


def window(code: str) -> str:
    """The window in words."""
    return {"month": _("当月发生，多月相加"), "month_end": _("月末状态，多月取最后一个月")}.get(code, "—")


def view_word(code: str) -> str:
    """Where rows lie."""
    return {"treated": _("就医地"), "insured": _("参保地")}.get(code, "—")


def period_name(kind: str, first: date) -> str:
    """A month, quarter or year in words."""
    if kind == "month":
        return _("%(year)s 年 %(month)s 月") % {"year": first.year, "month": first.month}
    if kind == "quarter":
        return _("%(year)s 年第 %(quarter)s 季度") % {"year": first.year, "quarter": (first.month + 2) // 3}
    return _("%(year)s 年度") % {"year": first.year}
