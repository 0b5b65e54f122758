"""What the pages share: what the address chooses, tabs, words."""

from datetime import date
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from yigong.core import clock
from yigong.core.asked import key_of, month_from
from yigong.core.errors import NotFound
from yigong.core.months import add_months, first_of
from yigong.indicators import policies
from yigong.indicators.data import Span
from yigong.indicators.queries.figures import Places
from yigong.indicators.rules.words import certainty, direction, unit, view_word, window
from yigong.network import api as network

__all__ = ["Choice", "certainty", "direction", "register_tab", "tabs", "unit", "view_word", "window"]

MONTHS = 24
_KEPT = ("month", "span", "primary", "place")
_further: dict[str, tuple[Any, str]] = {}


class Choice:
    """What an address chooses: month, whether the year up to it, definition of primary care, one institution."""

    def __init__(self, request: HttpRequest) -> None:
        self.request = request
        self.this_month = first_of(clock.today())
        asked = month_from(request.GET.get("month", "")) or self.this_month
        self.month = max(min(asked, self.this_month), add_months(self.this_month, 1 - MONTHS))
        self.is_year = request.GET.get("span") == "year"
        self.primary = "P2" if request.GET.get("primary") == "P2" else "P1"
        self.scope: Places = policies.places_of(request.actor)
        self.place = key_of(request.GET.get("place", ""))
        if self.place and self.scope is not None and self.place not in self.scope:
            raise NotFound(_("没有这个机构，或它不在您的管理范围内。"))
        self.places: Places = self._below(self.place) if self.place else self.scope

    def _below(self, place: UUID) -> Places:
        below = set(network.descendants_of([place]))
        if not below:
            raise NotFound(_("没有这个机构，或它不在您的管理范围内。"))
        return below if self.scope is None else below & set(self.scope)

    @property
    def span(self) -> Span:
        """The month, or the year up to it."""
        return Span(date(self.month.year, 1, 1) if self.is_year else self.month, self.month)

    @property
    def trend(self) -> Span:
        """The last thirteen months: the same month of the year before included."""
        return Span(max(add_months(self.month, -12), add_months(self.this_month, 1 - MONTHS)), self.month)

    def is_early(self, late_months: int) -> bool:
        """Whether settlements from outside may still come back for these months."""
        return self.month > add_months(self.this_month, -late_months - 1)

    def query(self, **changes: object) -> str:
        """The choice as a query, with changes."""
        chosen: dict[str, object] = {
            "month": f"{self.month:%Y-%m}", "span": "year" if self.is_year else "", "primary": self.primary, "place": self.place or "",
        }  # fmt: skip
        return "?" + urlencode({name: value for name, value in (chosen | changes).items() if value not in ("", None)})

    def for_page(self) -> dict[str, Any]:
        """What every page shows of it."""
        return {
            "chosen": self,
            "month_choices": [
                (f"{month:%Y-%m}", f"{month:%Y-%m}")
                for month in (add_months(self.this_month, -n) for n in range(MONTHS))
            ],
            "places": [("", _("全部机构")), *self._offered()],
            "definitions": [("P1", _("P1 不含诊所")), ("P2", _("P2 含诊所"))],
            "spans": [("", _("当月")), ("year", _("本年累计"))],
        }

    def _offered(self) -> list[tuple[str, str]]:
        found = (
            network.search_institutions("", limit=200)
            if self.scope is None
            else network.institutions(self.scope).values()
        )
        rank = {"county": 0, "township": 1}
        upper = sorted((one for one in found if one.level in rank), key=lambda one: (rank[one.level], one.code))
        return [(str(one.id), one.name) for one in upper]


def register_tab(label: Any, url_name: str, permission: str) -> None:
    """A room above offers a tab beside ours, to those with the permission; its label is ``gettext_lazy``."""
    _further[url_name] = (label, permission)


def tabs(request: HttpRequest, active: str) -> list[tuple[str, str, bool]]:
    """The tabs of the room, and those that rooms above offer. Month, span and institution are kept from one to the next."""
    offered = [
        ("cockpit", _("驾驶舱")), ("list", _("指标目录")), ("criteria", _("评判标准")), ("periods", _("期间与冻结")), ("facts", _("事实口径")), ("counts", _("计算情况")),
    ]  # fmt: skip
    kept = urlencode({name: request.GET[name] for name in _KEPT if request.GET.get(name)})
    tail = f"?{kept}" if kept else ""
    own = [(label, reverse(f"indicators:{name}") + tail, name == active) for name, label in offered]
    more = [(str(label), reverse(name), False) for name, (label, right) in _further.items() if request.actor.has(right)]
    return own + more
