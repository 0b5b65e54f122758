"""Tasks around findings."""

from datetime import timedelta
from uuid import UUID

from yigong.core import clock
from yigong.core.actor import Actor, system
from yigong.insurance.review.models import Suspicion
from yigong.insurance.review.rules.definitions import local
from yigong.network import api as network
from yigong.tasks import api as tasks

# Who answers for charges: the manager at a health centre, the quality office at a hospital.
_ANSWERS = {"county": "quality_manager"}


def tell_institution(row: Suspicion) -> None:
    """A task for the institution: look at the finding, explain or accept it."""
    place = network.institution(row.institution_id)
    tasks.open_task(
        key=f"review.notice.{row.id}", kind="review.notice", title=f"医保疑点待核实：{row.title} {row.patient_name}",
        institution_id=_answering(row.institution_id), url=f"/review/{row.id}/", role=_ANSWERS.get(place.level, "township_manager"),
        about_resident_id=row.resident_id, due_at=clock.now() + timedelta(days=local().appeal_days), subject=("suspicion", row.id),
    )  # fmt: skip


def _answering(institution_id: UUID) -> UUID:
    """A village clinic is answered for by the institution that manages it."""
    place = network.institution(institution_id)
    return place.parent_id if place.level == "village" and place.parent_id else institution_id


def tell_officer(row: Suspicion, actor: Actor | None = None) -> timedelta | None:
    """The institution has answered, or its time is over: a task for the officers above it."""
    lead = network.ancestors(row.institution_id)[-1]
    tasks.open_task(
        key=f"review.decide.{row.id}", kind="review.decide", title=f"医保疑点待认定：{row.title} {row.patient_name}",
        institution_id=lead, url=f"/review/{row.id}/", role="insurance_clerk", about_resident_id=row.resident_id,
        subject=("suspicion", row.id),
    )  # fmt: skip
    tasks.cancel_task(key=f"review.notice.{row.id}", reason="已申诉或已到期", actor=actor or system("review"))
    return None
