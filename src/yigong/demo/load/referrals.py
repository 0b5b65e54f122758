"""A year of finished referrals: rare (2.13 per thousand visits), seven of ten upwards, each with its whole history."""

from datetime import datetime, timedelta
from uuid import UUID

from yigong.demo.generate.county import County, Worker
from yigong.demo.generate.keys import chance, key, row_key
from yigong.demo.generate.people import Person
from yigong.demo.generate.visits import Visit
from yigong.demo.load.copying import Table
from yigong.demo.load.network import Keys

# Shares of the visits that may lead to one: of visits in primary care, and of admissions in a county hospital.
_UP, _DOWN = 0.002485, 0.0205
# Those younger than this are still under way somewhere; the open ones are made by the commands.
_FINISHED_AFTER = timedelta(days=25)
_FIRST_VISIT_DONE = 0.80
_REASONS_UP = (("1", "诊断不明，需进一步检查"), ("2", "治疗两周效果不佳"), ("3", "病情加重"), ("4", "缺少相应设备"))
_REASONS_DOWN = (("a", "病情平稳，转回继续治疗"), ("b", "术后恢复期，转回康复"), ("c", "慢性病维持治疗"))

# How a referral ends: share, then (action, state, hours after the step before, who acts).
_UP_PATHS = (
    (
        0.87,
        (
            ("accept", "accepted", 3, "receiver"), ("arrive", "arrived", 22, "receiver"), ("treat", "in_treatment", 1, "doctor"),
            ("feed_back", "completed", 40, "doctor"), ("follow_up", "followed_up", 160, "sender"), ("close", "closed", 20, "sender"),
        ),
    ),
    (0.04, (("reject", "rejected", 5, "receiver"), ("keep", "closed", 12, "sender"))),
    (0.04, (("cancel", "cancelled", 6, "sender"),)),
    (0.05, (("accept", "accepted", 4, "receiver"), ("miss", "no_show", 170, "system"), ("give_up", "closed", 30, "sender"))),
)  # fmt: skip
_DOWN_VISITED = (
    ("accept", "accepted", 5, "receiver"), ("first_visit", "in_treatment", 50, "doctor"), ("feed_back", "completed", 200, "doctor"),
    ("follow_up", "followed_up", 150, "doctor"), ("close", "closed", 10, "doctor"),
)  # fmt: skip
_DOWN_NOT = (
    ("accept", "accepted", 5, "receiver"),
    ("miss", "no_show", 72, "system"),
    ("give_up", "closed", 60, "sender"),
)
_FIELDS = (
    "id", "state", "state_since", "version", "number", "direction", "kind", "urgency", "created_at", "round", "resident_id", "patient_name",
    "patient_sex", "patient_age", "patient_phone", "address", "insurance_type", "contract_team", "from_institution_id", "requester_id",
    "requester_name", "requester_phone", "transport", "escort", "to_institution_id", "wanted_bed", "skip_reason", "diagnosis_code",
    "diagnosis", "reason_code", "reason", "clinical", "consent_by", "consent_relation", "consent_at", "submitted_at", "answered_at",
    "escalations", "accepted_at", "hold_key", "direct_to_emergency", "bed", "doctor", "ward_phone", "reject_code", "reject_reason", "reopened",
    "incomplete", "arrived_at", "arrival_manner", "priority", "admitted", "treatment_ended_at", "outcome_code", "result_code",
    "result_diagnosis", "agrees", "feedback", "feedback_at", "plan", "first_contact_at", "closed_at",
)  # fmt: skip


class Writer:
    """Looks at each visit and sometimes writes the referral that came of it."""

    def __init__(self, county: County, keys: Keys, now: datetime) -> None:
        self.county, self.keys, self.now = county, keys, now
        self.source = chance(keys.seed, "referrals")
        self.places = {i.key: i for i in county.institutions}
        self.up = self.down = self.steps = 0
        self.table = Table("referrals.Referral", _FIELDS)
        self.history = Table(
            "states.StateChange",
            (
                "id", "table", "object_id", "version", "action", "from_state", "to_state", "reason_code", "reason", "actor_name",
                "actor_role", "staff_id", "institution_id", "address", "at",
            ),
        )  # fmt: skip
        self.relationships = Table(
            "access.Relationship",
            ("id", "resident_id", "institution_id", "basis", "source", "starts_at", "ends_at", "note"),
        )

    def flush(self) -> None:
        """Send what is waiting."""
        for table in (self.table, self.history, self.relationships):
            table.flush()

    def consider(self, visit: Visit, person: Person, resident: UUID) -> None:
        """Perhaps this visit ended in a referral."""
        primary = self.places[visit.institution].level != "county"
        if visit.ended > self.now - _FINISHED_AFTER:
            return
        if primary and self.source.random() < _UP:
            self.up += 1
            self._write(visit, person, resident, "up", "COUNTY" if self.source.random() < 0.8 else "SECOND")
        elif not primary and visit.kind == "inpatient" and self.source.random() < _DOWN:
            self.down += 1
            self._write(visit, person, resident, "down", self.places[person.village].parent)

    def _write(self, visit: Visit, person: Person, resident: UUID, direction: str, to: str) -> None:
        begun = visit.at + timedelta(minutes=20) if direction == "up" else visit.ended
        referral = key(self.keys.seed, "referral", visit.number, begun)
        receiver, doctor = self._receivers(to, direction)
        actors = {"sender": visit.doctor, "receiver": receiver, "doctor": doctor, "system": None}
        path = self._path(direction)
        moments, state, at = self._walk(referral, begun, visit.doctor, actors, path)
        self.relationships.add(
            key(self.keys.seed, "referred", visit.number, begun), resident, self.keys.institution[to], "referral", referral, begun,
            at + timedelta(days=30), "",
        )  # fmt: skip
        self._row(visit, person, resident, referral, direction, to, doctor, moments, state, at, begun, len(path) + 2)

    def _receivers(self, to: str, direction: str) -> tuple[Worker, Worker]:
        at = self.county.at
        if direction == "up":
            return self.source.choice(at(to, "referral_office")), self.source.choice(at(to, "specialist"))
        return at(to, "township_manager")[0], self.source.choice(at(to, "gp"))

    def _path(self, direction: str) -> tuple[tuple[str, str, int, str], ...]:
        dice = self.source.random()
        if direction == "down":
            return _DOWN_VISITED if dice < _FIRST_VISIT_DONE else _DOWN_NOT
        for share, path in _UP_PATHS:
            if dice < share:
                return path
            dice -= share
        return _UP_PATHS[0][1]

    def _walk(
        self, referral: UUID, begun: datetime, sender: Worker, actors: dict[str, Worker | None], path: tuple
    ) -> tuple[dict[str, datetime], str, datetime]:
        moments: dict[str, datetime] = {"send": begun}
        state, at, version = "pending_receive", begun, 2
        self._step(referral, 1, "create", "", "draft", sender, begun)
        self._step(referral, 2, "send", "draft", state, sender, begun)
        for action, target, hours, who in path:
            at += timedelta(hours=hours * (0.4 + 1.2 * self.source.random()))
            version += 1
            self._step(referral, version, action, state, target, actors[who], at)
            moments[action] = at
            state = target
        return moments, state, at

    def _step(
        self, referral: UUID, version: int, action: str, source: str, target: str, actor: Worker | None, at: datetime
    ) -> None:
        self.steps += 1
        reason = _WORDS.get(action, "")
        self.history.add(
            row_key(self.keys.seed, "step", self.steps, int(at.timestamp() * 1000)), "referral", referral, version, action, source,
            target, "", reason, actor.name if actor else "clock", actor.role if actor else "system",
            self.keys.staff[actor.code] if actor else None, self.keys.institution[actor.institution] if actor else None, "", at,
        )  # fmt: skip

    def _row(
        self, visit: Visit, person: Person, resident: UUID, referral: UUID, direction: str, to: str, doctor: Worker,
        moments: dict[str, datetime], state: str, at: datetime, begun: datetime, version: int,
    ) -> None:  # fmt: skip
        code, words = visit.diagnoses[0]
        reason_code, reason = self.source.choice(_REASONS_UP if direction == "up" else _REASONS_DOWN)
        arrived = moments.get("arrive") or moments.get("first_visit")
        done = moments.get("feed_back")
        clinical: dict[str, object] = {"plan_text": "按出院医嘱服药，每周复查"} if direction == "down" else {}
        if visit.reading:
            clinical["vitals"] = {"systolic": visit.reading[0], "diastolic": visit.reading[1]}
        number = f"D{begun:%Y%m%d}{visit.number % 10**7:07d}"
        self.table.add(
            referral, state, at, version, number, direction, "outpatient" if direction == "up" else "inpatient", "routine", begun, 1,
            resident, person.name, person.sex, f"{person.age(begun.date())}岁", _masked(person.phone), "", "resident", "",
            self.keys.institution[visit.institution], self.keys.staff[visit.doctor.code], visit.doctor.name, visit.doctor.phone, "self", "",
            self.keys.institution[to], "", "", code, words, reason_code, reason, clinical, person.name, "本人", begun, begun,
            moments.get("accept") or moments.get("reject"), 0, moments.get("accept"), "", False, "", doctor.name if arrived else "", "",
            "2" if "reject" in moments else "", "建议在基层继续治疗" if "reject" in moments else "", False, False, arrived,
            "self" if arrived else "", "visit" if arrived else "", False if arrived else None, done, "2" if done else "",
            code if done else "", words if done else "", True if done else None, {"plan": "按时服药，两周复查"} if done else {}, done,
            {}, moments.get("first_visit"), at,
        )  # fmt: skip


_WORDS = {
    "reject": "建议在基层继续治疗",
    "keep": "患者同意在本机构继续治疗",
    "cancel": "患者改变主意",
    "give_up": "患者已自行就诊",
}


def _masked(phone: str) -> str:
    return f"{phone[:3]}****{phone[-4:]}" if phone else ""
