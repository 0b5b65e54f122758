"""Lines of bills: written while the bill is open, struck out with a reason, never changed."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from yigong.access import api as access
from yigong.access.data import Subject
from yigong.clinic import policies
from yigong.clinic.commands.errors import BillNotOpen
from yigong.clinic.data import BillData, NewCharge
from yigong.clinic.models import Bill, ChargeLine, Stay, Visit
from yigong.clinic.queries import bills as queries
from yigong.clinic.queries.places import level_of
from yigong.clinic.rules import definitions, plausible
from yigong.clinic.rules.money import amount_of
from yigong.clinic.rules.workflow import BILL
from yigong.core import clock
from yigong.core.actor import Actor
from yigong.core.clock import SHANGHAI
from yigong.core.commands import racing
from yigong.core.constraints import refusing
from yigong.core.errors import Forbidden, InvalidInput, NotFound
from yigong.core.numbers.api import dated_number
from yigong.core.states.api import start
from yigong.residents import api as residents

MOST_LINES = 200


@racing("clinic.charge")
@transaction.atomic
def charge(*, bill_id: UUID, lines: Sequence[NewCharge], actor: Actor) -> BillData:
    """Add lines to an open bill, all or none. A line whose ``key`` is there already is left alone."""
    if not actor.has(policies.CHARGE):
        raise Forbidden(_("您没有记账的权限，请联系本机构管理员。"))
    bill = Bill.objects.select_for_update(of=("self",)).select_related("visit", "stay").filter(pk=bill_id).first()
    if bill is None:
        raise NotFound(_("没有找到这张账单。"))
    access.require(actor, "write", Subject("bill", bill.id))
    if not lines or len(lines) > MOST_LINES:
        raise InvalidInput(errors={"item": _("请选择 1–%(most)s 项收费项目。") % {"most": MOST_LINES}})
    write_lines(bill, lines, actor)
    return queries.bill(bill.id)


@racing("clinic.strike_line")
@transaction.atomic
def strike_line(*, line_id: UUID, reason: str, actor: Actor) -> BillData:
    """Strike out a line of an open bill that was charged by mistake; it stays visible with the reason."""
    if not actor.has(policies.CHARGE):
        raise Forbidden(_("您没有记账的权限，请联系本机构管理员。"))
    found = ChargeLine.objects.filter(pk=line_id, reverses__isnull=True).values_list("bill_id", flat=True).first()
    if found is None:
        raise NotFound(_("没有找到这项费用。"))
    bill = Bill.objects.select_for_update().get(pk=found)
    access.require(actor, "write", Subject("bill", bill.id))
    if not reason.strip():
        raise InvalidInput(errors={"reason": _("请填写撤销这项费用的原因。")})
    _refuse_unless_open(bill)
    ChargeLine.objects.filter(pk=line_id, struck_at__isnull=True).update(
        struck_at=clock.now(), struck_by=actor.name, struck_reason=reason.strip()[:200]
    )
    return queries.bill(bill.id)


def open_bill_of_visit(visit: Visit, actor: Actor) -> Bill:
    """The bill of a visit that takes lines; a new one when the others are with the counter or settled. The caller holds the visit's lock."""
    return Bill.objects.filter(visit=visit, state="open").first() or _open(visit, "outpatient", actor, visit=visit)


def open_bill_of_stay(stay: Stay, actor: Actor) -> Bill:
    """The one bill of a stay, opened with the admission."""
    return _open(stay, "inpatient", actor, stay=stay)


def _open(about: Visit | Stay, kind: str, actor: Actor, **of: Visit | Stay) -> Bill:
    bill = Bill(
        number=dated_number("bill", "ZD"), resident_id=about.resident_id, patient_name=about.patient_name,
        patient_initials=about.patient_initials, institution_id=about.institution_id, department_id=about.department_id, kind=kind,
        institution_level=level_of(about.institution_id), opened_at=clock.now(), **of,
    )  # fmt: skip
    start(BILL, bill, "open", actor=actor)
    return bill


def write_lines(bill: Bill, lines: Sequence[NewCharge], actor: Actor) -> None:
    """Check and insert the lines of a locked bill; the caller has asked for the right."""
    _refuse_unless_open(bill)
    known = set(
        ChargeLine.objects.filter(key__in=[line.key for line in lines if line.key]).values_list("key", flat=True)
    )
    limits, since, until, died = definitions.parameters().limits, *_span(bill), died_on(bill.resident_id)
    rows, problems = [], []
    for given in lines:
        if given.key and given.key in known:
            continue
        item = definitions.item(given.item_code, bill.institution_level)
        at = given.performed_at or clock.now()
        problem = plausible.line_problem(given, item, limits) or plausible.time_problem(
            item.name, at, clock.now(), since=since, until=until, died_on=died
        )
        problems += [problem] if problem else []
        rows.append(
            ChargeLine(
                bill=bill, key=given.key, item_code=item.code, item_name=item.name, national_code=item.national_code,
                category=item.category, front_page_group=item.front_page_group, unit=item.unit, unit_price=item.unit_price,
                quantity=given.quantity, amount=0 if problem else amount_of(item.unit_price, given.quantity), performed_at=at,
                department_id=bill.department_id or actor.department_id, staff_id=actor.staff_id, staff_name=actor.name,
                order_id=given.order_id, dose=given.dose[:30], route=given.route[:20], frequency=given.frequency[:20],
                days=given.days, note=given.note[:200], written_at=clock.now(),
            )
        )  # fmt: skip
    if problems:
        raise InvalidInput("".join(problems), errors={"item": "".join(problems)})
    with refusing(clinic_line_into_open_bill=BillNotOpen(state=_("已提交结算"))):
        ChargeLine.objects.bulk_create(rows)


def _refuse_unless_open(bill: Bill) -> None:
    if bill.state != "open":
        raise BillNotOpen(state=BILL.label(bill.state))


def _span(bill: Bill) -> tuple[datetime, datetime | None]:
    """From when to when lines of this bill may be dated; whole days, because a nurse writes down the morning's work at noon."""
    if bill.stay:
        return _midnight(bill.stay.admitted_at), bill.stay.discharged_at
    begin = bill.visit.registered_at if bill.visit else bill.opened_at
    return _midnight(begin), None


def _midnight(at: datetime) -> datetime:
    return at.astimezone(SHANGHAI).replace(hour=0, minute=0, second=0, microsecond=0)


def died_on(resident_id: UUID) -> date | None:
    """The day of a registered death: nothing can have been done later."""
    resident = residents.identity(resident_id)
    return (resident.closed_on or clock.today()) if resident.status == "deceased" else None
