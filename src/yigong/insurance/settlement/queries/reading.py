"""Who may read a settlement, and the lists of the counter and the difference desk."""

from collections.abc import Collection, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from yigong.access import api as access
from yigong.access.data import Decision, Subject
from yigong.core.actor import Actor
from yigong.core.errors import NotFound
from yigong.core.paging import Page, page_of
from yigong.core.rights import note_decision
from yigong.insurance.benefits import api as benefits
from yigong.insurance.settlement import calculation, policies
from yigong.insurance.settlement.commands.posting import figures_dict
from yigong.insurance.settlement.models import DepositMovement, Difference, PersonYear, Settlement
from yigong.insurance.settlement.money import DEPOSIT, balances, deposit_owner
from yigong.residents import api as residents

UNDER_WAY = ("presettled", "settling", "unknown", "disputed", "reversing", "reverse_unknown")


def decide(actor: Actor, action: str, settlement_id: UUID) -> Decision:
    """The institution that settled reads its settlements, and the community's insurance office."""
    found = Settlement.objects.filter(pk=settlement_id).values_list("institution_id", "resident_id").first()
    if found is None:
        raise NotFound()
    if actor.is_system:
        return Decision(True, "system", _("系统自动处理"), resident_id=found[1])
    if actor.has(policies.READ) and found[0] in actor.institution_ids:
        return Decision(True, "encounter", _("依据：在本机构结算"), resident_id=found[1])
    if actor.has(policies.READ) and found[0] in policies.places(actor):
        return Decision(True, "encounter", _("依据：医保办处理医共体成员的结算"), resident_id=found[1])
    explanation = _("这次结算不是在%(place)s办理的。") % {"place": actor.institution_name}
    return Decision(False, "none", explanation, _("如需了解，请联系结算机构。"), resident_id=found[1])


def visible(actor: Actor) -> QuerySet[Settlement]:
    """The same question for lists."""
    if actor.is_system:
        return Settlement.objects.all()
    return (
        Settlement.objects.filter(institution_id__in=policies.places(actor))
        if actor.has(policies.READ)
        else Settlement.objects.none()
    )


def access_settlement(settlement_id: UUID, *, actor: Actor, action: str = "read_detail") -> Settlement:
    """One settlement after a logged decision."""
    access.require(actor, action, Subject("settlement", settlement_id))
    return Settlement.objects.select_related("reverses", "reversed_by", "replaces").get(pk=settlement_id)


def settlements(
    actor: Actor, *, text: str = "", day: date | None = None, state: str = "", page: int = 1
) -> Page[Settlement]:
    """Settlements of the actor's institutions, latest first; ``text`` is a number of a receipt or bill, or a person's name."""
    rows = visible(actor)
    if text:
        rows = rows.filter(Q(number=text) | Q(bill_number=text) | Q(resident_id__in=_named(text, actor)))
    if day:
        rows = rows.filter(settled_on=day)
    rows = rows.filter(state=state) if state else rows.exclude(state="presettled")
    return page_of(rows.order_by("-id").defer("lines", "working"), page=page, limit=20)


def _named(text: str, actor: Actor) -> list[UUID]:
    if text[:2] in ("JS", "CZ", "ZD"):
        return []
    return [row.id for row in residents.search_residents(text, actor=actor, limit=20)]


def under_way(actor: Actor) -> list[Settlement]:
    """What waits for the platform or for a decision: never more than a handful."""
    rows = visible(actor).filter(state__in=UNDER_WAY[1:])
    return list(rows.order_by("id").defer("lines", "working")[:20])


def decided(actor: Actor, rows: Sequence[Settlement]) -> None:
    """Rows shown in a list are decided and logged in one go."""
    if rows:
        access.decide_many(actor, "read_detail", "settlement", [row.id for row in rows])
    else:
        note_decision()


def of_resident(resident_id: UUID, page: int = 1) -> Page[Settlement]:
    """All settlements of a person, latest first, for a page that has decided."""
    rows = Settlement.objects.filter(resident_id__in=residents.identities(resident_id)).exclude(
        state__in=["presettled", "dropped"]
    )
    return page_of(rows.order_by("-id").defer("lines", "working"), page=page, limit=20)


def years_of_resident(resident_id: UUID) -> list[dict[str, Any]]:
    """What the funds paid and the person bore in each year and scheme."""
    rows = PersonYear.objects.filter(resident_id__in=residents.identities(resident_id)).order_by("-year", "scheme")
    return [{"year": row.year, "scheme": row.scheme, "sums": row.sums} for row in rows]


def told(row: Settlement, translate: Any = str) -> list[benefits.Told]:
    """Every figure of a stored settlement in words, by the very plan it was settled under."""
    if not row.plan_code or "case" not in row.working:
        return []
    rules = benefits.plan_released(row.plan_code, row.plan_version)
    return benefits.tell(rules, calculation.from_json(rules.name, figures_dict(row), row.working), translate)


def deposit_of(resident_id: UUID, institution_id: UUID) -> int:
    """What is left of a person's deposit at an institution, in fen."""
    owners = [deposit_owner(key, institution_id) for key in residents.identities(resident_id)]
    return sum(balances(owners, DEPOSIT).values())


def deposits_of(resident_id: UUID, institution_id: UUID) -> list[DepositMovement]:
    """Latest movements of a person's deposit."""
    rows = DepositMovement.objects.filter(
        resident_id__in=residents.identities(resident_id), institution_id=institution_id
    )
    return list(rows.order_by("-id")[:50])


def differences(institution_ids: Collection[UUID], *, state: str = "open", page: int = 1) -> Page[Difference]:
    """The difference desk, oldest first while open."""
    rows = Difference.objects.filter(institution_id__in=institution_ids, state=state).select_related("settlement")
    return page_of(rows.order_by("day", "id") if state == "open" else rows.order_by("-day", "-id"), page=page, limit=20)


def held_about(ids: Collection[UUID]) -> int:
    """How many settlements are kept under these residents' keys."""
    return Settlement.objects.filter(resident_id__in=ids).exclude(state="presettled").count()


def under_way_about(ids: Collection[UUID]) -> int:
    """How many are under way."""
    return Settlement.objects.filter(resident_id__in=ids, state__in=UNDER_WAY).count()
