"""Values of a tube: from a person or an instrument, judged, held back when control is lost, and told at once when critical."""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from yigong.centres.laboratory.commands.errors import (
    NoSuchTube,
    NotAtLaboratory,
    TooLate,
    UnitDiffers,
    UnknownAnalyte,
    ValueUnreadable,
)
from yigong.centres.laboratory.data import Reading, Taken
from yigong.centres.laboratory.models import Instrument, QualityHold, TestResult, Tube
from yigong.centres.laboratory.policies import REPORT
from yigong.centres.laboratory.rules import catalogue, judging
from yigong.centres.laboratory.rules.catalogue import Analyte
from yigong.centres.laboratory.rules.tubes import AT_LABORATORY, TUBE
from yigong.core import clock
from yigong.core.actor import Actor
from yigong.core.audit.api import acting
from yigong.core.errors import Conflict, Forbidden, InvalidInput
from yigong.core.packs import api as packs
from yigong.orders import api as orders
from yigong.orders.data import OrderData
from yigong.residents import api as residents

WRITABLE = {"unclaimed", "claimed", "returned", "amending"}
"""Report states in which values may still change."""
NOT_DONE = "未检"
"""How a value begins that will never come, with its reason behind it."""
WITH_RESULTS = {*AT_LABORATORY, "sent_out", "stored"}


@transaction.atomic
def take_results(
    *,
    number: str,
    readings: Sequence[Reading],
    actor: Actor,
    instrument_id: UUID | None = None,
    at: datetime | None = None,
) -> Taken:
    """Values of one tube, all or nothing. Raises NoSuchTube, NotAtLaboratory, TooLate, UnknownAnalyte, UnitDiffers, ValueUnreadable.

    A value again replaces the one before (the row history keeps it); the same value again changes nothing.
    """
    tube = Tube.objects.filter(number="".join(number.split())[:40]).first()
    if tube is None:
        raise NoSuchTube(number=number or "—")
    order = _writable(tube.order_id, actor)
    tube.refresh_from_db()
    if tube.state not in WITH_RESULTS:
        raise NotAtLaboratory(number=tube.number, state=_(TUBE.states[tube.state].label))
    wanted = {a.code: a for a in catalogue.measured(tube.items) if (a.tube, a.bench) == (tube.tube, tube.bench)}
    values = []
    for reading in readings:
        analyte = catalogue.called(*reading.names)
        if analyte is None or analyte.code not in wanted:
            raise UnknownAnalyte(name=next(filter(None, reading.names), "—"), number=tube.number)
        values.append((analyte, reading))
    if not values:
        raise InvalidInput(_("没有可录入的结果。"))
    instrument = Instrument.objects.filter(pk=instrument_id).first() if instrument_id else None
    source = TestResult.Source.OUTSIDE if tube.outside_id else TestResult.Source.INSTRUMENT
    # An analyser's clock that is behind the collection is not believed.
    measured_at = at if at and tube.collected_at and at >= tube.collected_at else None
    return _keep(order, values, tube, actor, source, instrument, measured_at)


@transaction.atomic
def enter_results(
    *, order_id: UUID, values: Mapping[str, str], actor: Actor, instrument: Instrument | None = None
) -> Taken:
    """Typed values by analyte code, in the analyte's own unit; blank ones are left alone. Words beginning with 未检 mean: will not come."""
    if not actor.has(REPORT):
        raise Forbidden(_("结果由检验技师录入。"))
    order = _writable(order_id, actor)
    by_analyte = _tubes_of(order)
    errors, given = {}, []
    for code, text in values.items():
        analyte = catalogue.analytes().get(code)
        if not text.strip() or analyte is None:
            continue
        tube = by_analyte.get(code)
        if tube is None and not text.strip().startswith(NOT_DONE):
            errors[code] = _("该项目的标本还没有签收。")
            continue
        try:
            _value(analyte, Reading((code,), text, analyte.unit))
        except (ValueUnreadable, UnitDiffers) as refusal:
            errors[code] = str(refusal)
        given.append((analyte, Reading((code,), text.strip(), analyte.unit)))
    if errors:
        raise InvalidInput(errors=errors)
    taken = Taken(order.id, order.number, (), (), ())
    for tube in {
        by_analyte[a.code].pk if a.code in by_analyte else None: by_analyte.get(a.code) for a, _r in given
    }.values():
        mine = [(a, r) for a, r in given if by_analyte.get(a.code) == tube]
        source = TestResult.Source.OUTSIDE if tube and tube.outside_id else TestResult.Source.MANUAL
        one = _keep(order, mine, tube, actor, source, instrument, None)
        taken = Taken(
            order.id,
            order.number,
            (*taken.entered, *one.entered),
            (*taken.critical, *one.critical),
            (*taken.held, *one.held),
        )
    return taken


def tell_critical(order_id: UUID, results: Iterable[TestResult], actor: Actor) -> list[str]:
    """Every critical value that is not held back starts its clock; one that is on its way already is not told twice."""
    told = []
    for result in results:
        if result.flag not in {"LL", "HH"} or result.held_by_id:
            continue
        analyte = catalogue.analytes()[result.analyte]
        limit = analyte.critical_low if result.flag == "LL" else analyte.critical_high
        words = _("低于危急限 %(limit)s") if result.flag == "LL" else _("高于危急限 %(limit)s")
        detail = f"{shown(result)} {analyte.unit}（{words % {'limit': limit}}）"
        with suppress(Conflict):
            orders.flag_critical(order_id=order_id, item=analyte.code, detail=detail, actor=actor)
        told.append(analyte.code)
    return told


def shown(result: TestResult) -> str:
    """The value as it is printed, with the analyte's decimals."""
    if result.value is None:
        return result.text
    analyte = catalogue.analytes().get(result.analyte)
    return f"{result.value:.{analyte.decimals if analyte else 2}f}"


def _writable(order_id: UUID, actor: Actor) -> OrderData:
    """The order, its tubes locked so that nothing changes beside a review; refuses strangers and signed or ended orders."""
    list(Tube.objects.select_for_update().filter(order_id=order_id).order_by("id").values_list("id"))
    order = orders.order_facts(order_id)
    if not actor.is_system and order.reporting_institution_id not in actor.places:
        raise Forbidden(_("您所在的机构不是这张申请单的检验中心。"))
    if order.state in {"cancelled", "rejected", "refused", "stopped"}:
        raise TooLate(number=order.number, state=order.state_label)
    if order.report_state and order.report_state not in WRITABLE:
        raise TooLate(number=order.number, state=_("已提交审核或发布"))
    return order


def _tubes_of(order: OrderData) -> dict[str, Tube]:
    """Which tube at the centre measures what."""
    rows = Tube.objects.filter(order_id=order.id, state__in=WITH_RESULTS).order_by("received_at")
    return {
        a.code: tube
        for tube in rows
        for a in catalogue.measured(tube.items)
        if (a.tube, a.bench) == (tube.tube, tube.bench)
    }


def _value(analyte: Analyte, reading: Reading) -> tuple[Decimal | None, str]:
    """The number in the analyte's own unit, or the words."""
    text = reading.text.strip()
    if not analyte.is_number or text.startswith(NOT_DONE):
        return None, text[:200]
    try:
        return judging.converted(judging.number(text), reading.unit, analyte, packs.rows(catalogue.UNITS).values()), ""
    except judging.NotANumber:
        raise ValueUnreadable(name=analyte.name, text=text[:40]) from None
    except judging.UnknownUnit:
        raise UnitDiffers(name=analyte.name, unit=reading.unit or _("（未注明）"), own=analyte.unit) from None


def _keep(
    order: OrderData, values: Sequence[tuple[Analyte, Reading]], tube: Tube | None, actor: Actor, source: str,
    instrument: Instrument | None, at: datetime | None,
) -> Taken:  # fmt: skip
    person = residents.identity(order.resident_id)
    ranges, now = packs.rows(catalogue.RANGES).values(), at or clock.now()
    before = _before(order, [a.code for a, _reading in values])
    holds = _holds(instrument, [a.code for a, _reading in values])
    known = {r.analyte: r for r in TestResult.objects.filter(order_id=order.id)}
    rows = []
    for analyte, reading in values:
        value, text = _value(analyte, reading)
        interval = judging.reference(analyte, ranges, sex=person.sex, age=person.age_years)
        judged = (
            judging.judge_words(analyte, text) if value is None and not text.startswith(NOT_DONE)
            else judging.judge(analyte, value, interval) if value is not None else judging.Judged("", None, None)
        )  # fmt: skip
        last = before.get(analyte.code)
        facts = {
            "tube": tube, "value": value, "text": text, "unit": analyte.unit, "low": judged.low, "high": judged.high, "flag": judged.flag,
            "method": analyte.method, "source": source, "instrument": instrument, "held_by_id": holds.get(analyte.code),
            "previous": last.value if last else None, "previous_at": last.entered_at if last else None,
            "change_percent": judging.change(analyte, value, now, last.value, last.entered_at) if value is not None and last else None,
            "entered_by": actor.name[:80], "entered_at": now,
        }  # fmt: skip
        rows.append(_written(order, analyte.code, facts, known.get(analyte.code), actor))
    TestResult.objects.bulk_create(row for row in rows if row._state.adding)
    critical = tell_critical(order.id, rows, actor)
    return Taken(
        order.id,
        order.number,
        tuple(r.analyte for r in rows),
        tuple(critical),
        tuple(r.analyte for r in rows if r.held_by_id),
    )


def _written(order: OrderData, code: str, facts: dict[str, Any], known: TestResult | None, actor: Actor) -> TestResult:
    """The row as it now is; a new one is not saved yet."""
    if known is None:
        return TestResult(order_id=order.id, analyte=code, **facts)
    if (known.value, known.text) == (facts["value"], facts["text"]) and not known.held_by_id:
        return known
    with acting(actor, reason=_("重新录入或复查")):
        for name, value in facts.items():
            setattr(known, name, value)
        known.runs += 1
        known.save()
    return known


def _before(order: OrderData, codes: Sequence[str]) -> dict[str, TestResult]:
    """The last value of each analyte of this person from another order."""
    rows = TestResult.objects.filter(
        order__resident_id__in=residents.identities(order.resident_id), analyte__in=codes, value__isnull=False
    ).exclude(order_id=order.id)
    return {row.analyte: row for row in rows.order_by("analyte", "-entered_at").distinct("analyte")}


def _holds(instrument: Instrument | None, codes: Sequence[str]) -> dict[str, UUID]:
    if instrument is None:
        return {}
    rows = QualityHold.objects.filter(instrument=instrument, analyte__in=codes, released_at__isnull=True)
    return {row.analyte: row.pk for row in rows}
