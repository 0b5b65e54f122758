"""A figure beside the same months of the year before: told in one way on every page, in the steps that the work report tells."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from django.db.models import Min
from django.utils.translation import gettext as _

from yigong.core import clock
from yigong.core.months import add_months
from yigong.indicators.data import Figure, Span
from yigong.indicators.models import Cell
from yigong.indicators.queries.figures import Places, figures_of
from yigong.indicators.rules.figures import STEP_UNITS, step


@dataclass(frozen=True, slots=True)
class Compared:
    """``moved`` as people read it (a share by points, all else by percent); empty where ``why_not`` says what is in the way."""

    moved: str
    why_not: str = ""

    @property
    def text(self) -> str:
        """The comparison, or why there is none."""
        return _("同比 %(g)s") % {"g": self.moved} if self.moved else self.why_not


def with_year_before(now: Mapping[str, Figure], span: Span, places: Places, primary: str) -> dict[str, Compared]:
    """Each figure beside the same months a year earlier.

    Not told: where the year before has no figure; where collecting began within those months, because a part of a month would pass for
    the whole; and for a mere count while the last month is under way, for the same reason.
    """
    earlier = Span(add_months(span.first, -12), add_months(span.last, -12))
    before = figures_of([one.definition for one in now.values()], earlier, places, primary)
    began = dict(Cell.objects.filter(code__in=now).order_by().values_list("code").annotate(first=Min("month")))
    under_way = span.last >= clock.today().replace(day=1)
    return {code: _compared(one, before[code], began.get(code), earlier, under_way) for code, one in now.items()}


def _compared(now: Figure, before: Figure, began: date | None, earlier: Span, under_way: bool) -> Compared:
    moved = step(now.definition, now.value, before.value)
    if moved is None or began is None:
        return Compared("", _("上年同期没有可比数"))
    if began >= earlier.first:
        return Compared("", _("上年同期的数据不完整，不作同比"))
    if under_way and not now.definition.is_share:
        return Compared("", _("本月未完，不作同比"))
    unit = STEP_UNITS.get(now.definition.unit)
    return Compared(f"{moved:+,} {_(unit)}" if unit else f"{moved:+,}%")
