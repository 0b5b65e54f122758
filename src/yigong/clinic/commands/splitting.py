"""One bill made two, because its lines are paid under different benefits: each then settles, is returned and taken back by itself."""

from collections.abc import Collection
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from yigong.access import api as access
from yigong.access.data import Subject
from yigong.clinic.commands.bills import present_bill, reopen_bill
from yigong.clinic.commands.charging import open_bill_of_visit
from yigong.clinic.data import BillData
from yigong.clinic.models import Bill, ChargeLine, Visit
from yigong.clinic.rules.workflow import BILL
from yigong.core import clock
from yigong.core.actor import Actor
from yigong.core.commands import racing
from yigong.core.errors import Conflict, InvalidInput, NotFound

_COPIED = (
    "item_code", "item_name", "national_code", "category", "front_page_group", "unit", "unit_price", "quantity", "amount", "performed_at",
    "department_id", "staff_id", "staff_name", "order_id", "dose", "route", "frequency", "days",
)  # fmt: skip


@racing("clinic.split_bill")
@transaction.atomic
def split_bill(*, bill_id: UUID, line_ids: Collection[UUID], actor: Actor) -> BillData:
    """Some lines of a visit's bill that waits at the counter become a bill of their own, which waits beside it; the new bill is returned.

    On the old bill the lines are struck out and say where they went, so nothing is charged twice and nothing is lost. Refused: a stay
    (it has one bill), a bill that was settled or of which something was returned, all of the lines or none.
    """
    row = Bill.objects.select_for_update(of=("self",)).filter(pk=bill_id).first()
    if row is None:
        raise NotFound(_("没有找到这张账单。"))
    access.require(actor, "write", Subject("bill", row.id))
    if row.visit_id is None:
        raise _refused(_("住院账单只有一张，不能拆分。"))
    if row.state not in ("open", "presented") or row.ready_at is None:
        raise Conflict(_("账单“%(state)s”，不能拆分：只有等待收费的账单可以拆分。") % {"state": BILL.label(row.state)})
    visit = Visit.objects.select_for_update().get(pk=row.visit_id)
    lines = {one.id: one for one in ChargeLine.objects.filter(bill=row, reverses__isnull=True, struck_at__isnull=True)}
    moved = [lines[key] for key in lines if key in set(line_ids)]
    if len(moved) != len(set(line_ids)):
        raise _refused(_("选中的项目不在这张账单上，请刷新页面。"))
    if not moved or len(moved) == len(lines):
        raise _refused(_("请选出要单独结算的项目；两张账单都要至少有一项。"))
    return _moved(row, visit, moved, actor)


def _refused(sentence: str) -> InvalidInput:
    return InvalidInput(sentence, errors={"lines": sentence})


def _moved(row: Bill, visit: Visit, moved: list[ChargeLine], actor: Actor) -> BillData:
    reason, ready, now = _("拆分账单，分别结算"), row.ready_at, clock.now()
    if row.state == "presented":
        reopen_bill(bill_id=row.id, reason=reason, actor=actor)
    ChargeLine.objects.filter(pk__in=[line.id for line in moved]).update(
        struck_at=now, struck_by=actor.name[:80], struck_reason=reason
    )
    present_bill(bill_id=row.id, actor=actor)  # first, because a visit has one open bill
    fresh = open_bill_of_visit(visit, actor)
    origin = _("自账单 %(number)s 拆出。") % {"number": row.number}
    ChargeLine.objects.bulk_create(
        ChargeLine(
            bill=fresh, key=f"split:{line.id}", written_at=now, note=(origin + line.note)[:200],
            **{name: getattr(line, name) for name in _COPIED},
        )
        for line in moved
    )  # fmt: skip
    Bill.objects.filter(pk=fresh.pk).update(ready_at=ready)
    return present_bill(bill_id=fresh.id, actor=actor)
