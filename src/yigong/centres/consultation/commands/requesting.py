"""Asking for a consultation with a file of records; adding to the file later."""

from collections.abc import Sequence
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from yigong.centres.consultation import policies
from yigong.centres.consultation.commands.errors import FileIncomplete
from yigong.centres.consultation.data import NewConsultation
from yigong.centres.consultation.models import Consultation, NamedRecord
from yigong.centres.consultation.queries import files
from yigong.centres.consultation.rules.definitions import catalogue, items, parameters
from yigong.centres.consultation.rules.files import missing
from yigong.core import clock
from yigong.core.actor import Actor
from yigong.core.errors import InvalidInput
from yigong.network import api as network
from yigong.orders import api as orders
from yigong.orders.data import OrderData
from yigong.records.data import TimelineItem

CENTRE = "consultation"
MAX_RECORDS = 60


@transaction.atomic
def request_consultation(
    *, given: NewConsultation, actor: Actor, idempotency_key: str = "", templates: Sequence[str] = ()
) -> OrderData:
    """Ask the centre that serves the actor's institution. InvalidInput by field; FileIncomplete when pieces are missing and it can wait."""
    _check(given)
    chosen = files.chosen(given.resident_id, given.records, actor=actor)
    lacking = missing(items()[given.item_code].pieces, files.present(chosen))
    if lacking and not (given.priority == "urgent" and given.gap.strip()):
        raise _incomplete(given, lacking)
    kind = next(i for i in catalogue() if i.code == given.item_code)
    order = orders.place_order(
        service_code=CENTRE, resident_id=given.resident_id, performing_institution_id=_centre_of(actor), actor=actor,
        items=[orders.ItemInput(kind.code, kind.name, kind.group, kind.part, kind.price, kind.validity_days)],
        clinical=given.clinical, priority=given.priority, idempotency_key=idempotency_key, templates=templates,
    )  # fmt: skip
    row = Consultation.objects.select_for_update().get(order_id=order.id)
    if not row.records.exists():  # the same form sent again changes nothing
        _write(row, given, lacking)
        _name(row, chosen, actor)
    return order


@transaction.atomic
def add_records(*, order_id: UUID, records: Sequence[tuple[str, UUID]], actor: Actor) -> list[str]:
    """Name more entries of the record, until the conclusion is signed. Returns the pieces that are missing still."""
    row = policies.access_consultation(order_id, actor=actor, lock=True)
    policies.must_ask(row, actor)
    if row.order.state in {"reported", "completed", "cancelled", "rejected"}:
        raise InvalidInput(_("会诊已结束，不能再补充资料。"))
    chosen = files.chosen(row.order.resident_id, records, actor=actor)
    if not chosen:
        raise InvalidInput(errors={"records": _("请勾选要补充的资料。")})
    _name(row, chosen, actor)
    there = {code for named in row.records.all() for code in named.pieces}
    row.missing = missing(items()[row.order.items.get().code].pieces, there)
    row.save(update_fields=["missing"])
    return list(row.missing)


@transaction.atomic
def begin_file(order: OrderData) -> None:
    """Called by the mechanism with every order of this service: the consultation itself."""
    Consultation.objects.get_or_create(order_id=order.id)


def _check(given: NewConsultation) -> None:
    errors: dict[str, str] = {}
    known = parameters()
    if given.item_code not in items():
        errors["item_code"] = _("请选择会诊类型。")
    if given.purpose_code not in known.purposes:
        errors["purpose_code"] = _("请选择会诊目的。")
    if given.form not in known.forms:
        errors["form"] = _("请选择视频会诊或图文会诊。")
    if not given.consent:
        errors["consent"] = _("请先向患者或家属说明并取得书面知情同意。")
    if given.wanted_at and given.wanted_at < clock.now() and given.priority != "urgent":
        errors["wanted_at"] = _("期望时间不能早于现在。")
    if len(given.records) > MAX_RECORDS:
        errors["records"] = _("一次会诊最多勾选 %(n)s 条资料，请只选与问题有关的。") % {"n": MAX_RECORDS}
    if errors:
        raise InvalidInput(errors=errors)


def _incomplete(given: NewConsultation, lacking: Sequence[str]) -> FileIncomplete:
    labels = {piece.code: piece.label for piece in parameters().pieces}
    refusal = FileIncomplete(pieces="、".join(labels.get(code, code) for code in lacking))
    field = "gap" if given.priority == "urgent" else "records"
    refusal.errors = {field: str(refusal)}
    return refusal


def _centre_of(actor: Actor) -> UUID:
    centre = network.serving_centre(CENTRE, actor.institution_id) if actor.institution_id else None
    if centre is None:
        raise InvalidInput(_("目前没有为本机构服务的会诊中心，请联系县级管理员开通。"))
    return centre.institution_id


def _write(row: Consultation, given: NewConsultation, lacking: list[str]) -> None:
    row.form, row.purpose_code, row.wanted_at = given.form, given.purpose_code, given.wanted_at
    row.consent, row.missing, row.gap = given.consent, lacking, given.gap.strip()[:1000] if lacking else ""
    row.save()


def _name(row: Consultation, chosen: Sequence[TimelineItem], actor: Actor) -> None:
    NamedRecord.objects.bulk_create(
        (
            NamedRecord(
                consultation=row, kind=item.kind, entry_id=item.id, title=item.title[:160], at=item.at,
                institution_name=item.institution_name[:80], pieces=files.answers(item), added_by=actor.name,
            )
            for item in chosen
        ),
        ignore_conflicts=True,
    )  # fmt: skip
