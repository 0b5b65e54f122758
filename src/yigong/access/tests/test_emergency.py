"""Emergency access, consent and who looked."""

from datetime import timedelta
from uuid import uuid4

import pytest

from yigong.access import api as access
from yigong.access.api import Subject
from yigong.access.errors import AlreadyReviewed
from yigong.access.models import EmergencyAccess, Relationship
from yigong.access.tests.factories import make_person
from yigong.core import clock
from yigong.core.errors import Forbidden, InvalidInput
from yigong.core.events.models import OutboxEvent
from yigong.core.testing import race
from yigong.network.tests.factories import make_institution

pytestmark = pytest.mark.django_db
REASON = "昏迷患者送达急诊，需查用药史"


def ask(person, resident) -> bool:
    """Whether the record is open to this person."""
    return access.decide(person.actor, "read_detail", Subject("resident", resident)).allowed


def test_emergency_opens_for_eight_hours_for_one_person() -> None:
    """With a reason, only for the doctor who asked, and not longer."""
    doctor, resident = make_person("specialist"), uuid4()
    colleague = make_person("specialist", at=doctor.institution)
    with pytest.raises(InvalidInput):
        access.open_emergency_access(resident_id=resident, reason="急", actor=doctor.actor)
    with pytest.raises(Forbidden):
        access.open_emergency_access(resident_id=resident, reason=REASON, actor=make_person("registrar").actor)
    access.open_emergency_access(resident_id=resident, reason=REASON, actor=doctor.actor)
    assert ask(doctor, resident) and not ask(colleague, resident)
    with clock.travel(timedelta(hours=8, seconds=1)):
        assert not ask(doctor, resident)
    assert OutboxEvent.objects.filter(name="access.emergency_opened").count() == 1


def test_review_once_by_somebody_else_above() -> None:
    """The house's quality manager or the director above, once, not the doctor, not another house."""
    county = make_institution("county")
    site = make_institution("township", parent_id=county.id)
    doctor = make_person("specialist", at=site)
    row = access.open_emergency_access(resident_id=uuid4(), reason=REASON, actor=doctor.actor)
    judge = {"emergency_id": row.id, "comment": "", "verdict": "justified"}
    for outsider in (doctor, make_person("quality_manager")):
        with pytest.raises(Forbidden):
            access.review_emergency_access(**judge, actor=outsider.actor)
    manager = make_person("quality_manager", at=county)
    with pytest.raises(InvalidInput):
        access.review_emergency_access(**judge | {"verdict": "unjustified"}, actor=manager.actor)
    assert access.review_emergency_access(**judge, actor=manager.actor).verdict == "justified"
    with pytest.raises(AlreadyReviewed, match="不能重复评审"):
        access.review_emergency_access(**judge, actor=manager.actor)


def test_consent_opens_until_withdrawn() -> None:
    """A recorded consent opens the record to the house; taking it back closes it at once."""
    doctor, resident = make_person("gp"), uuid4()
    facts = {"resident_id": resident, "giver": "self", "giver_name": "王秀英", "method": "paper", "purpose": "续方"}
    with pytest.raises(InvalidInput):
        access.record_consent(**facts, ends_at=clock.now() - timedelta(days=1), actor=doctor.actor)
    spoken = facts | {"method": "spoken"}
    with pytest.raises(InvalidInput) as refusal:
        access.record_consent(**spoken, ends_at=clock.now() + timedelta(days=1), actor=doctor.actor)
    assert "witness" in refusal.value.errors
    key = access.record_consent(**facts, ends_at=clock.now() + timedelta(days=90), actor=doctor.actor)
    assert ask(doctor, resident)
    with pytest.raises(Forbidden):
        access.withdraw_consent(consent_id=key, reason="", actor=make_person("gp").actor)
    access.withdraw_consent(consent_id=key, reason="本人要求", actor=doctor.actor)
    assert not ask(doctor, resident)
    assert OutboxEvent.objects.filter(name="access.consent_withdrawn").count() == 1


def test_reads_of_names_who_looked() -> None:
    """Newest first, refused looks included, paged with a total."""
    doctor, resident = make_person("gp"), uuid4()
    ask(doctor, resident)
    access.open_relationship(resident_id=resident, institution_id=doctor.institution.id, basis="contract")
    ask(doctor, resident)
    page = access.reads_of(resident, 1)
    assert [(row.allowed, row.basis) for row in page.rows] == [(True, "contract"), (False, "none")] and page.total == 2
    assert not access.reads_of(resident, 2).rows


def test_who_may_see_the_log() -> None:
    """Those related and those who review; nobody else."""
    doctor, resident = make_person("gp"), uuid4()
    access.open_relationship(resident_id=resident, institution_id=doctor.institution.id, basis="contract")

    def may(person) -> bool:
        return access.decide(person.actor, "read_log", Subject("resident", resident)).allowed

    assert may(doctor) and may(make_person("quality_manager"))
    assert not may(make_person("gp")) and not may(make_person("admin"))


@pytest.mark.django_db(transaction=True)
@pytest.mark.race("access.open_emergency_access")
def test_double_click_opens_once() -> None:
    """Two clicks in the same instant are one access, one relationship, one event."""
    doctor, resident = make_person("gp"), uuid4()
    actor = doctor.actor
    outcomes = race(*[lambda: access.open_emergency_access(resident_id=resident, reason=REASON, actor=actor)] * 2)
    assert outcomes[0] == outcomes[1]
    assert EmergencyAccess.objects.filter(resident_id=resident).count() == 1
    assert Relationship.objects.filter(resident_id=resident).count() == 1
    assert OutboxEvent.objects.filter(name="access.emergency_opened", payload__resident_id=str(resident)).count() == 1
