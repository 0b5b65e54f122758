"""Figures of consultations over a span of days, and the rows behind each of them."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Avg, F, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yigong.centres.consultation.commands.closing import ADOPTION
from yigong.centres.consultation.models import Advice, Consultation, Evaluation, Invitation
from yigong.centres.consultation.rules.definitions import advice_kinds, parameters
from yigong.centres.consultation.rules.workflow import ADVICE, INVITATION
from yigong.core import clock
from yigong.core.actor import Actor
from yigong.core.paging import Page, page_of
from yigong.network import api as network
from yigong.orders import api as orders
from yigong.residents import api as residents
from yigong.residents.data import ResidentName


@dataclass(frozen=True, slots=True)
class Measure:
    """One figure: how many rows of what, and of which larger figure it is a share (empty: of none)."""

    label: Any
    of: str = ""


MEASURES = {
    "requested": Measure(gettext_lazy("会诊申请")),
    "counted": Measure(gettext_lazy("应完成（不含受理前撤销）")),
    "done": Measure(gettext_lazy("已出结论"), "counted"),
    "on_time": Measure(gettext_lazy("按时完成"), "counted"),
    "answered": Measure(gettext_lazy("已应答邀请")),
    "accepted": Measure(gettext_lazy("接受邀请"), "answered"),
    "advised": Measure(gettext_lazy("会诊建议")),
    "carried_out": Measure(gettext_lazy("建议已落实"), "advised"),
    "left": Measure(gettext_lazy("建议未落实"), "advised"),
    "evaluated": Measure(gettext_lazy("已评价"), "done"),
    "adopted": Measure(gettext_lazy("采纳（全部或部分）"), "evaluated"),
}


@dataclass(frozen=True, slots=True)
class Figures:
    """Counts by measure; ``satisfaction`` is the mean of both marks, None without an evaluation; ``by_asker`` (institution, count)."""

    counts: dict[str, int]
    satisfaction: float | None
    by_asker: list[tuple[str, int]]

    def share(self, code: str) -> float | None:
        """The share of a measure in its larger figure; None when that is zero."""
        whole = self.counts.get(MEASURES[code].of, 0)
        return self.counts[code] / whole if whole else None


@dataclass(frozen=True, slots=True)
class Row:
    """One row behind a figure."""

    order_id: UUID
    number: str
    resident: ResidentName | None
    kind: str
    asker: str
    requested_at: datetime
    state_label: str
    text: str


def figures(actor: Actor, first: date, last: date) -> Figures:
    """Every measure of a span, both days included, at the actor's institutions and those below."""
    counts = {code: rows_of(code, actor, first, last).count() for code in MEASURES}
    marks = Evaluation.objects.filter(consultation__in=_all(actor, first, last)).aggregate(
        a=Avg("promptness"), b=Avg("usefulness")
    )
    mean = (marks["a"] + marks["b"]) / 2 if marks["a"] is not None else None
    askers: dict[UUID, int] = {}
    for key in _all(actor, first, last).values_list("order__requesting_institution_id", flat=True):
        askers[key] = askers.get(key, 0) + 1
    names = network.institutions(askers)
    by_asker = sorted(((names[key].short_name, n) for key, n in askers.items()), key=lambda pair: (-pair[1], pair[0]))
    return Figures(counts, mean, by_asker)


def rows_of(code: str, actor: Actor, first: date, last: date) -> QuerySet[Any]:
    """The rows that a measure counts: consultations, invitations, items of advice or evaluations."""
    every = _all(actor, first, last)
    counted = every.exclude(order__state="cancelled")
    late = Q()
    for priority, minutes in parameters().on_time.items():
        limit = F("order__requested_at") + timedelta(minutes=minutes)
        late |= Q(order__priority=priority, order__reported_at__lte=limit)
    invited = Invitation.objects.filter(consultation__in=every)
    advice = Advice.objects.filter(consultation__in=every).exclude(state="superseded")
    evaluated = Evaluation.objects.filter(consultation__in=every)
    known: dict[str, QuerySet[Any]] = {
        "requested": every, "counted": counted, "done": counted.filter(order__reported_at__isnull=False), "on_time": counted.filter(late),
        "answered": invited.filter(answered_at__isnull=False),
        "accepted": invited.filter(answered_at__isnull=False).exclude(state="declined"), "advised": advice,
        "carried_out": advice.filter(state="done"), "left": advice.filter(state="not_done"), "evaluated": evaluated,
        "adopted": evaluated.exclude(adoption="none"),
    }  # fmt: skip
    return known[code]


def page_behind(code: str, actor: Actor, first: date, last: date, *, page: int = 1) -> Page[Row]:
    """One page of the rows behind a measure, newest first."""
    rows, about = rows_of(code, actor, first, last), ""
    if rows.model is not Consultation:
        about = "consultation__"
        rows = rows.select_related("consultation")
    rows = rows.select_related(f"{about}order__requesting_institution").prefetch_related(f"{about}order__items")
    if rows.model is Invitation:
        rows = rows.select_related("expert")
    found = page_of(rows.order_by(f"-{about}order__requested_at", "-pk"), page=page)
    parents = [row if isinstance(row, Consultation) else row.consultation for row in found.items]
    names = residents.resident_names({one.order.resident_id for one in parents})
    return found.map(lambda row: _row(row, names))


def _all(actor: Actor, first: date, last: date) -> QuerySet[Consultation]:
    here = actor.places
    if actor.institution_id:
        here |= network.descendants(actor.institution_id)
    begin, end = clock.span(first, last)
    party = Q(order__requesting_institution_id__in=here) | Q(order__performing_institution_id__in=here)
    return Consultation.objects.filter(party, order__requested_at__gte=begin, order__requested_at__lt=end)


def _row(row: Any, names: dict[UUID, ResidentName]) -> Row:
    one = row if isinstance(row, Consultation) else row.consultation
    order = one.order
    return Row(
        order.pk, order.number, names.get(order.resident_id), "、".join(i.name for i in order.items.all()),
        order.requesting_institution.short_name, order.requested_at, orders.order_state_label("consultation", order.state), _said(row),
    )  # fmt: skip


def _said(row: Any) -> str:
    """What this row is, besides its consultation."""
    if isinstance(row, Invitation):
        return f"{row.expert.name} {_(INVITATION.states[row.state].label)} {row.reason}".strip()
    if isinstance(row, Advice):
        kind = advice_kinds().get(row.category)
        return f"{kind.label if kind else row.category}：{row.text}（{_(ADVICE.states[row.state].label)}）{row.note}"
    if isinstance(row, Evaluation):
        marks = _("及时 %(a)s 分，帮助 %(b)s 分") % {"a": row.promptness, "b": row.usefulness}
        return f"{marks} {ADOPTION[row.adoption]} {row.comment}".strip()
    return ""
