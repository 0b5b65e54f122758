"""Recalls: whom a lot reached, where it lies, how far telling people has come."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from yigong.programmes.models import Dose, Recall, RecallContact, VaccineLot
from yigong.programmes.queries.stock import HELD, STOCK, balances

ACTIVE = ("open", "closed")


@dataclass(slots=True)
class House:
    """What a lot means to one institution: doses ``left`` of its own, people ``given`` it there, ``elsewhere`` (its people, given it by others); of all
    of them how many were told, are unwell, could not be reached."""

    institution_id: UUID
    lot_id: UUID | None = None
    left: int = 0
    given: int = 0
    elsewhere: int = 0
    outcomes: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    @property
    def people(self) -> int:
        """Everybody this house must tell."""
        return self.given + self.elsewhere

    @property
    def told(self) -> int:
        """Of these, who knows."""
        return self.outcomes["told"] + self.outcomes["unwell"]

    @property
    def is_done(self) -> bool:
        """Everybody knows, and nothing of the lot lies here any more."""
        return self.told == self.people and self.left == 0


def recalled(product: str, lot: str) -> Recall | None:
    """The recall of a lot that is in force."""
    return Recall.objects.filter(product=product, lot=lot, state__in=ACTIVE).first()


def doses_of(product: str, lot: str, places: Collection[UUID] | None = None) -> QuerySet[Dose]:
    """Everybody who was given a lot; ``places``: given there, or managed there."""
    rows = Dose.objects.filter(product=product, lot=lot, visit__void_reason="")
    if places is None:
        return rows
    return rows.filter(Q(institution_id__in=places) | Q(visit__enrolment__institution_id__in=places))


def untold(recall: Recall, rows: QuerySet[Dose]) -> QuerySet[Dose]:
    """Of some doses those whose people do not know yet."""
    known = RecallContact.objects.filter(recall=recall, dose=OuterRef("pk"), outcome__in=["told", "unwell"])
    return rows.filter(~Exists(known))


def houses(product: str, lot: str, places: Collection[UUID] | None, recall: Recall | None = None) -> dict[UUID, House]:
    """Every institution that has the lot, gave it, or whose people were given it; those within ``places``."""
    found: dict[UUID, House] = {}
    stock = VaccineLot.objects.filter(product=product, lot=lot).exclude(state="discarded").order_by("institution_id")
    lots = {row.institution_id: row.id for row in stock}
    left = balances(list(lots.values()))
    for place, key in lots.items():
        doses = left[key][STOCK] + left[key][HELD]
        found[place] = House(place, key, doses)
    said = dict(RecallContact.objects.filter(recall=recall).values_list("dose_id", "outcome")) if recall else {}
    columns = doses_of(product, lot).values_list("id", "institution_id", "visit__enrolment__institution_id")
    for dose, gave, manages in columns:
        for place in {gave, manages}:
            house = found.setdefault(place, House(place))
            house.given, house.elsewhere = house.given + (place == gave), house.elsewhere + (place != gave)
            house.outcomes[said.get(dose, "")] += 1
    return {place: h for place, h in found.items() if (places is None or place in places)}


def known_lots(lot: str) -> list[tuple[str, str]]:
    """(product, lot) of everything ever taken in or given under a lot number, to choose from before a recall."""
    taken = VaccineLot.objects.filter(lot=lot).values_list("product", "lot")
    given = Dose.objects.filter(lot=lot, visit__void_reason="").values_list("product", "lot")
    return sorted(set(taken) | set(given))
