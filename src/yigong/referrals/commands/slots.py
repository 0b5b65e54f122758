"""Slots and beds: published by departments, held and used by referrals, counted in the ledger."""

from datetime import date, time
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from yigong.core import clock
from yigong.core.actor import Actor
from yigong.core.commands import racing
from yigong.core.errors import Forbidden, InvalidInput, NotFound
from yigong.core.ledger import api as ledger
from yigong.network import api as network
from yigong.referrals import policies
from yigong.referrals.commands.errors import SlotTaken
from yigong.referrals.data import SlotData
from yigong.referrals.models import Referral, SlotSheet
from yigong.referrals.queries import slots as queries
from yigong.referrals.rules import definitions as rules

FREE, ORDINARY, SOURCE = queries.FREE, "clinic.slots", "referral.slots.published"


@transaction.atomic
def publish_slots(
    *,
    department_id: UUID,
    kind: str,
    capacity: int,
    reserved: int,
    actor: Actor,
    day: date | None = None,
    session: str = "",
    starts_at: time | None = None,
    ends_at: time | None = None,
    doctor: str = "",
    note: str = "",
) -> SlotData:
    """Offer slots of one session or a number of beds; ``reserved`` of ``capacity`` are for referrals."""
    department = network.department(department_id)
    _check_place(actor, department.institution_id)
    _check_sheet(kind, day, session, capacity, reserved)
    row = SlotSheet(
        institution_id=department.institution_id, department_id=department_id, kind=kind, capacity=capacity, reserved=reserved,
        day=day if kind == "slot" else None, session=session, starts_at=starts_at, ends_at=ends_at, doctor=doctor.strip(), note=note,
    )  # fmt: skip
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as clash:
        raise InvalidInput(errors={"session": _("该科室这一天这个时段已发布过号源，请先停用原来的。")}) from clash
    _supply(row, actor)
    return queries.slot(row.id)


@transaction.atomic
def stop_slots(*, sheet_id: UUID, reason: str, actor: Actor) -> list[UUID]:
    """Take a sheet out of use (a clinic is cancelled); free places vanish. Returns the referrals that must be given another place."""
    row = SlotSheet.objects.select_for_update().filter(pk=sheet_id).first()
    if row is None:
        raise NotFound()
    _check_place(actor, row.institution_id)
    if not reason.strip():
        raise InvalidInput(errors={"reason": _("请填写停诊原因，例如“医师外出”。")})
    if row.stopped_at is None:
        row.stopped_at, row.stopped_reason = clock.now(), reason.strip()[:100]
        row.save(update_fields=["stopped_at", "stopped_reason"])
        _take_back(row, actor, reason)
    waiting = Referral.objects.filter(sheet=row, state__in=["pending_receive", "accepted"])
    return list(waiting.values_list("id", flat=True))


@racing("referrals.hold_slot")
def hold_slot(row: Referral, sheet_id: UUID, actor: Actor) -> None:
    """Take one place of a sheet for this referral (the old one, if any, goes back); SlotTaken names alternatives."""
    sheet = SlotSheet.objects.filter(pk=sheet_id, institution_id=row.to_institution_id).first()
    if sheet is None or sheet.stopped_at:
        raise InvalidInput(errors={"sheet_id": _("这个号源已停用，请重新选择。")})
    if row.hold_key and row.sheet_id == sheet_id and _is_held(row):
        return
    if sheet.day and sheet.day < clock.today():
        raise InvalidInput(errors={"sheet_id": _("这个号源的日期已过，请重新选择。")})
    free_slot(row, actor, _("改约"))
    row.hold_key = f"referral:{row.id}:{row.version}:{sheet_id}"
    row.sheet, row.to_department_id = sheet, sheet.department_id
    account = ledger.open_account(FREE, sheet.id, sheet.kind)
    try:
        ledger.hold(account.id, 1, key=row.hold_key, actor=actor, reason=row.number, about=row.id)
    except ledger.NotEnough as refusal:
        raise _taken(sheet) from refusal


def free_slot(row: Referral, actor: Actor, reason: str) -> None:
    """Give the held place back, if there is one."""
    if row.hold_key and (held := ledger.hold_of(row.hold_key)):
        ledger.release(held.id, actor=actor, reason=reason[:200])
    row.hold_key, row.sheet = "", None


def use_slot(row: Referral, actor: Actor) -> None:
    """The patient is there: the held place is used up."""
    if row.hold_key and (held := ledger.hold_of(row.hold_key)) and held.state == "held":
        ledger.settle(held.id, actor=actor, reason=row.number)


def return_bed(row: Referral, actor: Actor) -> None:
    """The patient has left: a used bed is free again."""
    if row.sheet is None or row.sheet.kind != "bed":
        return
    held = ledger.hold_of(row.hold_key)
    if held is None or held.state != "settled":
        return
    used = ledger.open_account(f"{FREE}.used", row.sheet.id, "bed")
    ledger.post(
        [(used.id, -1), (held.account_id, 1)], key=f"bed-back:{row.id}", actor=actor, reason=row.number, about=row.id
    )


def _is_held(row: Referral) -> bool:
    held = ledger.hold_of(row.hold_key)
    return held is not None and held.state == "held"


def _taken(sheet: SlotSheet) -> SlotTaken:
    others = [
        s for s in queries.slots_of(sheet.institution_id, kind=sheet.kind, department_id=sheet.department_id) if s.left
    ][:3]
    listed = "、".join(other.label for other in others)
    text = (
        _("可以改约：%(others)s。") % {"others": listed}
        if others
        else _("该科室近期没有余号，请选其他科室或联系接收方。")
    )
    return SlotTaken(slot=queries.slot(sheet.id).label, others=text, alternatives=others)


def _supply(row: SlotSheet, actor: Actor) -> None:
    source = ledger.open_account(SOURCE, row.id, row.kind, may_go_negative=True)
    free, ordinary = (ledger.open_account(kind, row.id, row.kind) for kind in (FREE, ORDINARY))
    parts = [(free.id, row.reserved), (ordinary.id, row.capacity - row.reserved)]
    entries = [(source.id, -row.capacity), *(part for part in parts if part[1])]
    ledger.post(entries, key=f"publish:{row.id}", actor=actor, reason=_("发布号源"))


def _take_back(row: SlotSheet, actor: Actor, reason: str) -> None:
    source = ledger.open_account(SOURCE, row.id, row.kind, may_go_negative=True)
    accounts = [ledger.open_account(kind, row.id, row.kind) for kind in (FREE, ORDINARY)]
    parts = [(account.id, -account.balance) for account in accounts if account.balance]
    if parts:
        entries = [(source.id, -sum(amount for _account, amount in parts)), *parts]
        ledger.post(entries, key=f"stop:{row.id}", actor=actor, reason=reason)


def _check_place(actor: Actor, institution_id: UUID) -> None:
    if not actor.has(policies.SLOTS):
        raise Forbidden()
    if not actor.is_system and institution_id not in actor.institution_ids:
        raise Forbidden(_("只能发布本机构科室的号源和床位。"))


def _check_sheet(kind: str, day: date | None, session: str, capacity: int, reserved: int) -> None:
    errors = {}
    if kind not in {"slot", "bed"}:
        errors["kind"] = _("请选择号源或床位。")
    if kind == "slot" and day is None:
        errors["day"] = _("请选择出诊日期。")
    if kind == "slot" and day and day < clock.today():
        errors["day"] = _("出诊日期不能早于今天。")
    if kind == "slot" and session not in rules.SESSION:
        errors["session"] = _("请选择时段。")
    if not 1 <= capacity <= 2000:
        errors["capacity"] = _("总数应在 1–2000 之间。")
    if not 0 <= reserved <= capacity:
        errors["reserved"] = _("预留给转诊的数量不能超过总数。")
    if errors:
        raise InvalidInput(errors=errors)
