"""Who may look at a list or a question: people of its institution; the insurance officer also of the institutions below."""

from collections.abc import Collection
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from yigong.access.data import Decision
from yigong.core.actor import Actor
from yigong.core.errors import NotFound
from yigong.insurance.claims import policies
from yigong.insurance.claims.models import OVER, CodingQuestion, SettlementList
from yigong.network import api as network


def places_of(actor: Actor) -> frozenset[UUID]:
    """Institutions whose lists the actor sees: where the actor works, and below."""
    return actor.institution_ids | network.descendants_of(actor.institution_ids)


def visible_lists(actor: Actor) -> QuerySet[SettlementList]:
    """The lists the actor may see."""
    rows = SettlementList.objects.all()
    return rows if actor.is_system else rows.filter(institution_id__in=places_of(actor))


def decide_list(actor: Actor, action: str, key: UUID) -> Decision:
    """The decision about one list."""
    found = SettlementList.objects.filter(pk=key).values_list("institution_id", "resident_id").first()
    if found is None:
        raise NotFound(_("没有找到这份结算清单。"))
    return _decided(actor, found[0], found[1], actor.has(policies.READ), places_of(actor))


def decide_question(actor: Actor, action: str, key: UUID) -> Decision:
    """The decision about one question: the desk that asked and the doctor who is asked."""
    found = CodingQuestion.objects.filter(pk=key).values_list("institution_id", "resident_id", "doctor_id").first()
    if found is None:
        raise NotFound(_("没有找到这个问题。"))
    party = actor.has(policies.DESK) or (actor.has(policies.ANSWER) and found[2] in (None, actor.staff_id))
    return _decided(actor, found[0], found[1], party, actor.institution_ids)


def _decided(
    actor: Actor, institution_id: UUID, resident_id: UUID, allowed: bool, places: Collection[UUID]
) -> Decision:
    if actor.is_system:
        return Decision(True, "system", _("系统自动处理"), resident_id=resident_id)
    if allowed and institution_id in places:
        return Decision(True, "encounter", _("依据：在本机构住院结算"), resident_id=resident_id)
    explanation = _("这份资料不属于%(place)s，或与您的岗位无关。") % {"place": actor.institution_name}
    return Decision(False, "none", explanation, _("如需了解，请联系该机构的病案科。"), resident_id=resident_id)


def held_about(ids: Collection[UUID]) -> int:
    """How many lists are kept under these residents' keys."""
    return SettlementList.objects.filter(resident_id__in=ids).count()


def under_way_about(ids: Collection[UUID]) -> int:
    """How many of them have not come to their end."""
    over = (*OVER, "accepted", "decided")
    return SettlementList.objects.filter(resident_id__in=ids).exclude(state__in=over).count()
