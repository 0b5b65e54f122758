"""What may be recorded: kinds of person by scheme, periods that make sense."""

from datetime import date, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

RESIDENTS, EMPLOYEES = "390", "310"
INSURANCES = {RESIDENTS: gettext_lazy("城乡居民"), EMPLOYEES: gettext_lazy("城镇职工")}
# The national interface's kinds of person; their beginning tells the scheme.
PERSON_TYPES = {
    "1101": gettext_lazy("在职职工"), "1102": gettext_lazy("公务员"), "1103": gettext_lazy("灵活就业"), "1201": gettext_lazy("退休职工"),
    "1202": gettext_lazy("退休公务员"), "1300": gettext_lazy("离休人员"), "1401": gettext_lazy("新生儿"), "1402": gettext_lazy("学龄前儿童"),
    "1403": gettext_lazy("中小学生"), "1404": gettext_lazy("大学生"), "1405": gettext_lazy("未成年居民"), "1501": gettext_lazy("成年居民"),
    "1600": gettext_lazy("老年居民"),
}  # fmt: skip
_AHEAD = timedelta(days=366)
MOST_MISSED = 30


def enrolment_faults(insurance: str, region: str, person_type: str) -> dict[str, str]:
    """Sentences by field for what cannot be enrolled."""
    faults = {}
    if insurance not in INSURANCES:
        faults["insurance"] = _("没有这个险种，请选城乡居民或城镇职工。")
    if not (len(region) == 6 and region.isdecimal() and region.isascii()):
        faults["region"] = _("参保地应是六位行政区划代码。")
    if person_type not in PERSON_TYPES:
        faults["person_type"] = _("没有这个人员类别，请从列表中选择。")
    elif insurance in INSURANCES and (person_type < "14") != (insurance == EMPLOYEES):
        faults["person_type"] = _("人员类别与险种不符，请核对。")
    return faults


def period_faults(starts_on: date, ends_on: date | None, today: date) -> dict[str, str]:
    """Sentences by field for a period that makes no sense."""
    if starts_on > today + _AHEAD:
        return {"starts_on": _("起始日期不能晚于一年之后。")}
    if ends_on is not None and ends_on <= starts_on:
        return {"ends_on": _("截止日期应晚于起始日期。")}
    return {}


def payment_faults(paid_on: date | None, missed: int, repaired: int, today: date) -> dict[str, str]:
    """Sentences by field for a payment that makes no sense."""
    faults = {}
    if paid_on is not None and paid_on > today:
        faults["paid_on"] = _("缴费日期不能晚于今天。")
    if not 0 <= missed <= MOST_MISSED:
        faults["missed_years"] = _("断保年数应在 0 至 %(most)s 之间。") % {"most": MOST_MISSED}
    elif not 0 <= repaired <= missed:
        faults["repaired_years"] = _("补缴年数不能超过断保年数。")
    return faults


def day_before(day: date) -> date:
    """The last day of a period that ends half-open."""
    return day - timedelta(days=1)


def is_retired(person_type: str) -> bool:
    """Whether the kind of person counts as retired for ratios and accounts."""
    return person_type.startswith("12")


def is_civil_servant(person_type: str) -> bool:
    """Whether the civil servants' subsidy applies."""
    return person_type in ("1102", "1202")
