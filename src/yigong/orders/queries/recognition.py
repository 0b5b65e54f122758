"""Earlier results that may be recognised, and the figures of recognition: one owner."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from uuid import UUID

from django.db.models import Count, Q, QuerySet, Sum
from django.db.models.functions import TruncMonth
from django.utils.translation import gettext as _

from yigong.core import clock, statements
from yigong.core.actor import Actor
from yigong.network import api as network
from yigong.orders.data import EarlierResult, RecognitionFigures
from yigong.orders.models import OrderItem, QualityAssessment, Recognition
from yigong.orders.rules import recognition as rules
from yigong.residents import api as residents

# Asked at every order, and seldom with an answer.
_VALID = """select i.id from orders_orderitem i join orders_order o on o.id = i.order_id
where o.resident_id = any(%(keys)s) and i.code = any(%(codes)s) and i.validity_days > 0
    and o.state in ('reported', 'completed') and o.identity in ('unchecked', 'equal', 'resolved')
    and o.reported_at > %(now)s - make_interval(days => i.validity_days)
order by o.reported_at desc limit 20"""
Look = Callable[[UUID, Sequence[str]], list[EarlierResult]]
_others: list[Look] = []


def register_recognition(look: Look) -> None:
    """Add a source of earlier results (other counties): ``look(resident_id, item_codes) -> list[EarlierResult]``."""
    if look not in _others:
        _others.append(look)


def earlier_results(resident_id: UUID, item_codes: Sequence[str]) -> list[EarlierResult]:
    """Signed results of this person that answer for these items and are still valid, newest first.

    Each says for which ordered code it stands, its mark, and whether it is offered for recognition; one whose institution has no valid
    quality assessment where that is required, or whose kind is on no list, is shown with the reason and asks for nothing.
    """
    pack = rules.rules()
    answers = rules.answering(pack, item_codes)
    codes = {one for found in answers.values() for one in found}
    newest = _still_valid(resident_id, codes)
    assessed = _assessed(newest) if newest else set()
    found = [
        _earlier(pack, row, code, assessed)
        for row in newest
        for code, results in answers.items()
        if row.code in results
    ]
    return found + [more for look in _others for more in look(resident_id, item_codes)]


def _still_valid(resident_id: UUID, codes: Iterable[str]) -> list[OrderItem]:
    values = {"keys": list(residents.identities(resident_id)), "codes": list(codes), "now": clock.now()}
    keys = [key for (key,) in statements.fetch(_VALID, values)]
    if not keys:
        return []
    rows = OrderItem.objects.filter(pk__in=keys).select_related(
        "order", "order__reporting_institution", "order__report"
    )
    return list(rows.order_by("-order__reported_at"))


def _earlier(pack: rules.RecognitionPack, row: OrderItem, code: str, assessed: set[tuple]) -> EarlierResult:
    order = row.order
    last = order.report.versions.order_by("-number").first()
    level = rules.widest_level(pack, service=order.service, code=row.code, group=row.group, on=clock.today())
    note = "" if level else _("该类项目未列入互认清单。")
    if level and rules.needs_eqa(pack, order.service, row.group):
        known = (order.performing_institution_id, order.service, row.group) in assessed
        note = "" if known else _("该机构的室间质评未通过或已过期，暂停互认。")
    return EarlierResult(
        order_id=order.pk, number=order.number, item_code=row.code, item_name=row.name,
        institution=order.reporting_institution.name, reported_at=order.reported_at or order.requested_at,
        impression=last.impression if last else "", price=row.price, item_id=row.pk, for_code=code,
        mark=pack.marks.get(level, "") if not note else "", offered=not note, note=note,
    )  # fmt: skip


def _assessed(rows: Sequence[OrderItem]) -> set[tuple]:
    """(institution, service, group) with a passed assessment that counts today."""
    places = {row.order.performing_institution_id for row in rows}
    today = clock.today()
    held = QualityAssessment.objects.filter(institution_id__in=places, valid_from__lte=today, valid_until__gt=today)
    # The newest assessment decides: a failed one after a passed one suspends.
    newest = held.order_by("institution_id", "service", "group", "-valid_from").distinct(
        "institution_id", "service", "group"
    )
    return {(row.institution_id, row.service, row.group) for row in newest if row.passed}


def scope(actor: Actor) -> set[UUID] | None:
    """The institutions whose recognition an actor may see: his own and those below; None is the whole county."""
    if actor.is_system or actor.role == "bureau":
        return None
    return network.descendants(actor.institution_id) if actor.institution_id else set()


def decisions(
    actor: Actor, *, month: date | None = None, receiver: UUID | None = None, decision: str = ""
) -> QuerySet[Recognition]:
    """The rows behind the figures, newest first; taken-back ones are not counted."""
    rows = Recognition.objects.filter(withdrawn_at__isnull=True)
    places = scope(actor)
    if places is not None:
        rows = rows.filter(receiver_id__in=places)
    if month:
        rows = rows.filter(at__gte=_begin(month), at__lt=_begin(_next(month)))
    if receiver:
        rows = rows.filter(receiver_id=receiver)
    if decision:
        rows = rows.filter(decision=decision)
    return rows.order_by("-at", "-id")


def recognised_from(order_id: UUID) -> list[Recognition]:
    """Where the results of an order stood in for doing it again, those taken back too; the latest first. For whoever may open the order."""
    rows = Recognition.objects.filter(source_item__order=order_id, decision="recognised")
    return list(rows.select_related("receiver").order_by("-at", "-id")[:50])


def figures(actor: Actor, *, since: date, until: date) -> list[RecognitionFigures]:
    """Recognised, repeated and saved, by month and receiving institution, for whole months."""
    rows = decisions(actor).filter(at__gte=_begin(since), at__lt=_begin(_next(until))).order_by()
    told = rows.annotate(month=TruncMonth("at", tzinfo=clock.SHANGHAI)).values("month", "receiver_id")
    yes = Q(decision="recognised")
    counted = told.annotate(
        recognised=Count("id", filter=yes), repeated=Count("id", filter=~yes), saved=Sum("price", filter=yes, default=0)
    )
    return [
        RecognitionFigures(row["month"].date(), row["receiver_id"], row["recognised"], row["repeated"], row["saved"])
        for row in counted.order_by("-month", "-recognised")
    ]


def reasons(actor: Actor, *, since: date, until: date) -> Mapping[str, int]:
    """Why results were not recognised, by reason, most frequent first."""
    rows = decisions(actor, decision="repeated").filter(at__gte=_begin(since), at__lt=_begin(_next(until))).order_by()
    return dict(rows.values_list("reason_code").annotate(n=Count("id")).order_by("-n"))


def _begin(month: date) -> datetime:
    return datetime.combine(month.replace(day=1), time.min, clock.SHANGHAI)


def _next(month: date) -> date:
    return (month.replace(day=1) + timedelta(days=32)).replace(day=1)
