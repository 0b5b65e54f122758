"""Who sees patients today, and how many places are left."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from yigong.clinic.data import SessionData
from yigong.clinic.models import Session
from yigong.clinic.queries.places import level_of
from yigong.clinic.rules import definitions
from yigong.clinic.rules.money import amount_of
from yigong.core.ledger import api as ledger
from yigong.network import api as network

FREE = "clinic.places"
PARTS = {"morning": _("上午"), "afternoon": _("下午"), "evening": _("晚间")}
TITLES = {"1": _("主任医师"), "2": _("副主任医师"), "3": _("主治医师"), "4": _("医师"), "5": _("医士")}
_ORDER = {"morning": 0, "afternoon": 1, "evening": 2}


def sessions_of(
    institution_id: UUID, day: date, until: date | None = None, *, stopped: bool = False
) -> list[SessionData]:
    """Sessions of a day (or of a span), by department and doctor; three statements however many there are."""
    rows = Session.objects.filter(institution_id=institution_id, day__gte=day, day__lte=until or day)
    if not stopped:
        rows = rows.filter(stopped_at__isnull=True)
    found = to_data(list(rows.order_by("day", "staff_name")[:600]))
    return sorted(found, key=lambda s: (s.day, s.department, s.staff_name, _ORDER[s.part]))


def to_data(rows: Sequence[Session]) -> list[SessionData]:
    """Sessions with the names of their departments, what is left, and the fee in fen."""
    if not rows:
        return []
    left = ledger.accounts_of([row.id for row in rows], FREE)
    departments = network.departments_many({row.department_id for row in rows})
    level = level_of(rows[0].institution_id)
    return [
        SessionData(
            id=row.id, institution_id=row.institution_id, department_id=row.department_id, department=departments[row.department_id].name,
            staff_id=row.staff_id, staff_name=row.staff_name, title=row.title, title_label=str(TITLES.get(row.title, "")), day=row.day,
            part=row.part, part_label=str(PARTS[row.part]), capacity=row.capacity, left=left[row.id].balance if row.id in left else 0,
            fee=fee_of(row.item_code, level), is_stopped=row.stopped_at is not None,
        )
        for row in rows
    ]  # fmt: skip


def fee_of(item_code: str, level: str) -> int:
    """Fen of a consultation with its registration fee."""
    codes = definitions.registration_items(item_code, level)
    return sum(amount_of(definitions.item(code, level).unit_price, definitions.ONE) for code in codes)
