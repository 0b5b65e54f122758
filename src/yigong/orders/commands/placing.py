"""Placing and taking back an order."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from yigong.access import api as access
from yigong.core import clock
from yigong.core.actor import Actor, system
from yigong.core.commands import racing
from yigong.core.errors import Forbidden, InvalidInput
from yigong.core.events.api import record
from yigong.core.numbers.api import dated_number
from yigong.core.states import api as states
from yigong.network import api as network
from yigong.orders import policies, queries
from yigong.orders.commands import waiting
from yigong.orders.commands.errors import CannotPerformThere, CentreDoesNotServe, RepeatNeedsReason, SafetyBlock
from yigong.orders.commands.recognition import note_repeats
from yigong.orders.commands.templates import note_request_uses
from yigong.orders.data import Clinical, EarlierResult, Finding, ItemInput, OrderData, OrderDraft, ServiceDefinition
from yigong.orders.events import OrderAccepted, OrderCancelled, OrderPlaced
from yigong.orders.models import Order, OrderItem
from yigong.orders.rules import ORDER, service
from yigong.orders.rules.templates import unfilled
from yigong.residents import api as residents

LOOK_FOR = timedelta(days=180)
"""How long the performing and reporting institutions keep their relationship to the resident through one order."""

OTHER_REASON = "6"
"""The sixth lawful reason of the recognition pack: any other real need, which must be named."""

MAX_ITEMS = 20
MAX_TEXT = 4000


@racing("orders.place_order")
@transaction.atomic
def place_order(
    *,
    service_code: str,
    resident_id: UUID,
    items: Sequence[ItemInput],
    performing_institution_id: UUID,
    clinical: Clinical,
    actor: Actor,
    priority: str = "routine",
    answers: Mapping[str, Any] | None = None,
    department_id: UUID | None = None,
    scheduled_at: datetime | None = None,
    repeat_reason_code: str = "",
    repeat_reason: str = "",
    repeat_reasons: Mapping[str, str] | None = None,
    override_reason: str = "",
    idempotency_key: str = "",
    templates: Sequence[str] = (),
    samples: Sequence[str] = (),
) -> OrderData:
    """Ask ``performing_institution_id`` for a service in the name of the actor's institution.

    The centre that serves the performing institution will report. The same ``idempotency_key`` again gives the same order. Raises
    RepeatNeedsReason when an equal valid result exists and no lawful reason is given, SafetyBlock when a check of the service
    stops it and no ``override_reason`` is given. ``repeat_reasons`` are the reasons by ordered code, ``repeat_reason_code`` the one of all others.
    ``templates`` are the versions of request templates that it was written with (``key@version``), ``samples`` the specimens that it names.
    """
    definition = service(service_code)
    asking = _asking_institution(definition, actor)
    if idempotency_key and (known := Order.objects.filter(idempotency_key=idempotency_key).first()):
        return queries.to_data(known)
    person = residents.access_resident(resident_id, actor=actor, action="write")
    asker = network.institution(asking)
    items = [replace(item, price=definition.priced(item, asker.level)) for item in items]
    reporting = _reporting_institution(definition, asking, performing_institution_id)
    draft = OrderDraft(
        service_code, resident_id, person.sex, person.age_years, tuple(items), clinical, answers or {}, priority
    )
    reasons = {item.code: (repeat_reasons or {}).get(item.code) or repeat_reason_code for item in draft.items}
    _check_input(definition, draft, reasons, templates=bool(templates), samples=samples)
    earlier = queries.earlier_results(draft.resident_id, list(reasons))
    _check_repeat(earlier, reasons, repeat_reason)
    findings = _check_safety(definition, draft, override_reason)
    order = Order(
        service=service_code, idempotency_key=idempotency_key or None, resident_id=resident_id,
        requesting_institution_id=asking, requesting_department_id=department_id or actor.department_id,
        requesting_staff_id=actor.staff_id, performing_institution_id=performing_institution_id,
        reporting_institution_id=reporting, priority=priority, symptoms=clinical.symptoms.strip(),
        history=clinical.history.strip(), purpose=clinical.purpose.strip(), diagnosis=clinical.diagnosis.strip(),
        diagnosis_code=clinical.diagnosis_code, answers={**draft.answers, "override_reason": override_reason.strip()},
        findings=[f.text for f in findings], repeat_reason_code=next(filter(None, reasons.values()), ""), repeat_reason=repeat_reason.strip(),
        requested_at=clock.now(), scheduled_at=scheduled_at,
    )  # fmt: skip
    try:
        with transaction.atomic():
            _number(definition, order, asker.code)
            states.start(ORDER, order, "requested", actor=actor)
    except IntegrityError:  # the same key from another connection was first
        return queries.to_data(Order.objects.get(idempotency_key=idempotency_key))
    _write_items(order, draft.items)
    note_repeats(
        service_code=service_code, resident_id=resident_id, order_id=order.pk, items=draft.items, earlier=earlier,
        reason_codes=reasons, explanation=repeat_reason.strip(), actor=actor,
    )  # fmt: skip
    _open_relationships(order)
    record(OrderPlaced(order.pk, service_code, resident_id, asking, performing_institution_id))
    placed = queries.to_data(_accept_own(definition, order, actor))
    definition.placed(placed)
    if samples and definition.asked.samples:
        definition.asked.samples(placed, samples, actor)
    note_request_uses(order, templates, actor)
    return placed


@transaction.atomic
def cancel_order(*, order_id: UUID, reason: str, actor: Actor, reason_code: str = "") -> OrderData:
    """The requesting side takes the order back, before the examination begins, with a reason."""
    order = policies.access_order(order_id, actor=actor)
    order = states.transition(
        ORDER, order, "cancel", actor=actor, reason=reason, reason_code=reason_code,
        ended_reason=reason.strip(), ended_reason_code=reason_code,
    )  # fmt: skip
    end(order, reason=reason, actor=actor)
    record(OrderCancelled(order.pk, order.service, order.resident_id))
    return queries.to_data(order)


def end(order: Order, *, reason: str, actor: Actor) -> None:
    """Close what an ended order had opened: tasks and the relationships of the other institutions."""
    waiting.withdraw_all(order, reason=reason or "—", actor=actor)
    access.close_relationships(source=order.pk)
    service(order.service).ended(order.pk, reason)


def performers_for(service_code: str, actor: Actor) -> list[UUID]:
    """Institutions the actor may ask: his own, those above it, and the host of the centre that serves it."""
    definition, asking = service(service_code), actor.institution_id
    if asking is None:
        return []
    centre = network.serving_centre(definition.centre_kind, asking)
    found = [*network.ancestors(asking), *([centre.institution_id] if centre else [])]
    return list(dict.fromkeys(found))


def _asking_institution(definition: ServiceDefinition, actor: Actor) -> UUID:
    if not actor.has(definition.rights.request):
        raise Forbidden(_("您的岗位不能开具%(service)s申请，请由本机构医师申请。") % {"service": definition.label})
    if actor.institution_id is None:
        raise Forbidden(_("请先选择以哪个机构的岗位工作，再开具申请。"))
    return actor.institution_id


def _reporting_institution(definition: ServiceDefinition, asking: UUID, performing: UUID) -> UUID:
    """The host of the centre that reports; refuses a performing institution that the asker has no tie to."""
    centre = network.serving_centre(definition.centre_kind, performing)
    asked = centre if asking == performing else network.serving_centre(definition.centre_kind, asking)
    hosts = {c.institution_id for c in (centre, asked) if c}
    name = network.institution(performing).name
    if performing not in hosts and not network.is_above(performing, asking):
        raise CannotPerformThere(institution=name, service=definition.label)
    if centre:
        return centre.institution_id
    if any(hosted.kind == definition.centre_kind for hosted in network.centres_hosted(performing)):
        return performing
    raise CentreDoesNotServe(institution=name, service=definition.label)


def _check_input(
    definition: ServiceDefinition,
    draft: OrderDraft,
    reasons: Mapping[str, str],
    *,
    templates: bool,
    samples: Sequence[str],
) -> None:
    errors: dict[str, str] = {}
    if not 0 < len(draft.items) <= MAX_ITEMS:
        errors["items"] = _("请选择 1 到 %(n)s 个项目。") % {"n": MAX_ITEMS}
    if len({item.code for item in draft.items}) != len(draft.items):
        errors["items"] = _("同一项目只能选一次。")
    if draft.priority not in Order.Priority.values:
        errors["priority"] = _("请选择“平”或“急”。")
    if set(filter(None, reasons.values())) - set(definition.repeat_reasons):
        errors["repeat_reason_code"] = _("请从列表中选择重复检查的理由。")
    for name, label in (("purpose", _("检查目的")), ("diagnosis", _("临床诊断"))):
        if not getattr(draft.clinical, name).strip():
            errors[name] = _("请填写%(label)s。") % {"label": label}
    for name in ("symptoms", "history", "purpose", "diagnosis"):
        limit = 200 if name == "diagnosis" else MAX_TEXT
        if len(getattr(draft.clinical, name)) > limit:
            errors[name] = _("最多 %(n)s 个字，请精简。") % {"n": limit}
        elif templates and (told := unfilled(getattr(draft.clinical, name))):
            errors[name] = told
    if len(samples) > MAX_ITEMS or any(len(one) > 80 for one in samples):
        errors["samples"] = _("标本每行一个，最多 %(n)s 个，每个最多 80 个字。") % {"n": MAX_ITEMS}
    for question in definition.questions:
        asked = question.applies(items=draft.items, sex=draft.sex, age=draft.age)
        if asked and question.required and draft.answers.get(question.code) in (None, ""):
            errors[question.code] = _("请回答“%(label)s”。") % {"label": question.label}
    if errors:
        raise InvalidInput(errors=errors)


def _check_repeat(earlier: Sequence[EarlierResult], reasons: Mapping[str, str], words: str) -> None:
    """Each offered result is recognised elsewhere or has a lawful reason here; the last reason, “other”, needs words."""
    for found in earlier:
        reason = reasons.get(found.for_code or found.item_code)
        if not found.offered or (reason and (reason != OTHER_REASON or words.strip())):
            continue
        if reason:
            raise InvalidInput(errors={"repeat_reason": _("选择“其他”时请写明原因。")})
        sentence = RepeatNeedsReason(
            item=found.item_name, day=found.reported_at.astimezone(clock.SHANGHAI).date(), institution=found.institution
        )
        sentence.errors = {"repeat_reason_code": str(sentence)}
        raise sentence


def _check_safety(definition: ServiceDefinition, draft: OrderDraft, override_reason: str) -> list[Finding]:
    findings = definition.check(draft)
    blocks = [f for f in findings if f.level == "block"]
    if blocks and not override_reason.strip():
        refusal = SafetyBlock(text="；".join(f.text for f in blocks))
        refusal.errors = {"override_reason": str(refusal)}
        raise refusal
    return findings


def _number(definition: ServiceDefinition, order: Order, code: str) -> None:
    """Numbers unique in the county: the prefix names the requesting institution by the tail of its code."""
    tail = code[-4:].rjust(4, "0").upper()
    order.number = dated_number("order", definition.prefix + tail)
    order.accession = dated_number("accession", tail)


def _write_items(order: Order, items: Sequence[ItemInput]) -> None:
    OrderItem.objects.bulk_create(
        OrderItem(
            order=order, position=place, code=item.code, name=item.name, group=item.group, part=item.part,
            price=item.price, validity_days=item.validity_days,
        )
        for place, item in enumerate(items)
    )  # fmt: skip


def _open_relationships(order: Order) -> None:
    until = clock.now() + LOOK_FOR
    for institution in {order.performing_institution_id, order.reporting_institution_id}:
        access.open_relationship(
            resident_id=order.resident_id, institution_id=institution, basis="order", source=order.pk, ends_at=until
        )


def _accept_own(definition: ServiceDefinition, order: Order, actor: Actor) -> Order:
    """An institution that performs its own order does not ask itself; any other gets a task with the acceptance clock."""
    own = order.requesting_institution_id == order.performing_institution_id
    if own and definition.own_orders_accepted:
        order = states.transition(ORDER, order, "accept", actor=system("orders"))
        record(OrderAccepted(order.pk, order.service, order.resident_id))
    else:
        waiting.ask_performer(
            order, waiting.ACCEPT, _("请接收%(s)s申请") % {"s": definition.label}, due_at=order.due_at
        )
    return order
