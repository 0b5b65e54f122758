"""How institutions stand in the assessments: the latest verdict that has begun and has not run out."""

from collections.abc import Iterable
from datetime import date
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.utils.translation import gettext as _

from yigong.core.errors import NotFound
from yigong.network.models import Accreditation, Institution

_CLASSES = {"service": ("B1", "C"), "clinic": ("D600",)}


def verdicts_of(institution_id: UUID) -> QuerySet[Accreditation]:
    """All verdicts on one institution, those withdrawn included, the latest first."""
    return Accreditation.objects.filter(institution_id=institution_id).order_by("-starts_on", "-recorded_at", "-id")


def standing(kind: str, level: str, day: date) -> QuerySet[Institution]:
    """Institutions that an assessment asks for, each with its ``verdict`` (none: never judged), ``since`` and ``document``; ``level`` keeps one verdict,
    "unknown" those never judged."""
    asked = Q()
    for start in _CLASSES[kind]:
        asked |= Q(category__startswith=start)
    holds = Accreditation.objects.filter(institution=OuterRef("pk"), kind=kind, starts_on__lte=day, withdrawn_at=None)
    holds = holds.filter(Q(ends_on__isnull=True) | Q(ends_on__gt=day)).order_by("-starts_on", "-recorded_at", "-id")
    rows = Institution.objects.filter(asked, Q(closed_on__isnull=True) | Q(closed_on__gt=day)).select_related("parent")
    if level == "unknown":
        rows = rows.filter(~Exists(holds))
    found = rows.annotate(
        verdict=Subquery(holds.values("level")[:1]), since=Subquery(holds.values("starts_on")[:1]), document=Subquery(holds.values("document")[:1]),
        until=Subquery(holds.values("ends_on")[:1]),
    )  # fmt: skip
    if level and level != "unknown":
        found = found.filter(verdict=level)
    return found.order_by("code")


def recorded(institution_ids: Iterable[UUID]) -> dict[tuple[UUID, str, date, str, str], UUID]:
    """Verdicts that stand, by institution, kind, first day, level and paper."""
    rows = Accreditation.objects.filter(institution_id__in=set(institution_ids), withdrawn_at=None)
    keys = rows.values_list("institution_id", "kind", "starts_on", "level", "document", "id")
    return {(house, kind, day, level, paper): key for house, kind, day, level, paper, key in keys}


def verdict(accreditation_id: UUID) -> Accreditation:
    """One of them with its institution, or NotFound."""
    row = Accreditation.objects.select_related("institution").filter(pk=accreditation_id).first()
    if row is None:
        raise NotFound(_("没有找到这条评审结果。"))
    return row
