"""What a counter does with bills: present, settle, give back, return lines."""

from collections.abc import Mapping
from decimal import Decimal
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from yigong.access import api as access
from yigong.access.data import Subject
from yigong.clinic.commands.errors import AnotherOpenBill, NothingToSettle, TooMuchReturned
from yigong.clinic.data import BillData, ChargeLineData
from yigong.clinic.events import BillPresented, BillReopened, BillReturned, BillSettled
from yigong.clinic.models import Bill, ChargeLine
from yigong.clinic.queries import bills as queries
from yigong.clinic.rules.money import returned_part
from yigong.clinic.rules.workflow import BILL
from yigong.core import clock
from yigong.core.actor import Actor
from yigong.core.commands import racing
from yigong.core.constraints import refusing
from yigong.core.errors import InvalidInput, NotFound
from yigong.core.events.api import record
from yigong.core.states.api import check, transition


@racing("clinic.present_bill")
@transaction.atomic
def present_bill(*, bill_id: UUID, actor: Actor, expected_version: int | None = None) -> BillData:
    """The counter takes the bill: its lines stand still until it is settled or given back. Of two people one is refused by name."""
    row = _locked(bill_id, actor)
    check(BILL, row, "present", actor=actor)
    if row.total <= 0:
        raise NothingToSettle(_("这张账单没有需要结算的费用。"))
    if row.ready_at is None:
        raise NothingToSettle(_("医生还没有完成接诊或办理出院，暂不能结算。"))
    row = transition(BILL, row, "present", actor=actor, expected_version=expected_version)
    record(BillPresented(row.id, row.resident_id, row.institution_id, row.kind))
    return queries.bill(row.id)


@racing("clinic.mark_settled")
@transaction.atomic
def mark_settled(*, bill_id: UUID, settlement_ref: str, actor: Actor) -> BillData:
    """The counter has settled a presented bill under its own reference. The same reference again is the same settlement."""
    row = _locked(bill_id, actor)
    if row.state == "settled" and row.settlement_ref == settlement_ref:
        return queries.bill(row.id)
    if not settlement_ref.strip():
        raise InvalidInput(errors={"settlement_ref": _("请写明结算单号。")})
    row = transition(BILL, row, "settle", actor=actor, settlement_ref=settlement_ref[:60], settled_at=clock.now())
    record(BillSettled(row.id, row.resident_id, row.institution_id, row.kind, row.settlement_ref, row.total))
    return queries.bill(row.id)


@racing("clinic.reopen_bill")
@transaction.atomic
def reopen_bill(*, bill_id: UUID, reason: str, actor: Actor) -> BillData:
    """Give a presented bill back, or take back the settlement of a settled one (the counter has revoked it): it waits again.

    A bill of which lines were returned comes back as ``partly_returned``: it can be presented, but takes no new charges.
    """
    row = _locked(bill_id, actor)
    returned = ChargeLine.objects.filter(bill=row, reverses__isnull=False).exists()
    with refusing(clinic_open_bill_of_visit=AnotherOpenBill()):
        row = transition(
            BILL,
            row,
            "restore" if returned else "reopen",
            actor=actor,
            reason=reason,
            settlement_ref="",
            settled_at=None,
        )
    record(BillReopened(row.id, row.resident_id, row.institution_id, row.kind, reason.strip()[:200]))
    return queries.bill(row.id)


@racing("clinic.return_lines")
@transaction.atomic
def return_lines(
    *, bill_id: UUID, quantities: Mapping[UUID, Decimal], reason: str, actor: Actor, request_key: UUID | None = None
) -> BillData:
    """Give back ``quantities`` (line → how many) of a settled bill by counter-lines; the rest can be presented and settled again.

    The same ``request_key`` again is the same return. TooMuchReturned names the item and what is left of it.
    """
    row = _locked(bill_id, actor)
    if request_key and ChargeLine.objects.filter(key__startswith=f"return:{request_key}:").exists():
        return queries.bill(row.id)
    check(BILL, row, "return_part", actor=actor, reason=reason)
    lines = {line.id: line for line in queries.lines_of(row.id)}
    wanted = {key: _quantity(lines.get(key), quantity) for key, quantity in quantities.items()}
    if not wanted:
        raise InvalidInput(errors={"quantities": _("请至少选择一项要退的费用和数量。")})
    amount = 0
    for key, quantity in wanted.items():
        with refusing(clinic_line_returned_within_charged=_too_much(lines[key])):
            amount += _counter_line(row, lines[key], quantity, reason, actor, request_key)
    left = sum(line.net_quantity for line in lines.values()) - sum(wanted.values())
    row = transition(BILL, row, "return_part" if left else "return_all", actor=actor, reason=reason)
    record(BillReturned(row.id, row.resident_id, row.institution_id, row.kind, amount, not left))
    return queries.bill(row.id)


def _locked(bill_id: UUID, actor: Actor) -> Bill:
    row = Bill.objects.select_for_update().filter(pk=bill_id).first()
    if row is None:
        raise NotFound(_("没有找到这张账单。"))
    access.require(actor, "write", Subject("bill", row.id))
    return row


def _quantity(line: ChargeLineData | None, quantity: Decimal) -> Decimal:
    if line is None:
        raise InvalidInput(errors={"quantities": _("要退的项目不在这张账单上，请刷新页面。")})
    if not quantity.is_finite() or quantity <= 0 or quantity != round(quantity, 2):
        raise InvalidInput(errors={"quantities": _("“%(item)s”的退费数量应大于 0。") % {"item": line.item_name}})
    if quantity > line.net_quantity:
        raise _too_much(line)
    return quantity


def _too_much(line: ChargeLineData) -> TooMuchReturned:
    return TooMuchReturned(item=line.item_name, left=f"{line.net_quantity.normalize():f}", unit=line.unit)


def _counter_line(
    row: Bill, line: ChargeLineData, quantity: Decimal, reason: str, actor: Actor, request_key: UUID | None
) -> int:
    amount = returned_part(line.amount, line.quantity, line.returned_quantity, quantity)
    ChargeLine.objects.create(
        bill=row, reverses_id=line.id, key=f"return:{request_key}:{line.id}" if request_key else None, item_code=line.item_code,
        item_name=line.item_name, national_code=line.national_code, category=line.category, front_page_group=line.front_page_group,
        unit=line.unit, unit_price=line.unit_price, quantity=-quantity, amount=-amount, performed_at=clock.now(),
        department_id=line.department_id, staff_id=actor.staff_id, staff_name=actor.name, note=reason.strip()[:200],
        written_at=clock.now(),
    )  # fmt: skip
    return amount
