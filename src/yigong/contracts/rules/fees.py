"""Who pays a contract, and who gets which part of a team's fee. Whole fen; parts add up to the whole."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from yigong.contracts.rules.definition import Fee, Package
from yigong.core.money import largest_remainder


def payers_of(packages: Iterable[Package]) -> dict[str, int]:
    """Fen by source of the packages' prices."""
    found: dict[str, int] = {}
    for package in packages:
        parts, _places = largest_remainder(package.price_fen, [p.share for p in package.payers])
        for payer, fen in zip(package.payers, parts, strict=True):
            found[payer.source] = found.get(payer.source, 0) + fen
    return found


def earned(fee_fen: int, term: tuple[date, date], served: tuple[date, date], until: date) -> int:
    """Fen of a fee for the days served before ``until``, rounded down; a later call never gives less, the whole term the whole fee."""
    days = (term[1] - term[0]).days
    begin, end = max(served[0], term[0]), min(served[1], term[1], until)
    return fee_fen * max(0, (end - begin).days) // days if days > 0 else 0


def returned(fee_fen: int, payers: Mapping[str, int], term: tuple[date, date], until: date) -> dict[str, int]:
    """What goes back by source when a contract ends on ``until``: the fee less what was earned by then, in the shares in which it was paid."""
    rest = fee_fen - earned(fee_fen, term, term, until)
    if rest <= 0 or fee_fen <= 0:
        return {}
    sources = sorted(payers)
    parts, _places = largest_remainder(rest, [payers[source] for source in sources])
    return {source: fen for source, fen in zip(sources, parts, strict=True) if fen}


def paid_out(pool_fen: int, done: int, due: int, fee: Fee) -> int:
    """What of the pool is paid out: the share of items done where the rule says so, all of it where nothing was due."""
    if not fee.by_fulfilment or due <= 0:
        return pool_fen
    return pool_fen * min(done, due) // due


@dataclass(frozen=True, slots=True)
class Line:
    """One receiver of a part: a member in a seat, or the house (``staff_id`` None)."""

    role: str
    staff_id: UUID | None
    fen: int


def share(amount: int, fee: Fee, members: Mapping[str, Sequence[UUID]]) -> list[Line]:
    """Split among the seats, and within a seat evenly among its members; an empty seat's part goes to the house."""
    parts, _places = largest_remainder(amount, [*(s.share for s in fee.shares), fee.house_share])
    lines, house = [], parts[-1]
    for seat, fen in zip(fee.shares, parts[:-1], strict=True):
        people = list(members.get(seat.role, ()))
        if not people:
            house += fen
            continue
        each, _places = largest_remainder(fen, [1] * len(people))
        lines += [Line(seat.role, person, one) for person, one in zip(people, each, strict=True)]
    return [*lines, Line("house", None, house)]
