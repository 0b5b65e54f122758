"""Ordinary answers of the longer forms: severe mental illness, tuberculosis, the report card of a notifiable disease."""

from typing import Any

from yigong.core import clock
from yigong.core.clock import SHANGHAI

MIND = {
    "consent": "1", "consent_by": "2", "guardian": "李大山", "guardian_relation": "父亲", "guardian_phone": "13800000000", "guardian_address": "李庄村3组",
    "household": "2", "work": "3", "economy": "2", "first_onset": "2015-03-01", "past_symptoms": ["1", "3"], "past_locked": "1", "past_clinic": "3",
    "past_admitted": 1, "diagnosis": "1", "diagnosed_by": "市精神卫生中心", "diagnosed_on": "2015-06-01", "last_effect": "2", "past_acts": ["7"],
}  # fmt: skip
CALM = {
    "risk": "0", "acts": ["7"], "symptoms_now": ["0"], "psychosis": "1", "insight": "1", "sleep": "1", "appetite": "1", "physical": "1", "social_life": "1",
    "social_house": "1", "social_work": "9", "social_study": "1", "social_people": "1", "locked": "1", "inpatient": "0", "lab": "1", "adherence": "1",
    "reaction": "1", "effect": "2", "referred": "1",
}  # fmt: skip
STOPPED = {
    "stopped_on": "2026-06-15",
    "stop_reason": "1",
    "supervised_due": 12,
    "supervised_done": 12,
    "doses_due": 180,
    "doses_taken": 180,
}
SENT = {"report_kind": "1", "card_number": "20260001", "hospital_check": "1", "cdc_check": "1"}
NOTICE = {"patient_kind": "1", "resistant": "2", "supervisor": "2", "regimen": "2HRZE/4HR"}
CARD = {
    "disease": "手足口病", "urgency": "B", "case_kind": "2", "onset_on": "2026-06-14", "diagnosed_on": "2026-06-15", "diagnosed_hour": "9", "parent": "李父",
    "card_phone": "13800000000", "belongs": "1", "home": "东河镇李庄村3组12号", "people_group": "11",
}  # fmt: skip


def card(**changes: Any) -> dict[str, Any]:
    """A card of an illness diagnosed at midnight of today, unless the test says otherwise."""
    today = clock.today()
    return CARD | {"onset_on": str(today), "diagnosed_on": str(today), "diagnosed_hour": 0} | changes


def this_hour() -> int:
    """The hour that has begun, for what was diagnosed a moment ago."""
    return clock.now().astimezone(SHANGHAI).hour
