"""What a simulator of the platform asks at its opening: accounts and sums so far. For trials only; a real platform has books of its own."""

from collections.abc import Mapping
from uuid import UUID

from yigong.core import clock
from yigong.insurance.settlement.models import PersonYear
from yigong.insurance.settlement.money import ACCOUNT, balances
from yigong.insurance.settlement.queries.preview import family_givers
from yigong.residents import api as residents


def account_of(resident_id: UUID) -> tuple[int, int]:
    """Balance of the own and of the family's personal accounts, in fen."""
    own = balances(residents.identities(resident_id), ACCOUNT)
    return sum(own.values()), sum(balances(family_givers(resident_id, clock.today()), ACCOUNT).values())


def years_of(resident_id: UUID) -> list[tuple[str, int, Mapping[str, int]]]:
    """Scheme, year and sums of every year of a person."""
    rows = PersonYear.objects.filter(resident_id__in=residents.identities(resident_id))
    return [(row.scheme, row.year, row.sums) for row in rows]
