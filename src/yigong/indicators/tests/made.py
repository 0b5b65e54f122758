"""The county made by SQL, small enough for tests: every fact has rows in each month of a year."""

from django.test import Client

from yigong.access.tests.factories import make_person
from yigong.indicators import made_county
from yigong.indicators.commands import computing
from yigong.indicators.made_county import house
from yigong.network import api as network

LEADING, CHINESE, TOWNSHIP, VILLAGE = 0, 1, 2, 5  # numbers of houses: two hospitals, three townships, six villages


def make_county(parts: int = 1200) -> None:
    """One of so many parts of the county, counted."""
    made_county.make(made_county.Size().scaled(parts), townships=3, villages=6, clinics=2)
    computing.compute_all(since=made_county.year()[0])


def reader(role: str, number: int) -> Client:
    """A signed-in person of the role at a house."""
    return make_person(role, network.institution(house(number))).client()
