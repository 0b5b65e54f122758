"""Figures of referrals: counts and rates of a span of days, each opening its rows."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import Count, F, Q, QuerySet
from django.utils.translation import gettext as _

from yigong.core.actor import Actor
from yigong.network import api as network
from yigong.referrals import policies
from yigong.referrals.data import RateData
from yigong.referrals.models import Referral
from yigong.referrals.queries import reading
from yigong.referrals.rules import definitions as rules


@dataclass(frozen=True, slots=True)
class Figures:
    """Counts, rates and rejections of one span."""

    up: int
    down: int
    lateral: int
    rates: list[RateData]
    rejections: list[tuple[str, str, int]]

    @property
    def down_per_up(self) -> float | None:
        """下转/上转比; None without up-referrals."""
        return round(self.down / self.up, 2) if self.up else None


def counted(actor: Actor, from_day: date, to_day: date) -> QuerySet[Referral]:
    """Submitted referrals of the span: those the actor may open; for statistics only, those of the institutions managed."""
    span = {"submitted_at__date__gte": from_day, "submitted_at__date__lte": to_day}
    if actor.has(policies.READ):
        # Exactly what the list shows this actor, so that each figure opens as many rows as it says.
        return reading.visible(actor).filter(**span)
    rows = Referral.objects.filter(**span)
    if actor.role == "bureau":
        return rows
    places = _places(actor)
    return rows.filter(Q(from_institution_id__in=places) | Q(to_institution_id__in=places))


def figures(actor: Actor, from_day: date, to_day: date) -> Figures:
    """RF-1 to RF-3 and the counts, in two statements. Each rate counts numerator and denominator on the same rows."""
    rows = counted(actor, from_day, to_day)
    n = rows.aggregate(
        up=Count("id", filter=Q(direction="up")),
        down=Count("id", filter=Q(direction="down")),
        lateral=Count("id", filter=Q(direction="lateral")),
        asked=Count("id", filter=~Q(state="cancelled", answered_at=None)),
        in_time=Count("id", filter=Q(answered_at__lte=F("answer_due_at")) & ~Q(state="cancelled", answered_at=None)),
        accepted=Count("id", filter=Q(accepted_at__isnull=False) & ~Q(direction="down")),
        arrived=Count("id", filter=Q(accepted_at__isnull=False, arrived_at__isnull=False) & ~Q(direction="down")),
        fed_back=Count("id", filter=Q(arrived_at__isnull=False, feedback_at__isnull=False) & ~Q(direction="down")),
        judged=Count("id", filter=Q(agrees__isnull=False)),
        agreed=Count("id", filter=Q(agrees=True)),
        down_accepted=Count("id", filter=Q(direction="down", accepted_at__isnull=False)),
        visited=Count("id", filter=Q(direction="down", accepted_at__isnull=False, first_contact_at__isnull=False)),
    )
    span = {"from_day": from_day.isoformat(), "to_day": to_day.isoformat()}
    rates = [
        _rate("RF-1", _("应答及时率"), n["in_time"], n["asked"], span, counted="asked"),
        _rate("RF-2", _("到诊率"), n["arrived"], n["accepted"], span, counted="accepted"),
        _rate("RF-2b", _("反馈率"), n["fed_back"], n["arrived"], span, counted="arrived"),
        _rate("RF-2c", _("转诊符合率"), n["agreed"], n["judged"], span, counted="judged"),
        _rate("RF-3", _("下转首访率"), n["visited"], n["down_accepted"], span, counted="down_accepted"),
    ]
    return Figures(n["up"], n["down"], n["lateral"], rates, _rejections(rows))


def _rate(code: str, label: str, part: int, whole: int, span: dict[str, str], counted: str) -> RateData:
    return RateData(code, label, part, whole, urlencode({**span, "counted": counted}))


def _rejections(rows: QuerySet[Referral]) -> list[tuple[str, str, int]]:
    found = rows.exclude(reject_code="").values("reject_code").annotate(n=Count("id")).order_by("-n", "reject_code")
    return [
        (row["reject_code"], str(rules.REJECT.get(row["reject_code"], row["reject_code"])), row["n"]) for row in found
    ]


def _places(actor: Actor) -> set[UUID]:
    managed: Iterable[UUID] = network.descendants(actor.institution_id) if actor.institution_id else ()
    return {*actor.institution_ids, *managed}
