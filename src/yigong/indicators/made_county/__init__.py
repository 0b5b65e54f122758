"""A county made by SQL alone, for measurements, calibration and tests: a year of it at full size is there in minutes.

What the commands of the rooms would write one by one is written here a table at a time, without their triggers and events. The sizes are
those of the published county where it published any; what it did not publish is a guess of this package and said to be one.
"""

from datetime import date

from django.db import connection, transaction

from yigong.core import clock
from yigong.core.months import add_months, first_of
from yigong.indicators.made_county import care, centres, houses, money, programmes
from yigong.indicators.made_county.making import Maker, Size, house, without_triggers

__all__ = ["Size", "house", "make", "year"]

_STEPS = (
    houses.houses, houses.standards, houses.people, care.visits, care.stays, care.referrals, money.settlements, centres.orders, centres.quality,
    centres.recognitions, programmes.programmes, programmes.contracts, houses.secondments, houses.outside_experts, houses.workers, centres.centres, centres.sterile,
    centres.emergencies, centres.logistics, programmes.outreach, care.waiting, care.charges,
)  # fmt: skip


def make(size: Size, *, townships: int = 10, villages: int = 170, clinics: int = 20) -> None:
    """The houses and twelve months of everything up to today. Runs as a superuser: triggers are off meanwhile."""
    with transaction.atomic(), without_triggers():
        maker = Maker(size, townships, villages, clinics)
        for step in _STEPS:
            step(maker)
    with connection.cursor() as cursor:
        if not connection.in_atomic_block:
            cursor.execute("vacuum analyze")


def year() -> tuple[date, date]:
    """The months that were made, the first and the last."""
    last = first_of(clock.today())
    return add_months(last, -11), last
