"""The hand-over: the crew writes and signs, the hospital signs, each once."""

from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from yigong.centres.emergency import policies
from yigong.centres.emergency.commands import dispatching, timing
from yigong.centres.emergency.commands.common import locked_case
from yigong.centres.emergency.commands.errors import SamePerson, SignedBefore
from yigong.centres.emergency.models import Case, Handover
from yigong.centres.emergency.rules.workflow import at_hospital
from yigong.core import clock
from yigong.core.actor import Actor
from yigong.core.commands import racing
from yigong.core.errors import Conflict, Forbidden, InvalidInput


@racing("emergency.give")
@transaction.atomic
def give(*, case_id: UUID, condition: str, actor: Actor, given: str = "", belongings: str = "") -> Handover:
    """The crew's part with its signature; it may be written before the arrival and changed until the hospital signed."""
    row = locked_case(case_id)
    kinds = timing.kinds_of(row, timing.running(row), actor)
    if not kinds & {"crew", "primary"}:
        raise Forbidden(_("由送来患者的车组或首诊机构填写交接单。"))
    if not condition.strip():
        raise InvalidInput(errors={"condition": _("请写明交接时的病情。")})
    words = {"condition": condition.strip()[:500], "given": given.strip()[:500], "belongings": belongings.strip()[:200]}
    sheet = Handover.objects.filter(case=row).first()
    if sheet is None:
        return Handover.objects.create(
            case=row, giver=actor.name[:80], giver_staff_id=actor.staff_id, giver_at=clock.now(), **words
        )
    if sheet.receiver_at:
        raise _signed(sheet)
    for name, text in words.items():
        setattr(sheet, name, text)
    sheet.giver, sheet.giver_staff_id, sheet.giver_at = actor.name[:80], actor.staff_id, clock.now()
    sheet.save()
    return sheet


@racing("emergency.receive")
@transaction.atomic
def receive(*, case_id: UUID, actor: Actor) -> Handover:
    """The hospital's signature: the patient is there, the run's hand-over has its time. SignedBefore names who was first."""
    row = locked_case(case_id)
    if not actor.has(policies.TREAT) or not at_hospital(row, actor):
        raise Forbidden(_("由接收医院的医师或护士签收。"))
    if row.state in {"called", "under_way", "coming"}:
        raise Conflict(_("患者还没有到院，到院后才能签收。"))
    return _sign(row, actor, actor.name, row.destination.name)


@transaction.atomic
def hand_to_other(*, case_id: UUID, place: str, receiver: str, actor: Actor) -> Handover:
    """Handed to a hospital that does not work with this platform: its name and the name of who took over stand on the sheet; the case ends as
    transferred."""
    from yigong.centres.emergency.commands import department

    row = locked_case(case_id)
    if "crew" not in timing.kinds_of(row, timing.running(row), actor):
        raise Forbidden(_("由车组登记交给其他医院。"))
    if not place.strip() or not receiver.strip():
        raise InvalidInput(errors={"place": _("请填写接收医院和接收人姓名。")})
    if row.state not in {"under_way"}:
        raise Conflict(_("只有送往途中的患者可以交给其他医院。"))
    sheet = _sign(row, actor, receiver, place, other=True)
    note = _("交给%(place)s %(who)s") % {"place": place.strip(), "who": receiver.strip()}
    department.end_case(case_id=row.pk, outcome="transferred", note=note, place=place, actor=actor)
    return sheet


def _sign(row: Case, actor: Actor, receiver: str, place: str, *, other: bool = False) -> Handover:
    sheet = Handover.objects.filter(case=row).first()
    if sheet is None:
        raise Conflict(_("车组还没有填写交接单。"))
    if sheet.receiver_at:
        raise _signed(sheet)
    if not other and sheet.giver_staff_id == actor.staff_id:
        raise SamePerson()
    now = clock.now()
    signed = Handover.objects.filter(pk=sheet.pk, receiver_at__isnull=True).update(
        receiver=receiver.strip()[:80], receiver_staff_id=None if other else actor.staff_id, receiver_at=now,
        receiver_place=place.strip()[:120],
    )  # fmt: skip
    sheet.refresh_from_db()
    if not signed:
        raise _signed(sheet)
    run = timing.running(row)
    if run is not None and "handed_over" not in timing.points(row, run):
        timing.write(row, run, "handed_over", now, actor)
        if run.state not in {"handed_over", "back"}:
            dispatching.advance(run, "handed_over", actor)
    return sheet


def _signed(sheet: Handover) -> SignedBefore:
    return SignedBefore(who=sheet.receiver, at=timing.shown(sheet.receiver_at or clock.now()))
