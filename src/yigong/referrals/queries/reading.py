"""One referral and lists of them, after asking whether the actor may see them."""

from collections.abc import Collection, Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db.models import Case, Q, QuerySet, Value, When
from django.utils.translation import gettext as _

from yigong.access import api as access
from yigong.access.data import Decision, Subject
from yigong.core import clock, statements
from yigong.core.actor import Actor
from yigong.core.errors import NotFound
from yigong.core.paging import Page, page_of
from yigong.network import api as network
from yigong.referrals import policies
from yigong.referrals.data import ReferralData
from yigong.referrals.models import Referral
from yigong.referrals.rules import definitions as rules
from yigong.referrals.rules.workflow import OPEN, REFERRAL


def to_data(row: Referral) -> ReferralData:
    """The referral for other rooms."""
    names = [name for name in ReferralData.__slots__ if name != "state_label"]
    return ReferralData(state_label=REFERRAL.label(row.state), **{name: getattr(row, name) for name in names})


def held_about(ids: Collection[UUID]) -> int:
    """How many referrals are kept under these residents' keys."""
    return Referral.objects.filter(resident_id__in=ids).count()


def under_way_about(ids: Collection[UUID]) -> int:
    """How many of them have not come to their end."""
    over = [code for code, state in REFERRAL.states.items() if state.final]
    return Referral.objects.filter(resident_id__in=ids).exclude(state__in=over).count()


def direction_between(home_id: UUID, to_id: UUID) -> str:
    """The direction of a referral between two institutions, by the tree first."""
    home, to = network.institution(home_id), network.institution(to_id)
    above, below = network.is_above(to_id, home_id), network.is_above(home_id, to_id)
    return rules.direction_of(above=above, below=below, from_level=home.level, to_level=to.level)


def decide(actor: Actor, action: str, referral_id: UUID) -> Decision:
    """Parties of a referral may read it: both institutions, and the manager who approves for the sender."""
    if actor.is_system:
        return Decision(True, "system", _("系统自动处理"), resident_id=_resident_of(referral_id))
    found = statements.fetch(_ONE, _parties(actor) | {"id": referral_id}) if actor.has(policies.READ) else []
    if found:
        return Decision(True, "referral", _("依据：转诊双方"), resident_id=found[0][0])
    explanation = _("这张转诊单不是由%(place)s发出或接收的。") % {"place": actor.institution_name}
    return Decision(
        False, "none", explanation, _("如需了解，请联系转出或转入机构。"), resident_id=_resident_of(referral_id)
    )


# Word for word what ``visible`` asks as a queryset.
_VISIBLE = """(
    from_institution_id = any(%(places)s) and (state <> 'draft' or requester_id = %(staff)s::uuid)
    or to_institution_id = any(%(places)s) and state not in ('draft', 'submitted')
    or from_institution_id = any(%(below)s) and state <> 'draft'
)"""
_ONE = f"select resident_id from referrals_referral where id = %(id)s and {_VISIBLE}"


def _parties(actor: Actor) -> dict[str, Any]:
    approves = actor.has(policies.APPROVE) and actor.institution_id
    below = network.descendants(actor.institution_id) if approves and actor.institution_id else set()
    return {"places": list(actor.institution_ids), "below": list(below), "staff": actor.staff_id}


def _resident_of(referral_id: UUID) -> UUID | None:
    found = Referral.objects.filter(pk=referral_id).values_list("resident_id", flat=True)[:1]
    if not found:
        raise NotFound()
    return found[0]


def visible(actor: Actor) -> QuerySet[Referral]:
    """The same question for lists."""
    if actor.is_system:
        return Referral.objects.all()
    if not actor.has(policies.READ):
        return Referral.objects.none()
    mine = Q(from_institution_id__in=actor.institution_ids) & (~Q(state="draft") | Q(requester_id=actor.staff_id))
    received = Q(to_institution_id__in=actor.institution_ids) & ~Q(state="draft") & ~Q(state="submitted")
    rows = mine | received
    if actor.has(policies.APPROVE) and actor.institution_id:
        rows |= Q(from_institution_id__in=network.descendants(actor.institution_id)) & ~Q(state="draft")
    return Referral.objects.filter(rows)


def access_referral(referral_id: UUID, actor: Actor, action: str = "read_detail") -> Referral:
    """The row, after the decision, which is logged when a resident is concerned."""
    access.require(actor, action, Subject("referral", referral_id))
    return Referral.objects.select_related("sheet", "parent").get(pk=referral_id)


def referral(referral_id: UUID, actor: Actor) -> ReferralData:
    """One referral that the actor may see; NotFound, or Forbidden with the reason."""
    return to_data(access_referral(referral_id, actor))


_SIDES = {
    "received": lambda actor: Q(to_institution_id__in=actor.institution_ids),
    "sent": lambda actor: Q(from_institution_id__in=actor.institution_ids),
}
_GROUPS = {
    "waiting": Q(state__in=["submitted", "pending_receive"]),
    "coming": Q(state="accepted"),
    "here": Q(state__in=["arrived", "in_treatment"]),
    "back": Q(state__in=["returned", "rejected", "no_show", "completed", "followed_up"]),
    "drafts": Q(state="draft"),
    "over": ~Q(state__in=list(OPEN)),
}


# The denominators of the statistics, so that each figure opens its rows.
COUNTED = {
    "asked": ~Q(state="cancelled", answered_at=None),
    "accepted": Q(accepted_at__isnull=False) & ~Q(direction="down"),
    "arrived": Q(accepted_at__isnull=False, arrived_at__isnull=False) & ~Q(direction="down"),
    "judged": Q(agrees__isnull=False),
    "down_accepted": Q(direction="down", accepted_at__isnull=False),
}


def matching(actor: Actor, filters: Mapping[str, Any]) -> QuerySet[Referral]:
    """The visible referrals that fit the filters: side, group, state, direction, urgency, left, from_day, to_day, text, query."""
    rows = visible(actor)
    if side := _SIDES.get(filters.get("side", "")):
        rows = rows.filter(side(actor))
    if (group := _GROUPS.get(filters.get("group", ""))) is not None:
        rows = rows.filter(group)
    for name in ("state", "direction", "urgency", "reject_code"):
        if filters.get(name):
            rows = rows.filter(**{name: filters[name]})
    if (counted := COUNTED.get(filters.get("counted", ""))) is not None:
        rows = rows.filter(counted, submitted_at__isnull=False)
    rows = _by_time(rows, filters)
    if text := str(filters.get("text", "")).strip()[:60]:
        rows = rows.filter(Q(number__icontains=text) | Q(patient_name__icontains=text) | Q(diagnosis__icontains=text))
    return rows


# The four figures of the home page in one pass; who sees what stands in ``visible``, the groups in ``_GROUPS``.
_FIGURES = f"""
select count(*) filter (where received and state in ('submitted', 'pending_receive')),
    count(*) filter (where received and state in ('submitted', 'pending_receive') and due_at < %(now)s),
    count(*) filter (where received and state = 'accepted'),
    count(*) filter (where sent and state in ('returned', 'rejected', 'no_show', 'completed', 'followed_up'))
from (
    select state, due_at, to_institution_id = any(%(places)s) as received, from_institution_id = any(%(places)s) as sent
    from referrals_referral
    where state in ('submitted', 'pending_receive', 'accepted', 'returned', 'rejected', 'no_show', 'completed', 'followed_up')
        and (from_institution_id = any(%(places)s) or to_institution_id = any(%(places)s)) and {_VISIBLE}
) r
"""


def figures_for(actor: Actor) -> dict[str, int]:
    """What waits for this person's institutions: waiting, late, coming (received), back (sent)."""
    counted = statements.fetch(_FIGURES, _parties(actor) | {"now": clock.now()})[0]
    return dict(zip(("waiting", "late", "coming", "back"), counted, strict=True))


def _by_time(rows: QuerySet[Referral], filters: Mapping[str, Any]) -> QuerySet[Referral]:
    now, left = clock.now(), filters.get("left", "")
    if left == "over":
        rows = rows.filter(due_at__lt=now)
    elif left in {"1", "4", "24"}:
        rows = rows.filter(due_at__gte=now, due_at__lt=now + timedelta(hours=int(left)))
    if filters.get("from_day"):
        rows = rows.filter(submitted_at__date__gte=filters["from_day"])
    if filters.get("to_day"):
        rows = rows.filter(submitted_at__date__lte=filters["to_day"])
    return rows


def inbox(actor: Actor, filters: Mapping[str, Any], page: int = 1, limit: int = 20) -> Page[Referral]:
    """One page of the matching referrals. In a working list emergencies come first, then the longest waiting."""
    rows = matching(actor, filters)
    if filters.get("group") in {None, "", "over"}:
        return page_of(rows.order_by("-created_at", "-id"), page=page, limit=limit)
    rank = Case(When(urgency="emergency", then=Value(0)), When(urgency="urgent", then=Value(1)), default=Value(2))
    return page_of(rows.order_by(rank, "state_since", "id"), page=page, limit=limit)
