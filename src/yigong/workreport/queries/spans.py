"""The three spans of an edition: the period itself, the one before, the same months of the year before."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from yigong.core import clock
from yigong.core.errors import Conflict, InvalidInput
from yigong.core.months import add_months, first_of
from yigong.indicators import api as indicators
from yigong.indicators.api import Reading, Span


class NotFrozen(Conflict):
    """Reports are made of frozen figures."""

    code = "workreport.not_frozen"
    message = "%(period)s还没有冻结，数字仍会变动。请先在“期间与冻结”中核对、签署、冻结；急用的可以选择按初步数生成，每一页都会标明。"


@dataclass(frozen=True, slots=True)
class Choice:
    """A period as the form offers it."""

    kind: str
    first: date
    last: date
    frozen: bool

    @property
    def key(self) -> str:
        """As ``month:2026-10``."""
        return f"{self.kind}:{self.first:%Y-%m}"

    @property
    def name(self) -> str:
        """In words."""
        return indicators.period_name(self.kind, self.first)


def spans_of(kind: str, first: date) -> dict[str, Span]:
    """The spans by name; a year has no other period before than the same months of the year before."""
    last = indicators.last_month_of(kind, first)
    if last is None:
        raise InvalidInput(errors={"period": _("请选择期间：季度从 1、4、7、10 月起，年度从 1 月起。")})
    length = (last.year - first.year) * 12 + last.month - first.month + 1
    found = {"now": Span(first, last), "last_year": Span(add_months(first, -12), add_months(last, -12))}
    if length < 12:
        found["previous"] = Span(add_months(first, -length), add_months(last, -length))
    return found


def choices() -> list[Choice]:
    """Frozen periods, and the months, quarters and years of two years that are over, the latest first."""
    frozen = {(one.kind, one.span.first): one.span.last for one in indicators.frozen_periods()}
    this_month = first_of(clock.today())
    offered = {(kind, first): last for (kind, first), last in frozen.items()}
    for back in range(1, 25):
        first = add_months(this_month, -back)
        for kind in ("month", "quarter", "year"):
            last = indicators.last_month_of(kind, first)
            if last is not None and last < this_month:
                offered.setdefault((kind, first), last)
    found = [Choice(kind, first, last, (kind, first) in frozen) for (kind, first), last in offered.items()]
    return sorted(found, key=lambda one: (not one.frozen, -one.last.toordinal(), one.kind))


def read(kind: str, span: Span, provisional: bool) -> Reading | None:
    """The frozen reading, or where that is allowed the one counted now."""
    return indicators.frozen_reading(kind, span) or (indicators.counted_reading(span) if provisional else None)


def refuse_unfrozen(kind: str, span: Span, provisional: bool) -> None:
    """NotFrozen unless the period is frozen or the writer wants provisional figures; InvalidInput for one that is not over."""
    if span.last >= first_of(clock.today()):
        raise InvalidInput(errors={"period": _("这个期间还没有结束，请选择已经结束的期间。")})
    if not provisional and indicators.frozen_reading(kind, span) is None:
        raise NotFrozen(period=indicators.period_name(kind, span.first))


def facts_of(reading: Reading, kind: str) -> dict[str, Any]:
    """What an edition keeps about a reading."""
    frozen = reading.frozen
    return {
        "name": indicators.period_name(kind, reading.span.first),
        "frozen": frozen is not None,
        "frozen_by": frozen.frozen_by if frozen else "",
        "signed_by": frozen.signed_by if frozen else "",
        "frozen_at": frozen.frozen_at.isoformat() if frozen else None,
        "counted_at": reading.counted_at.isoformat() if reading.counted_at else None,
        "corrections": dict(frozen.corrections) if frozen else {},
        "remarks": {code: list(texts) for code, texts in reading.remarks.items()},
    }


def is_frozen(kind: str, first: date) -> bool:
    """Whether the period is frozen by now."""
    return any((one.kind, one.span.first) == (kind, first) for one in indicators.frozen_periods())
