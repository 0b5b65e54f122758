"""Vaccine in stock: how much, where it lies, what lay at a place on a day, what may be given here today."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from yigong.core import clock
from yigong.core.ledger import api as ledger
from yigong.network import api as network
from yigong.programmes.models import Dose, LotStay, Recall, Site, VaccineLot
from yigong.programmes.rules import sites as rules
from yigong.programmes.rules.packs import Stock, stock_of
from yigong.programmes.rules.workflow import VACCINE_LOT

STOCK, HELD, SUPPLY, GIVEN, SPOILT = (
    "vaccine.stock",
    "vaccine.held",
    "vaccine.supply",
    "vaccine.given",
    "vaccine.spoilt",
)
_SHOWN = 40


@dataclass(frozen=True, slots=True)
class LotChoice:
    """A lot on the shelf with the doses ``left``; ``fits`` the vaccine of the visit, ``why`` it may not be given (empty where it may); ``fill`` is what
    a tap writes into the form, by item."""

    product: str
    manufacturer: str
    lot: str
    expires_on: date
    left: int
    fits: bool
    why: str
    fill: dict[str, str]


@dataclass(frozen=True, slots=True)
class Choices:
    """For one visit: the lots ``offered`` (of its vaccine, that expire first on top), ``others`` that may be given, the ones of its vaccine that are
    ``barred`` with the reason, and a ``notice`` where its vaccine is kept here and none may be given."""

    offered: tuple[LotChoice, ...] = ()
    others: tuple[LotChoice, ...] = ()
    barred: tuple[LotChoice, ...] = ()
    notice: str = ""

    def __bool__(self) -> bool:
        return bool(self.offered or self.others or self.barred or self.notice)


@dataclass(frozen=True)
class Shelf:
    """The lots of an institution that have doses, each with how many and why it may not be given; ``keeps``: whether it keeps vaccine on the ledger."""

    names: Stock | None
    lots: tuple[tuple[VaccineLot, int, str], ...]
    keeps: bool

    def choices(self, track: str) -> Choices:
        """What may be given at a visit of this vaccine; all lots are offered where the schedule does not say which vaccine it is."""
        if self.names is None:
            return Choices()
        words = self.names.tracks.get(track, [])
        lots = [self._choice(row, left, why, words) for row, left, why in self.lots]
        offered = tuple(c for c in lots if not c.why and (c.fits or not words))
        others = tuple(c for c in lots if not c.why and not c.fits and words)
        barred = tuple(c for c in lots if c.why and (c.fits or not words))
        notice = "" if offered or not self.keeps or not words else str(_("本机构没有可用的这种疫苗。"))
        return Choices(offered[:_SHOWN], others[:_SHOWN], barred[:_SHOWN], notice)

    def _choice(self, row: VaccineLot, left: int, why: str, words: Sequence[str]) -> LotChoice:
        assert self.names is not None
        fits = any(word in row.product for word in words)
        items = (self.names.product, self.names.manufacturer, self.names.lot, self.names.expires)
        packing = (row.product, row.manufacturer, row.lot, row.expires_on.isoformat())
        fill = dict(zip(items, packing, strict=True))
        return LotChoice(row.product, row.manufacturer, row.lot, row.expires_on, left, fits, why, fill)


def balances(lot_ids: Sequence[UUID]) -> dict[UUID, dict[str, int]]:
    """Doses in stock, held for a judgement, given and spoilt by lot."""
    found = {key: dict.fromkeys((STOCK, HELD, GIVEN, SPOILT), 0) for key in lot_ids}
    for kind in (STOCK, HELD, GIVEN, SPOILT):
        for key, one in ledger.accounts_of(list(lot_ids), kind).items():
            found[key][kind] = one.balance
    return found


def stores_of(institution_id: UUID | None) -> QuerySet[Site]:
    """The refrigerators of an institution: places that a definition watches because vaccine lies there."""
    if institution_id is None:
        return Site.objects.none()
    codes = [code for code, p in rules.definitions().items() if p.stores_vaccine]
    return Site.objects.filter(programme__in=codes, institution_id=institution_id, closed_on=None).order_by(
        "name", "id"
    )


def stays_of(lot_ids: Sequence[UUID]) -> dict[UUID, list[Site]]:
    """Where these lots lie now."""
    found: dict[UUID, list[Site]] = {key: [] for key in lot_ids}
    for stay in (
        LotStay.objects.filter(lot_id__in=found, until=None).select_related("site").order_by("site__name", "id")
    ):
        found[stay.lot_id].append(stay.site)
    return found


def lots_at(site: Site, day: date) -> QuerySet[VaccineLot]:
    """The lots of an institution that lay at a place on a day. One whose place nobody wrote down may have lain there: it is among them."""
    that_day = LotStay.objects.filter(Q(until=None) | Q(until__gte=day), lot=OuterRef("pk"), since__lte=day)
    rows = VaccineLot.objects.filter(institution_id=site.institution_id, state__in=["usable", "held", "stopped"])
    return rows.filter(
        Exists(that_day.filter(site=site)) | ~Exists(LotStay.objects.filter(lot=OuterRef("pk")))
    ).order_by("id")


def shelf(programme: str, institution_id: UUID | None) -> Shelf:
    """What lies at an institution today, read once for any number of visits; nothing where the programme gives no vaccine."""
    names = stock_of(programme)
    if names is None or institution_id is None:
        return Shelf(None, (), False)
    called_back = Recall.objects.filter(product=OuterRef("product"), lot=OuterRef("lot"), state__in=["open", "closed"])
    rows = VaccineLot.objects.filter(institution_id=institution_id).exclude(state="discarded")
    lots = list(
        rows.annotate(called_back=Exists(called_back))
        .select_related("held_by__site")
        .order_by("expires_on", "lot", "id")
    )
    left = balances([row.id for row in lots])
    kept = [(row, left[row.id][STOCK] + left[row.id][HELD]) for row in lots]
    return Shelf(names, tuple((row, n, _barred(row)) for row, n in kept if n > 0), bool(lots))


def _barred(row: Any) -> str:
    """Why a lot may not be given here today, empty where it may."""
    since = row.state_since.astimezone(clock.SHANGHAI).date()
    if row.called_back:
        return _("已召回")
    if row.state == "held" and row.held_by and row.held_by.site:
        told = {"store": row.held_by.site.name, "day": row.held_by.on}
        return _("因“%(store)s”%(day)s 超温停用，待判定") % told
    if row.state != "usable":
        return _("%(day)s 起%(state)s") % {"day": since, "state": VACCINE_LOT.label(row.state)}
    if row.expires_on < clock.today():
        return _("%(day)s 已过期") % {"day": row.expires_on}
    return ""


def newest_dose(resident_ids: Collection[UUID]) -> dict[str, str]:
    """What the last vaccination of a person was: product, manufacturer, lot, day and place as text; nothing where none is recorded here."""
    rows = Dose.objects.filter(visit__enrolment__resident_id__in=resident_ids, visit__void_reason="").select_related(
        "visit"
    )
    found = rows.order_by("-visit__on", "-id").first()
    if found is None:
        return {}
    return {
        "product": found.product, "manufacturer": found.manufacturer, "lot": found.lot, "on": found.visit.on.isoformat(),
        "place": network.institution(found.institution_id).name,
    }  # fmt: skip
