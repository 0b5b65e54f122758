"""Who is in hardship, for rooms that keep lists of key populations; what of a roll waits for a decision."""

from datetime import date
from uuid import UUID

from yigong.insurance.assistance.models import Difference
from yigong.insurance.assistance.rules import CATEGORIES
from yigong.insurance.coverage import api as coverage


def people_in_hardship(day: date) -> set[UUID]:
    """Keys of residents who hold a category of the civil-affairs roll on a day; no decision about a person is made here."""
    return {held.resident_id for held in coverage.categories_held(day) if held.code in CATEGORIES}


def differences_of(roll_id: UUID, what: str) -> list[UUID]:
    """Undecided differences of a roll, in its order: ``missing`` (on the roll, not here), ``extra``, ``unknown``."""
    rows = Difference.objects.filter(roll_id=roll_id, what=what, decision="").order_by("line", "id")
    return list(rows.values_list("id", flat=True))
