"""Quality sampling: draws, their reports, and the figures of a definition; every figure is a filter of the same rows."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from django.db.models import Count, Func, Q, QuerySet
from django.utils.translation import gettext as _

from yigong.core import clock
from yigong.core.actor import Actor
from yigong.core.errors import Forbidden, NotFound
from yigong.core.paging import Page, page_of
from yigong.network import api as network
from yigong.orders.models import QualityRound, QualitySample, ReportVersion
from yigong.orders.policies import QUALITY, visible_samples
from yigong.orders.rules import quality, services
from yigong.orders.rules.quality import QualityPack
from yigong.orders.rules.quality_figures import QualityCount, QualityFigures, QualityFilters

FINDINGS = ("feedback", "answered", "contested")
OUTCOMES: dict[str, Q] = {
    "": Q(),
    "drawn": Q(),
    "scored": Q(scored_at__isnull=False),
    "passed": Q(passed=True),
    "failed": Q(passed=False),
    "dropped": Q(state="dropped"),
    "open": Q(state__in=FINDINGS),
    "closed": Q(state="closed", rectify_by__isnull=False),
    "same": Q(agrees=True),
    "both": Q(second=True, report_version__positive=True),
    "first_only": Q(second=False, report_version__positive=True),
    "second_only": Q(second=True, report_version__positive=False),
    "neither": Q(second=False, report_version__positive=False),
}
"""What the figures count."""


def readable(actor: Actor) -> dict[str, QualityPack]:
    """The definitions whose figures the actor may read: those of services whose statistics he may, and all for managers."""
    counted = {code for code, one in services().items() if actor.has(one.rights.statistics) or actor.has(QUALITY)}
    return {code: one for code, one in quality.definitions().items() if one.service in counted}


def require_readable(actor: Actor, definition: str) -> QualityPack:
    """The definition, or the refusal."""
    found = readable(actor)
    if not found:
        raise Forbidden(_("您没有查看质控统计的权限，请联系中心质控员。"))
    if definition and definition not in found:
        raise NotFound()
    return found[definition] if definition else next(iter(found.values()))


def hosted(actor: Actor) -> dict[str, QualityPack]:
    """The definitions of the services that the actor's institution reports."""
    if actor.institution_id is None:
        return {}
    kinds = {centre.kind for centre in network.centres_hosted(actor.institution_id)}
    codes = {code for code, one in services().items() if one.centre_kind in kinds}
    return {code: one for code, one in quality.definitions().items() if one.service in codes}


def waiting_draws(actor: Actor) -> list[tuple[QualityPack, date, int]]:
    """The last ended period of each hosted definition that is not drawn yet, with how many reports were signed in it; none without."""
    if actor.institution_id is None:
        return []
    found = {code: (one, _last_ended(one)) for code, one in hosted(actor).items()}
    drawn = QualityRound.objects.filter(institution_id=actor.institution_id, definition__in=found)
    done = set(drawn.values_list("definition", "period"))
    signed = {period: _signed(actor, quality.end_of(one, period), period) for one, period in found.values()}
    open_ = [
        (one, period, signed[period].get(one.service, 0))
        for one, period in found.values()
        if (one.code, period) not in done
    ]
    return [row for row in open_ if row[2]]


def _signed(actor: Actor, last: date, first: date) -> dict[str, int]:
    """First versions signed in a period, by service."""
    since, until = clock.span(first, last)
    rows = ReportVersion.objects.filter(kind="final", signed_at__gte=since, signed_at__lt=until)
    rows = rows.filter(report__reporting_institution_id=actor.institution_id)
    return dict(rows.values_list("report__service").annotate(n=Count("id")).order_by())


def rounds(actor: Actor, *, service_code: str = "", page: int = 1) -> Page[QualityRound]:
    """Draws of the actor's institutions, the latest period first, with what waits in each."""
    rows = QualityRound.objects.filter(institution_id__in=actor.places)
    if service_code:
        rows = rows.filter(service=service_code)
    counts = {
        "to_score": Count("samples", filter=Q(samples__state__in=("drawn", "read"))),
        "to_tell": Count("samples", filter=Q(samples__state="scored")),
        "open": Count("samples", filter=Q(samples__state__in=FINDINGS)),
        "scored": Count("samples", filter=Q(samples__scored_at__isnull=False)),
        "passed": Count("samples", filter=Q(samples__passed=True)),
    }
    return page_of(rows.annotate(**counts).order_by("-period", "service", "definition"), page=page)


def round_of(round_id: Any, actor: Actor) -> QualityRound:
    """One draw of the actor's institutions."""
    row = (
        QualityRound.objects.filter(pk=round_id, institution_id__in=actor.places).select_related("institution").first()
    )
    if row is None:
        raise NotFound()
    return row


def samples_of(row: QualityRound, actor: Actor, *, state: str = "", page: int = 1) -> Page[QualitySample]:
    """The reports of a draw that the actor may see, in the order they were drawn."""
    rows = visible_samples(actor).filter(round=row)
    if state:
        rows = rows.filter(state=state)
    return page_of(_named(rows).order_by("number"), page=page)


def next_to_score(row: QualityRound, actor: Actor) -> Any:
    """The first report of a draw that the actor may score; None when there is none."""
    rows = visible_samples(actor).filter(round=row, state__in=("drawn", "read"))
    rows = rows.exclude(earlier__contains=[actor.staff_id]).filter(Q(second_by=None) | Q(second_by=actor.staff_id))
    return rows.order_by("number").values_list("pk", flat=True).first()


def found_by(filters: QualityFilters, actor: Actor) -> QuerySet[QualitySample]:
    """The drawn reports that a filter means."""
    rows = visible_samples(actor).filter(
        OUTCOMES.get(filters.outcome, Q()), round__definition=filters.definition,
        round__period__range=(filters.since.replace(day=1), filters.until),
    )  # fmt: skip
    if filters.institution_id:
        rows = rows.filter(institution_id=filters.institution_id)
    if filters.person_id:
        rows = rows.filter(person_id=filters.person_id)
    if filters.period:
        rows = rows.filter(round__period=filters.period)
    if filters.defect:
        rows = rows.filter(defects__contains=[filters.defect])
    return rows


def rows(filters: QualityFilters, actor: Actor, *, page: int = 1, limit: int = 20) -> Page[QualitySample]:
    """The rows behind a figure, the latest draw first."""
    return page_of(_named(found_by(filters, actor)).order_by("-round__period", "number"), page=page, limit=limit)


def figures(filters: QualityFilters, actor: Actor) -> QualityFigures:
    """Pass rate, defects, agreement of two readers, and all of it by institution, person and period."""
    every = found_by(filters, actor)
    named = {
        name: Count("id", filter=OUTCOMES[name])
        for name in ("dropped", "open", "closed", "both", "first_only", "second_only", "neither")
    }
    total = every.aggregate(**_counts(), **named)
    reread = (total["both"], total["first_only"], total["second_only"], total["neither"])
    defects = every.annotate(code=Func("defects", function="unnest")).values_list("code").annotate(n=Count("id"))
    return QualityFigures(
        total=QualityCount(None, total["drawn"], total["scored"], total["passed"]), dropped=total["dropped"],
        open_findings=total["open"], closed_findings=total["closed"], by_institution=_by(every, "institution_id"),
        by_person=_by(every.filter(person__isnull=False), "person_id"), by_period=_by(every, "round__period"),
        defects=tuple(defects.order_by("-n", "code")), reread=reread, kappa=quality.kappa(*reread),
    )  # fmt: skip


def _counts() -> dict[str, Count]:
    return {name: Count("id", filter=OUTCOMES[name]) for name in ("drawn", "scored", "passed")}


def _by(every: QuerySet[QualitySample], key: str) -> tuple[QualityCount, ...]:
    found: Iterable[Any] = every.order_by().values(key).annotate(**_counts())
    counts = [QualityCount(row[key], row["drawn"], row["scored"], row["passed"]) for row in found]
    if key == "round__period":
        return tuple(sorted(counts, key=lambda c: c.key))
    return tuple(sorted(counts, key=lambda c: (-c.drawn, str(c.key))))


def _named(found: QuerySet[QualitySample]) -> QuerySet[QualitySample]:
    return found.select_related("round", "institution", "person", "order").prefetch_related("order__items")


def _last_ended(pack: QualityPack) -> date:
    return quality.begin_of(pack, quality.begin_of(pack, clock.today()) - timedelta(days=1))
