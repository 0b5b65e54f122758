"""Vaccine in stock: how much, where it lies, what lay at a place on a day, what may be given here today."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from yigong.core import clock
from yigong.core.ledger import api as ledger
from yigong.programmes.models import LotStay, Site, VaccineLot
from yigong.programmes.rules import sites as rules
from yigong.programmes.rules.packs import stock_of

STOCK, HELD, SUPPLY, GIVEN, SPOILT = (
    "vaccine.stock",
    "vaccine.held",
    "vaccine.supply",
    "vaccine.given",
    "vaccine.spoilt",
)
_SHOWN = 40


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


def choices(programme: str, track: str, institution_id: UUID | None) -> list[tuple[VaccineLot, int, bool]]:
    """(lot, doses left, whether it is the vaccine of this track) of what may be given at an institution today, the fitting ones first, of these the
    one that expires first. Never one that is held, stopped, past its expiry, or recalled anywhere."""
    names = stock_of(programme)
    if names is None or institution_id is None:
        return []
    called_back = VaccineLot.objects.filter(product=OuterRef("product"), lot=OuterRef("lot"), state="recalled")
    rows = VaccineLot.objects.filter(
        ~Exists(called_back), institution_id=institution_id, state="usable", expires_on__gte=clock.today()
    )
    lots = list(rows.order_by("expires_on", "lot", "id"))
    left = balances([row.id for row in lots])
    words = names.tracks.get(track, [])
    found = [
        (row, left[row.id][STOCK], any(w in row.product for w in words)) for row in lots if left[row.id][STOCK] > 0
    ]
    return sorted(found, key=lambda one: not one[2])[:_SHOWN]


def waiting(words: Sequence[str], institution_id: UUID) -> list[VaccineLot]:
    """The lots of a vaccine at an institution that wait for a judgement."""
    rows = VaccineLot.objects.filter(institution_id=institution_id, state="held").order_by("expires_on", "id")
    return [row for row in rows if any(word in row.product for word in words)]


def keeps(institution_id: UUID) -> bool:
    """Whether an institution keeps vaccine on the ledger at all."""
    return VaccineLot.objects.filter(institution_id=institution_id).exclude(state="discarded").exists()
