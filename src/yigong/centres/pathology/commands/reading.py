"""What the reader adds: more stains, their results, pictures, the comparison of frozen section and paraffin; and what a report takes from them."""

from uuid import UUID

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from yigong.centres.pathology.commands.bench import STAINED, STAINS
from yigong.centres.pathology.commands.errors import NotForThis
from yigong.centres.pathology.commands.grossing import make_slide
from yigong.centres.pathology.commands.steps import locked
from yigong.centres.pathology.models import Case, Picture, Specimen
from yigong.centres.pathology.policies import REPORT
from yigong.centres.pathology.rules import catalogue
from yigong.core import clock
from yigong.core.actor import Actor
from yigong.core.errors import Conflict, Forbidden, InvalidInput, NotFound
from yigong.core.pictures import api as pictures
from yigong.orders import api as orders
from yigong.orders.data import OrderData, VersionData
from yigong.tasks import api as tasks

USE = "microscope"


@transaction.atomic
def order_stains(*, code: str, stains: list[str], actor: Actor) -> list[Specimen]:
    """The reader asks for more slides of a block; the technicians get one to-do for the case."""
    block = locked(code)
    _reader(block.order_id, actor)
    known = catalogue.stains()
    wanted = [stain for stain in dict.fromkeys(stains) if stain in known]
    if not wanted:
        raise InvalidInput(errors={"stains": _("请选择要加做的染色。")})
    if block.kind != "block" or block.state in {"cancelled", "lost", "lent", "cut", "decalcifying", "processing"}:
        raise Conflict(_("%(code)s 现在不能加做染色：请选择已包埋的蜡块。") % {"code": block.code})
    made = [make_slide(block, stain, actor, additional=True) for stain in wanted]
    number = Case.objects.values_list("number", flat=True).get(pk=block.order_id)
    tasks.open_task(
        key=f"{STAINS}:{block.order_id}", kind=STAINS, institution_id=block.centre_id, role="pathology_technician",
        title=_("加做染色：%(n)s %(what)s") % {"n": number, "what": "、".join(known[s].name for s in wanted)},
        url=reverse("pathology:bench") + "?station=section", subject=("order", block.order_id),
    )  # fmt: skip
    return made


@transaction.atomic
def note_result(*, code: str, result: str, actor: Actor) -> Specimen:
    """What a stain shows; it stands in the report's table."""
    slide = locked(code)
    _reader(slide.order_id, actor)
    if slide.kind != "slide" or slide.ready_at is None:
        raise Conflict(_("%(code)s 还没有染好，不能填写结果。") % {"code": slide.code})
    slide.result = result.strip()[:120]
    slide.save(update_fields=["result"])
    return slide


@transaction.atomic
def add_picture(*, order_id: UUID, content: bytes, caption: str, actor: Actor, code: str = "") -> Picture:
    """A picture from the microscope: read, turned upright, written anew as JPEG; the same picture twice is one."""
    order = _reader(order_id, actor)
    slide = locked(code) if code.strip() else None
    if slide is not None and slide.order_id != order_id:
        raise InvalidInput(errors={"code": _("玻片 %(code)s 不属于这个病例。") % {"code": slide.code}})
    if not caption.strip():
        raise InvalidInput(errors={"caption": _("请填写图片说明，例如“HE ×100，癌巢”。")})
    most = pictures.limits(USE).most
    if Picture.objects.filter(order_id=order_id, withdrawn_at__isnull=True).count() >= most:
        raise InvalidInput(errors={"picture": _("一份报告最多 %(n)s 张图片。") % {"n": most}})
    kept = pictures.keep(content, use=USE)
    picture, _new = Picture.objects.get_or_create(
        order_id=order.id, kept_id=kept.digest, defaults={"specimen": slide, "caption": caption.strip()[:80], "added_by": actor.name[:80]}
    )  # fmt: skip
    return picture


@transaction.atomic
def withdraw_picture(*, picture_id: UUID, reason: str, actor: Actor) -> Picture:
    """A wrong picture is out of all further versions; those that were signed with it keep it."""
    row = Picture.objects.select_for_update().filter(pk=picture_id).first()
    if row is None:
        raise NotFound()
    _reader(row.order_id, actor)
    if not reason.strip():
        raise InvalidInput(errors={"reason": _("请填写撤下的原因。")})
    if row.withdrawn_at is None:
        row.withdrawn_at, row.withdrawn_by, row.reason = clock.now(), actor.name[:80], reason.strip()[:200]
        row.save(update_fields=["withdrawn_at", "withdrawn_by", "reason"])
    return row


@transaction.atomic
def compare_frozen(*, order_id: UUID, agreement: str, note: str, actor: Actor) -> Case:
    """Whether paraffin says what the frozen section said; a difference needs words."""
    order = _reader(order_id, actor)
    if order.group != catalogue.FROZEN:
        raise NotForThis(what=_("冰冻与石蜡对照"))
    if agreement not in Case.Agreement.values:
        raise InvalidInput(errors={"agreement": _("请选择是否符合。")})
    if agreement != Case.Agreement.AGREES and not note.strip():
        raise InvalidInput(errors={"note": _("不符合或部分符合时请写明差异与原因。")})
    row = Case.objects.select_for_update().get(pk=order_id)
    row.agreement, row.agreement_note = agreement, note.strip()[:300]
    row.agreement_by, row.agreement_at = actor.name[:80], clock.now()
    row.save(update_fields=["agreement", "agreement_note", "agreement_by", "agreement_at"])
    return row


def told(order: OrderData, version: VersionData, actor: Actor) -> None:
    """A report was signed: nobody is reminded of its stains any more; called by the order mechanism."""
    tasks.resolve_task(key=f"{STAINED}:{order.id}", actor=actor)


def _reader(order_id: UUID, actor: Actor) -> OrderData:
    """The order, when the actor reads for its centre."""
    order = orders.order_facts(order_id)
    if order.reporting_institution_id not in actor.places or not actor.has(REPORT):
        raise Forbidden(_("由病理中心的诊断医师办理。"))
    return order
