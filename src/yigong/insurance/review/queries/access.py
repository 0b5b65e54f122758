"""Who may look at a finding: its institution, and officers above."""

from collections.abc import Collection
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from yigong.access.data import Decision
from yigong.core.actor import Actor
from yigong.core.errors import NotFound
from yigong.insurance.review import policies
from yigong.insurance.review.models import Suspicion
from yigong.network import api as network


def places_of(actor: Actor) -> frozenset[UUID]:
    """Where the actor works, and below."""
    return actor.institution_ids | network.descendants_of(actor.institution_ids)


def visible(actor: Actor) -> QuerySet[Suspicion]:
    """The findings the actor may see."""
    rows = Suspicion.objects.all()
    return rows if actor.is_system else rows.filter(institution_id__in=places_of(actor))


def decide(actor: Actor, action: str, key: UUID) -> Decision:
    """The decision about one finding."""
    found = Suspicion.objects.filter(pk=key).values_list("institution_id", "resident_id").first()
    if found is None:
        raise NotFound(_("没有找到这条疑点。"))
    if actor.is_system:
        return Decision(True, "system", _("系统自动处理"), resident_id=found[1])
    if actor.has(policies.READ) and found[0] in places_of(actor):
        return Decision(True, "tree", _("依据：本机构或所辖机构的医保费用"), resident_id=found[1])
    explanation = _("这条疑点不涉及%(place)s及所辖机构。") % {"place": actor.institution_name}
    return Decision(False, "none", explanation, _("如需了解，请联系县医保部门。"), resident_id=found[1])


def held_about(ids: Collection[UUID]) -> int:
    """How many findings are kept under these residents' keys."""
    return Suspicion.objects.filter(resident_id__in=ids).count()


def under_way_about(ids: Collection[UUID]) -> int:
    """How many of them are undecided."""
    return Suspicion.objects.filter(resident_id__in=ids).exclude(state__in=["upheld", "dismissed"]).count()
