"""What a line of charges may be: pure checks with a sentence that names the item and the remedy."""

from datetime import date, datetime, timedelta
from decimal import Decimal

from django.utils.translation import gettext as _

from yigong.clinic.data import ItemData, NewCharge
from yigong.clinic.rules.definitions import Limits
from yigong.clinic.rules.money import amount_of
from yigong.core.clock import SHANGHAI

# Clocks of machines differ a little; more than this is the future.
_TOLERANCE = timedelta(minutes=5)


def line_problem(given: NewCharge, item: ItemData, limits: Limits) -> str:
    """Why this line cannot be charged; empty when it can."""
    quantity, most = given.quantity, min(item.most, Decimal(limits.quantity))
    if not quantity.is_finite() or quantity <= 0:
        return _("“%(item)s”的数量应大于 0。") % {"item": item.name}
    if quantity != round(quantity, 2):
        return _("“%(item)s”的数量最多两位小数。") % {"item": item.name}
    if quantity > most:
        return _("“%(item)s”一次最多 %(most)s %(unit)s，您填写的是 %(given)s，请核对。") % {
            "item": item.name, "most": f"{most:f}", "unit": item.unit, "given": f"{quantity:f}",
        }  # fmt: skip
    if given.days is not None and not 1 <= given.days <= limits.course_days:
        return _("“%(item)s”的用药天数应在 1–%(most)s 之间。") % {"item": item.name, "most": limits.course_days}
    if amount_of(item.unit_price, quantity) > limits.line_amount * 100:
        return _("“%(item)s”金额超过单项上限 %(most)s 元，请核对数量。") % {
            "item": item.name,
            "most": limits.line_amount,
        }
    return ""


def time_problem(
    item: str, at: datetime, now: datetime, *, since: datetime, until: datetime | None, died_on: date | None
) -> str:
    """Why a service cannot have been done at this time: before the contact, after its end, after death, in the future."""
    if at > now + _TOLERANCE:
        return _("“%(item)s”的执行时间晚于现在，请核对日期。") % {"item": item}
    if at < since:
        return _("“%(item)s”的执行时间早于挂号或入院时间（%(since)s），请核对日期。") % {
            "item": item,
            "since": since.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M"),
        }
    if until is not None and at > until:
        return _("“%(item)s”的执行时间晚于出院时间（%(until)s），请核对日期。") % {
            "item": item,
            "until": until.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M"),
        }
    if died_on is not None and at.astimezone(SHANGHAI).date() > died_on:
        return _("该居民已于 %(day)s 死亡，不能记入之后的费用。") % {"day": died_on.isoformat()}
    return ""
