"""How a fee is shared: by the weights of the pack, to the fen, by largest remainder."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from yigong.centres.consultation.rules.definitions import Shares
from yigong.core.money import largest_remainder


@dataclass(frozen=True, slots=True)
class Part:
    """Who gets how much, in fen; an expert's own part names him."""

    kind: str
    institution_id: UUID
    expert_id: UUID | None
    weight: int
    amount: int


def share(
    price: int, shares: Shares, *, inviting: UUID, centre: UUID, experts: Sequence[tuple[UUID, UUID]]
) -> list[Part]:
    """The parts of a price in fen. ``experts`` are (person, institution); each has the same part, and so has his institution for him.

    Without experts their parts stay with the centre. The parts always add up to the price.
    """
    whole = max(1, len(experts))  # an expert's part is one head's, so the others' weights count as many times
    rows: dict[tuple[str, UUID, UUID | None], int] = {("inviting", inviting, None): shares.inviting * whole}
    for_centre = shares.centre + (0 if experts else shares.institutions + shares.experts)
    rows["centre", centre, None] = for_centre * whole
    for person, place in experts:
        rows["institutions", place, None] = rows.get(("institutions", place, None), 0) + shares.institutions
        rows["experts", place, person] = shares.experts
    amounts, _favoured = largest_remainder(price, list(rows.values()))
    return [
        Part(kind, place, person, weight, amount)
        for ((kind, place, person), weight), amount in zip(rows.items(), amounts, strict=True)
    ]
