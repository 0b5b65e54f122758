"""A person's coverage for the guards."""

from datetime import date
from typing import Any

from tests.guards.world import Sample

from yigong.access import api as access
from yigong.core import clock
from yigong.insurance.coverage import api
from yigong.insurance.coverage.data import NewEnrolment


def samples(world: Any) -> dict[str, Any]:
    """Addresses with keys; the person of the other samples is insured."""
    clerk, person = world.actor("insurance_clerk"), world.things["person"]
    given = NewEnrolment("390", "990100", "1501", date(2026, 1, 1), date(2027, 1, 1))
    key = api.enrol(resident_id=person, given=given, actor=clerk)
    doctor = world.actor("specialist")
    access.open_relationship(resident_id=person, institution_id=doctor.institution_id, basis="encounter")
    asked = api.NewApplication("elsewhere", "registered", "肺癌", "本县不能放疗", clock.today(), "省肿瘤医院")
    one = {"application_id": api.apply(resident_id=person, given=asked, actor=doctor)}
    return {
        "coverage:application": Sample(one),
        "coverage:mend_application": Sample(one),
        "coverage:certificate": Sample(one),
        "coverage:apply": Sample({"resident_id": person, "kind": "drug"}),
        "coverage:person": Sample({"resident_id": person}),
        "coverage:add": Sample({"resident_id": person, "what": "exemption"}),
        "coverage:change": Sample({"resident_id": person, "what": "enrolment", "row_id": key, "action": "end"}),
        "coverage:people": Sample(query="?state=enrolled&year=2026"),
        "coverage:search": Sample(query="?q=王"),
    }
