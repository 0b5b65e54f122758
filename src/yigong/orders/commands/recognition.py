"""Recognising earlier results instead of ordering again, refusing with a lawful reason, and finding what was done again anyway."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from yigong.core import clock
from yigong.core.actor import Actor, system
from yigong.core.commands import racing
from yigong.core.errors import Conflict, Forbidden, InvalidInput, NotFound
from yigong.orders import policies
from yigong.orders.data import EarlierResult, ItemInput, Placed, RecognitionData
from yigong.orders.models import OrderItem, QualityAssessment, Recognition, RepeatFinding
from yigong.orders.queries.recognition import earlier_results, scope
from yigong.orders.rules import recognition as rules
from yigong.orders.rules import service
from yigong.records import api as records
from yigong.records.data import Source
from yigong.residents import api as residents


@transaction.atomic
def order_or_recognise(
    *,
    service_code: str,
    resident_id: UUID,
    items: Sequence[ItemInput],
    use: Mapping[str, int],
    actor: Actor,
    **order: Any,
) -> Placed:
    """Recognise the results in ``use`` (ordered code → the earlier item) and order only what is left, all or nothing.

    ``order`` are the other arguments of ``place_order``; when everything is recognised no order is placed.
    """
    from yigong.orders.commands.placing import place_order

    recognised = recognise_results(
        service_code=service_code,
        resident_id=resident_id,
        items=[i for i in items if i.code in use],
        use=use,
        actor=actor,
    )
    left = [item for item in items if item.code not in use]
    if not left and recognised:
        return Placed(None, tuple(recognised))
    placed = place_order(service_code=service_code, resident_id=resident_id, items=left, actor=actor, **order)
    return Placed(placed, tuple(recognised))


@racing("orders.recognise_results")
@transaction.atomic
def recognise_results(
    *, service_code: str, resident_id: UUID, items: Sequence[ItemInput], use: Mapping[str, int], actor: Actor
) -> list[RecognitionData]:
    """Take earlier results for these items: the reference goes into the resident's record. Again is no error and saves nothing more."""
    definition = service(service_code)
    if not items:
        return []
    if not actor.has(definition.rights.request) or actor.institution_id is None:
        raise Forbidden(_("您的岗位不能开具%(service)s申请，请由本机构医师申请。") % {"service": definition.label})
    residents.access_resident(resident_id, actor=actor, action="write")
    offered = {
        (one.for_code, one.item_id): one for one in earlier_results(resident_id, [i.code for i in items]) if one.offered
    }
    found = []
    for item in items:
        source = offered.get((item.code, use[item.code]))
        if source is None:
            raise Conflict(_("“%(item)s”的既往结果已失效或暂停互认，请刷新后重新选择。") % {"item": item.name})
        found.append(_recognise(resident_id, service_code, item, source, actor))
    return found


def note_repeats(
    *, service_code: str, resident_id: UUID, order_id: UUID, items: Sequence[ItemInput], earlier: Sequence[EarlierResult],
    reason_codes: Mapping[str, str], explanation: str, actor: Actor,
) -> None:  # fmt: skip
    """Keep for each item why its offered result was not recognised; called by ``place_order``."""
    named = {item.code: item for item in items}
    newest: dict[str, EarlierResult] = {}
    for one in earlier:
        if one.offered and one.item_id and one.for_code in named:
            newest.setdefault(one.for_code, one)
    for code, source in newest.items():
        _write(
            resident_id, service_code, named[code], source, actor, decision=Recognition.Decision.REPEATED,
            reason_code=reason_codes[code], explanation=explanation, order_id=order_id,
        )  # fmt: skip


@transaction.atomic
def withdraw_recognition(*, recognition_id: UUID, reason: str, actor: Actor) -> None:
    """The doctor takes a recognition back (wrong person, the result turned out useless); the reference in the record is voided."""
    row = Recognition.objects.select_for_update().filter(pk=recognition_id, decision="recognised").first()
    if row is None:
        raise NotFound()
    if row.receiver_id not in actor.places:
        raise Forbidden(_("互认由作出互认的机构撤销。"))
    if not reason.strip():
        raise InvalidInput(errors={"reason": _("请写明撤销的原因。")})
    if row.withdrawn_at is not None:
        raise Conflict(_("这项互认已由%(who)s撤销。") % {"who": row.withdrawn_by})
    row.withdrawn_at, row.withdrawn_by, row.withdraw_reason = clock.now(), actor.name[:80], reason.strip()[:200]
    row.save(update_fields=["withdrawn_at", "withdrawn_by", "withdraw_reason"])
    if row.document_id:
        records.void_document(document_id=row.document_id, reason=reason.strip(), actor=system("orders"))


@transaction.atomic
def record_assessment(
    *, institution_id: UUID, service_code: str, group: str, scheme: str, score: Decimal, passed: bool, valid_from: date,
    valid_until: date, actor: Actor,
) -> None:  # fmt: skip
    """Enter an institution's external quality assessment; recognition of its results follows from it by itself."""
    if not actor.has(policies.QUALITY):
        raise Forbidden(_("室间质评由质控员登记。"))
    errors = {}
    if valid_until <= valid_from:
        errors["valid_until"] = _("有效期止应晚于有效期起。")
    if group not in {item.group for item in service(service_code).catalogue()}:
        errors["group"] = _("请从列表中选择项目类别。")
    if errors:
        raise InvalidInput(errors=errors)
    try:
        with transaction.atomic():
            QualityAssessment.objects.create(
                institution_id=institution_id, service=service_code, group=group, scheme=scheme.strip()[:80], score=score,
                passed=passed, valid_from=valid_from, valid_until=valid_until, entered_by=actor.name[:80],
            )  # fmt: skip
    except IntegrityError as taken:
        raise Conflict(_("该机构这一期的室间质评已经登记过。")) from taken


def find_repeats(*, limit: int = 1000) -> int:
    """Recognised items that were performed again within the validity of the recognised result, without a stated reason; nightly."""
    found = 0
    held = Recognition.objects.filter(decision="recognised", withdrawn_at__isnull=True).select_related(
        "source_item__order"
    )
    for row in held.order_by("-at")[:limit]:
        codes = [code for code, answers in _answers(row.item_code).items() if row.source_item.code in answers]
        until = (row.source_item.order.reported_at or row.at) + timedelta(days=row.source_item.validity_days)
        again = OrderItem.objects.filter(
            order__resident_id__in=residents.identities(row.resident_id), code__in=[*codes, row.source_item.code],
            order__performed_at__gt=row.at, order__performed_at__lt=until, order__repeat_reason_code="",
        ).exclude(order_id=row.source_item.order_id)  # fmt: skip
        for item in again:
            found += RepeatFinding.objects.get_or_create(item=item, defaults={"recognition": row})[1]
    return found


@transaction.atomic
def explain_repeat(*, finding_id: int, explanation: str, actor: Actor) -> None:
    """Somebody has looked into a repeat and says why it was done."""
    row = RepeatFinding.objects.select_for_update().select_related("item__order").filter(pk=finding_id).first()
    if row is None:
        raise NotFound()
    places = scope(actor)
    if not actor.has(policies.QUALITY) or (
        places is not None and row.item.order.requesting_institution_id not in places
    ):
        raise Forbidden(_("重复检查由质控员核实。"))
    if not explanation.strip():
        raise InvalidInput(errors={"explanation": _("请写明核实结果。")})
    if row.explained_at is not None:
        raise Conflict(_("已由%(who)s核实。") % {"who": row.explained_by})
    row.explanation, row.explained_by, row.explained_at = explanation.strip(), actor.name[:80], clock.now()
    row.save(update_fields=["explanation", "explained_by", "explained_at"])


def _answers(code: str) -> dict[str, tuple[str, ...]]:
    return rules.answering(rules.rules(), [code])


def _recognise(
    resident_id: UUID, service_code: str, item: ItemInput, source: EarlierResult, actor: Actor
) -> RecognitionData:
    try:
        with transaction.atomic():
            row = _write(resident_id, service_code, item, source, actor, decision=Recognition.Decision.RECOGNISED)
    except IntegrityError:
        row = Recognition.objects.get(
            source_item_id=source.item_id, receiver_id=actor.institution_id, item_code=item.code, decision="recognised",
            withdrawn_at__isnull=True,
        )  # fmt: skip
        return RecognitionData(row.pk, row.item_name, row.price, True)
    day = source.reported_at.astimezone(clock.SHANGHAI).date()
    document = records.add_document(
        resident_id=resident_id, kind="other", title=_("结果互认：%(item)s") % {"item": item.name},
        content={
            "recognised": source.item_code, "number": source.number, "institution": source.institution, "mark": source.mark,
            "reported_on": day.isoformat(), "impression": source.impression, "url": reverse("orders:detail", args=[source.order_id]),
        },
        text=_("引用%(institution)s %(day)s 的%(item)s（%(number)s）：%(said)s")
        % {
            "institution": source.institution, "day": day, "item": source.item_name, "number": source.number,
            "said": source.impression,
        },
        source=Source(app="orders", id=row.pk, number=source.number), author_name=actor.name, staff_id=actor.staff_id,
        institution_id=actor.institution_id, occurred_at=row.at, actor=system("orders"),
    )  # fmt: skip
    Recognition.objects.filter(pk=row.pk).update(document_id=document.id)
    return RecognitionData(row.pk, row.item_name, row.price, False)


def _write(
    resident_id: UUID, service_code: str, item: ItemInput, source: EarlierResult, actor: Actor, **more: Any
) -> Recognition:
    assert actor.institution_id
    giver = OrderItem.objects.select_related("order").get(pk=source.item_id).order.performing_institution_id
    return Recognition.objects.create(
        resident_id=resident_id, service=service_code, item_code=item.code, item_name=item.name, price=item.price,
        source_item_id=source.item_id, mark=source.mark, giver_id=giver, receiver_id=actor.institution_id,
        staff_id=actor.staff_id, staff_name=actor.name[:80], at=clock.now(), **more,
    )  # fmt: skip
