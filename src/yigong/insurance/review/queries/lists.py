"""Lists and statistics of findings."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Count, Q, QuerySet, Sum

from yigong.access import api as access
from yigong.access.data import Subject
from yigong.core.actor import Actor
from yigong.core.errors import NotFound
from yigong.core.paging import Page, page_of
from yigong.insurance.review.models import Attachment, Run, Suspicion
from yigong.insurance.review.queries.access import visible
from yigong.insurance.review.rules.definitions import rule_set
from yigong.insurance.review.rules.workflow import SUSPICION
from yigong.network import api as network

PAGE = 20


@dataclass(frozen=True, slots=True)
class Tally:
    """Findings of one rule at one institution. ``precision`` is upheld / decided, None while nothing is decided."""

    rule: str
    title: str
    institution_id: UUID
    institution: str
    found: int
    decided: int
    upheld: int
    amount: int
    deducted: int

    @property
    def precision(self) -> float | None:
        """The share of decided findings that were upheld."""
        return self.upheld / self.decided if self.decided else None


def one(suspicion_id: UUID, *, actor: Actor) -> Suspicion:
    """One finding, after a logged decision."""
    access.require(actor, "read_detail", Subject("suspicion", suspicion_id))
    row = Suspicion.objects.filter(pk=suspicion_id).first()
    if row is None:
        raise NotFound()
    return row


def attachment(attachment_id: UUID, *, actor: Actor) -> Attachment:
    """One file, after a logged decision about its finding."""
    row = Attachment.objects.select_related("appeal").filter(pk=attachment_id).first()
    if row is None:
        raise NotFound()
    access.require(actor, "read_detail", Subject("suspicion", row.appeal.of_id))
    return row


def page_of_findings(*, actor: Actor, filters: dict[str, Any], page: int = 1) -> Page[Any]:
    """Findings the actor may see, those that wait first."""
    rows = filtered(visible(actor), filters)
    return page_of(rows.order_by("-settled_on", "-id"), page=page, limit=PAGE, convert=_rows)


def filtered(rows: QuerySet[Suspicion], filters: dict[str, Any]) -> QuerySet[Suspicion]:
    """Narrowed by rule, state, institution and text."""
    if state := filters.get("state"):
        rows = rows.filter(state__in=["upheld", "dismissed"]) if state == "decided" else rows.filter(state=state)
    for name, column in (("rule", "rule"), ("institution", "institution_id")):
        if value := filters.get(name):
            rows = rows.filter(**{column: value})
    for word in str(filters.get("text") or "").split():
        rows = rows.filter(Q(patient_name__icontains=word) | Q(bill_number__istartswith=word))
    return rows


def _rows(found: list[Suspicion]) -> list[tuple[Suspicion, str, str]]:
    places = network.institutions({row.institution_id for row in found})
    return [(row, places[row.institution_id].short_name, SUSPICION.label(row.state)) for row in found]


def choices(actor: Actor) -> dict[str, list[tuple[str, str]]]:
    """What the filters offer."""
    keys = visible(actor).order_by().values_list("institution_id", flat=True).distinct()
    places = network.institutions(set(keys))
    states = [(code, SUSPICION.label(code)) for code in SUSPICION.states]
    return {
        "rule": [(rule.code, f"{rule.code} {rule.title}") for rule in rule_set().rules],
        "state": [*states, ("decided", "已认定（全部）")],
        "institution": sorted(((str(key), one.short_name) for key, one in places.items()), key=lambda pair: pair[1]),
    }


def counts(actor: Actor) -> dict[str, int]:
    """How many findings stand where."""
    return dict(visible(actor).order_by().values_list("state").annotate(n=Count("id")))


def statistics(actor: Actor) -> list[Tally]:
    """By rule and institution: found, decided, upheld, amounts."""
    decided = Q(state__in=["upheld", "dismissed"])
    rows = (
        visible(actor)
        .order_by()
        .values("rule", "title", "institution_id")
        .annotate(
            found=Count("id"), decided=Count("id", filter=decided), upheld=Count("id", filter=Q(state="upheld")),
            amounts=Sum("amount"), deducted=Sum("deduct"),
        )
        .order_by("rule", "-found")
    )  # fmt: skip
    found = list(rows)
    places = network.institutions({row["institution_id"] for row in found})
    return [
        Tally(
            row["rule"], row["title"], row["institution_id"], places[row["institution_id"]].short_name, row["found"], row["decided"],
            row["upheld"], row["amounts"] or 0, row["deducted"] or 0,
        )
        for row in found
    ]  # fmt: skip


def last_run() -> Run | None:
    """The newest run."""
    return Run.objects.order_by("-began_at").first()
