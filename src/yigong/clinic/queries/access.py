"""Who may look at a visit, a bill, a stay, a front page: somebody of the institution where it was written."""

from collections.abc import Callable, Collection
from uuid import UUID

from django.utils.translation import gettext as _

from yigong.access.data import Decision
from yigong.clinic import policies
from yigong.clinic.models import Bill, FrontPage, Stay, Visit
from yigong.core.actor import Actor
from yigong.core.errors import NotFound

# Subject of a decision → its table and the way to the resident.
SUBJECTS = {
    "visit": (Visit, "resident_id"),
    "bill": (Bill, "resident_id"),
    "stay": (Stay, "resident_id"),
    "front_page": (FrontPage, "stay__resident_id"),
}


def policy(subject: str) -> Callable[[Actor, str, UUID], Decision]:
    """The decision function of one kind of subject."""
    model, resident = SUBJECTS[subject]

    def decide(actor: Actor, action: str, key: UUID) -> Decision:
        found = model._default_manager.filter(pk=key).values_list("institution_id", resident).first()
        if found is None:
            raise NotFound()
        institution_id, resident_id = found
        if actor.is_system:
            return Decision(True, "system", _("系统自动处理"), resident_id=resident_id)
        if actor.has(policies.READ) and institution_id in actor.institution_ids:
            return Decision(True, "encounter", _("依据：在本机构就诊"), resident_id=resident_id)
        explanation = _("这份就诊资料不属于%(place)s。") % {"place": actor.institution_name}
        return Decision(False, "none", explanation, _("如需了解，请联系就诊机构。"), resident_id=resident_id)

    return decide


def held_about(ids: Collection[UUID]) -> int:
    """How many visits and stays are kept under these residents' keys."""
    return Visit.objects.filter(resident_id__in=ids).count() + Stay.objects.filter(resident_id__in=ids).count()


def under_way_about(ids: Collection[UUID]) -> int:
    """How many of them are under way: people who wait, lie on a ward or have not settled."""
    waiting = Visit.objects.filter(resident_id__in=ids, state__in=["waiting", "called", "seeing"]).count()
    inside = Stay.objects.filter(resident_id__in=ids, state__in=["on_ward", "leaving"]).count()
    unsettled = Bill.objects.filter(resident_id__in=ids, state__in=["open", "presented"], total__gt=0).count()
    return waiting + inside + unsettled
