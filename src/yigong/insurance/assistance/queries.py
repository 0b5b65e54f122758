"""Who is in hardship, for rooms that keep lists of key populations."""

from datetime import date
from uuid import UUID

from yigong.insurance.assistance.rules import CATEGORIES
from yigong.insurance.coverage import api as coverage


def people_in_hardship(day: date) -> set[UUID]:
    """Keys of residents who hold a category of the civil-affairs roll on a day; no decision about a person is made here."""
    return {held.resident_id for held in coverage.categories_held(day) if held.code in CATEGORIES}
