"""The decision tables of the reference as tests: every threshold on both sides, judged as the command judges them, without a database."""

from datetime import date, timedelta
from typing import Any

import pytest

from yigong.core.forms import api as forms
from yigong.programmes.models import Enrolment
from yigong.programmes.queries import working
from yigong.programmes.rules import judging, planning
from yigong.programmes.rules.packs import programmes

from .mother_child import ANTENATAL, CHECK, DAY42, NEWBORN, POSTPARTUM
from .world import ANSWERS, months_ago

TODAY = date(2026, 6, 15)
H, D, C, E, M, T, P, K, X = (
    "hypertension", "diabetes", "copd", "elderly", "mental_illness", "tuberculosis", "pregnancy", "child", "discharge",
)  # fmt: skip
USUAL: dict[str, dict[str, Any]] = ANSWERS | {
    C: {"symptoms": ["2"], "danger": ["none"], "spo2": 96, "respiration": 18, "moderate": 0, "admitted": 0, "exacerbation": "1", "cat": 6, "mmrc": 1,
        "signs": ["0"], "blood_count": "3", "chest_film": "3", "ecg": "3", "mind": "1", "compliance": "1", "exposures": ["0"], "rehabilitation": "1",
        "oxygen": "1", "ventilator": "1", "smoking_state": "1", "adherence": "1", "reaction": "1", "inhaler": "1"},
    M: {"risk": "0", "acts": ["7"], "symptoms_now": ["0"], "psychosis": "1", "insight": "1", "sleep": "1", "appetite": "1", "physical": "1",
        "social_life": "1", "social_house": "1", "social_work": "9", "social_study": "1", "social_people": "1", "locked": "1", "inpatient": "0", "lab": "1",
        "adherence": "1", "reaction": "1", "effect": "2", "referred": "1"},
    T: {"treatment_month": 3, "supervisor": "1", "tb_symptoms": ["0"], "usage": "1", "dosage": ["1"], "missed_doses": 0, "missed_days": 0, "reaction": "1",
        "comorbidity": "1", "referred": "1"},
    P: ANTENATAL | POSTPARTUM | DAY42,
    K: CHECK | NEWBORN | {"weight": "9.4", "length": "75", "head": None},
    X: {"recovery": "1", "adherence": "1", "wound_state": "9", "recheck": "2"},
}  # fmt: skip
FIVE = {"length": "110", "weight": "18"}  # an ordinary girl of five
BORN = {"at": "newborn", "birth_weight": "3.3", "weight": "3.5", "length": "51"}
# The months in which the warning signs of an age are asked (first and last), and an ordinary girl's size then.
WARNED = {
    "warn3": (2, 4), "warn6": (5, 6), "warn8": (7, 10), "warn12": (11, 16), "warn18": (17, 22), "warn24": (23, 28), "warn30": (29, 34), "warn36": (35, 46),
    "warn48": (47, 58), "warn60": (59, 70), "warn72": (71, 82),
}  # fmt: skip
SIZES = {
    "warn3": {"weight": "6", "length": "60"}, "warn6": {"weight": "7.4", "length": "66"}, "warn8": {"weight": "8.2", "length": "70"},
    "warn12": {"weight": "9.4", "length": "76"}, "warn18": {"weight": "10.6", "length": "82"}, "warn24": {"weight": "11.8", "length": "88"},
    "warn30": {"weight": "12.9", "length": "93"}, "warn36": {"weight": "14.2", "length": "98"}, "warn48": {"weight": "16.2", "length": "105"},
    "warn60": {"weight": "18.5", "length": "112"}, "warn72": {"weight": "21", "length": "118"},
}  # fmt: skip
ENROLLED = {M: {"consent": "1"}}  # what the enrolment said, where the plan asks for it
STAGE = {E: "checkup", P: "antenatal3", K: "m12", X: "week1"}

# (programme, age in months, what differs, grade, days to the next visit of the stage (None: not looked at)).
ROWS: list[tuple[str, int, dict[str, Any], str, int | None]] = [
    # hypertension: 140/90, 150/90 from 65, 180/110 (reference 7.2, 7.4)
    (H, 58 * 12, {"sbp": 138, "dbp": 88}, "satisfied", 90), (H, 58 * 12, {"sbp": 139, "dbp": 89}, "satisfied", 90),
    (H, 58 * 12, {"sbp": 140, "dbp": 80}, "unsatisfied", 14), (H, 58 * 12, {"sbp": 139, "dbp": 90}, "unsatisfied", 14),
    (H, 65 * 12 - 1, {"sbp": 148, "dbp": 86}, "unsatisfied", 14), (H, 65 * 12, {"sbp": 148, "dbp": 86}, "satisfied", 90),
    (H, 70 * 12, {"sbp": 149, "dbp": 89}, "satisfied", 90), (H, 70 * 12, {"sbp": 150, "dbp": 80}, "unsatisfied", 14),
    (H, 70 * 12, {"sbp": 149, "dbp": 90}, "unsatisfied", 14), (H, 70 * 12, {"sbp": 152, "dbp": 84}, "unsatisfied", 14),
    (H, 45 * 12, {"sbp": 179, "dbp": 100}, "unsatisfied", 14), (H, 45 * 12, {"sbp": 180, "dbp": 100}, "emergency", 14),
    (H, 45 * 12, {"sbp": 170, "dbp": 109}, "unsatisfied", 14), (H, 45 * 12, {"sbp": 178, "dbp": 110}, "emergency", 14),
    (H, 58 * 12, {"danger": ["headache"]}, "emergency", 14), (H, 38 * 12, {"danger": ["pregnancy"], "sbp": 142}, "emergency", 14),
    (H, 58 * 12, {"reaction": "2"}, "reaction", 14), (H, 58 * 12, {"reaction": "3"}, "reaction_hard", 14),
    (H, 58 * 12, {"complication": "2"}, "complication", 14), (H, 58 * 12, {"complication": "3", "reaction": "3", "sbp": 165}, "complication", 14),
    (H, 58 * 12, {"complication": "2", "sbp": 186, "dbp": 112}, "emergency", 14), (H, 58 * 12, {"sbp": None, "dbp": None}, "", 14),
    # type 2 diabetes: 7.0, 16.7, 3.9, 180/110, heart rate 100, 39 degrees (reference 8.1, 8.3)
    (D, 58 * 12, {"fpg": "6.9", "sbp": 132, "dbp": 80}, "satisfied", 90), (D, 58 * 12, {"fpg": "7.0"}, "unsatisfied", 14),
    (D, 58 * 12, {"fpg": "16.6"}, "unsatisfied", 14), (D, 58 * 12, {"fpg": "16.7"}, "emergency", 14),
    (D, 58 * 12, {"fpg": "4.0"}, "satisfied", 90), (D, 58 * 12, {"fpg": "3.9"}, "emergency", 14),
    (D, 58 * 12, {"fpg": "5.8", "sbp": 182, "dbp": 96}, "emergency", 14), (D, 58 * 12, {"fpg": "5.8", "sbp": 179, "dbp": 96}, "satisfied", 90),
    (D, 58 * 12, {"dbp": 110, "sbp": 160}, "emergency", 14), (D, 58 * 12, {"heart_rate": 100}, "satisfied", 90),
    (D, 58 * 12, {"heart_rate": 101}, "emergency", 14), (D, 58 * 12, {"temperature": "39.0", "heart_rate": 80}, "satisfied", 90),
    (D, 58 * 12, {"temperature": "39.1"}, "emergency", 14), (D, 58 * 12, {"other_glucose": "16.7"}, "emergency", 14),
    (D, 58 * 12, {"other_glucose": "16.6", "heart_rate": 80, "temperature": "36.5"}, "satisfied", 90), (D, 58 * 12, {"danger": ["acetone"]}, "emergency", 14),
    (D, 58 * 12, {"reaction": "2"}, "reaction", 14), (D, 58 * 12, {"complication": "2"}, "complication", 14), (D, 58 * 12, {"fpg": None}, "", 14),
    # COPD (defaults, uncertain)
    (C, 60 * 12, {}, "group_a", 90), (C, 60 * 12, {"cat": 9}, "group_a", 90), (C, 60 * 12, {"cat": 10}, "group_b", 90), (C, 60 * 12, {"mmrc": 2}, "group_b", 90),
    (C, 60 * 12, {"moderate": 1}, "group_a", 90), (C, 60 * 12, {"moderate": 2}, "group_e", 90), (C, 60 * 12, {"admitted": 1}, "group_e", 90),
    (C, 60 * 12, {"spo2": 90}, "group_a", 90), (C, 60 * 12, {"spo2": 89}, "emergency", 14), (C, 60 * 12, {"respiration": 30}, "group_a", 90),
    (C, 60 * 12, {"respiration": 31}, "emergency", 14), (C, 60 * 12, {"exacerbation": "2"}, "acute", 14),
    # self-care of the elderly: 3/4, 8/9, 18/19
    (E, 70 * 12, {}, "independent", None), (E, 70 * 12, {"adl_eating": "3"}, "independent", None), (E, 70 * 12, {"adl_eating": "3", "adl_washing": "1"}, "mild", None),
    (E, 70 * 12, {"adl_eating": "5", "adl_washing": "3"}, "mild", None), (E, 70 * 12, {"adl_eating": "5", "adl_washing": "3", "adl_toilet": "1"}, "moderate", None),
    (E, 70 * 12, {"adl_toilet": "10", "adl_moving": "5", "adl_washing": "3"}, "moderate", None), (E, 70 * 12, {"adl_toilet": "10", "adl_moving": "5", "adl_washing": "1", "adl_eating": "3"}, "dependent", None),
    (E, 70 * 12, {"adl_eating": "5", "adl_washing": "7", "adl_dressing": "5", "adl_toilet": "10", "adl_moving": "10"}, "dependent", None),
    # severe mental illness: risk 0, 1-2, 3-5
    (M, 40 * 12, {}, "stable", 90), (M, 40 * 12, {"risk": "1"}, "partly", 14), (M, 40 * 12, {"risk": "2"}, "partly", 14), (M, 40 * 12, {"risk": "3"}, "unstable", 14),
    (M, 40 * 12, {"risk": "5"}, "unstable", 14), (M, 40 * 12, {"psychosis": "2"}, "partly", 14), (M, 40 * 12, {"insight": "3"}, "unstable", 14),
    (M, 40 * 12, {"social_people": "2"}, "stable", 90), (M, 40 * 12, {"social_people": "3"}, "partly", 14), (M, 40 * 12, {"physical": "3"}, "unstable", 14),
    # tuberculosis: a week of missed doses, intensive phase
    (T, 40 * 12, {"days": 20}, "regular_intensive", 10), (T, 40 * 12, {"days": 59}, "regular_intensive", 10), (T, 40 * 12, {"days": 60}, "regular", 30),
    (T, 40 * 12, {"missed_doses": 1}, "irregular", 10), (T, 40 * 12, {"missed_days": 6, "missed_doses": 6}, "irregular", 10),
    (T, 40 * 12, {"missed_days": 7, "missed_doses": 7}, "report", 10), (T, 40 * 12, {"reaction": "2", "reaction_note": "皮疹"}, "refer", 14),
    # pregnancy: 160/110, fetal heart 110-160, haemoglobin 60, colours
    (P, 28 * 12, {}, "green", None), (P, 28 * 12, {"colour": "yellow"}, "yellow", None), (P, 28 * 12, {"colour": "orange"}, "orange", None),
    (P, 28 * 12, {"colour": "red"}, "red", None), (P, 28 * 12, {"sbp": 159, "dbp": 90}, "green", None), (P, 28 * 12, {"sbp": 160, "dbp": 90}, "urgent", None),
    (P, 28 * 12, {"sbp": 140, "dbp": 109}, "green", None), (P, 28 * 12, {"sbp": 140, "dbp": 110}, "urgent", None),
    (P, 28 * 12, {"fetal_heart": 110, "hb": 110}, "green", None), (P, 28 * 12, {"fetal_heart": 109, "hb": 110}, "urgent", None),
    (P, 28 * 12, {"fetal_heart": 160, "hb": 110}, "green", None), (P, 28 * 12, {"fetal_heart": 161, "hb": 110}, "urgent", None),
    (P, 28 * 12, {"fetal_heart": 140, "hb": 60}, "green", None), (P, 28 * 12, {"fetal_heart": 140, "hb": 59}, "urgent", None),
    *((P, 28 * 12, {"danger": [sign]}, "urgent", None) for sign in ("bleeding", "convulsion", "headache", "movement", "rupture", "fever")),
    # after the birth: 37.5 degrees, 160/110, each finding; six weeks later recovered or referred
    (P, 28 * 12, {"at": "postpartum", "temperature": "37.4"}, "well", None), (P, 28 * 12, {"at": "postpartum", "temperature": "37.5"}, "unwell", None),
    (P, 28 * 12, {"at": "postpartum", "sbp": 159}, "well", None), (P, 28 * 12, {"at": "postpartum", "sbp": 160}, "urgent", None),
    (P, 28 * 12, {"at": "postpartum", "dbp": 109, "sbp": 140}, "well", None), (P, 28 * 12, {"at": "postpartum", "dbp": 110, "sbp": 140}, "urgent", None),
    *((P, 28 * 12, {"at": "postpartum", item: "2", "category": "2"}, "unwell", None) for item in ("mind_state", "breast", "lochia", "uterus", "wound", "category")),
    (P, 28 * 12, {"at": "day42"}, "well", None), (P, 28 * 12, {"at": "day42", "recovered": "2"}, "unrecovered", None),
    (P, 28 * 12, {"at": "day42", "closing": "2", "referral_reason": "伤口愈合不良", "referral_place": "县医院产科"}, "unrecovered", None),
    # children: anaemia 110 to 59 months, 115 from 60, severe below 60; grades of growth, warning signs
    (K, 12, {"hb": 110}, "normal", None), (K, 12, {"hb": 109}, "weak", None), (K, 59, {"hb": 110, **FIVE}, "normal", None), (K, 60, {"hb": 114, **FIVE}, "weak", None),
    (K, 60, {"hb": 115, **FIVE}, "normal", None), (K, 12, {"hb": 60}, "weak", None), (K, 12, {"hb": 59}, "urgent", None), (K, 12, {}, "normal", None),
    # growth of girls by WS/T 423-2022: weight −2 SD 7.7 at 12 months, length −2 SD 70.1, weight for 75 cm −2 SD 8.1, +1 SD 10.2, +2 SD 11.2; at 60 months
    # weight for 110 cm +1 SD 19.7, +2 SD 21.7; the person is born a day before the month is full
    (K, 12, {"weight": "7.9", "length": "71"}, "normal", None), (K, 12, {"weight": "7.6", "length": "71"}, "weak", None),
    (K, 12, {"length": "70.5", "weight": "8.3"}, "normal", None), (K, 12, {"length": "69.9", "weight": "8.3"}, "weak", None),
    (K, 12, {"length": "75", "weight": "8.1"}, "normal", None), (K, 12, {"length": "75", "weight": "8.0"}, "weak", None),
    (K, 12, {"length": "75", "weight": "10.1"}, "normal", None), (K, 12, {"length": "75", "weight": "10.2"}, "heavy", None),
    (K, 12, {"length": "75", "weight": "11.1"}, "heavy", None), (K, 12, {"length": "75", "weight": "11.2"}, "weak", None),
    (K, 60, {"length": "110", "weight": "19.6"}, "normal", None), (K, 60, {"length": "110", "weight": "19.7"}, "heavy", None),
    (K, 60, {"length": "110", "weight": "21.7"}, "weak", None), (K, 0, {"weight": "2.2", "length": "46", "at": "month1"}, "normal", None),
    # degrees of anaemia: 60 and 90 (named findings below); senses, mouth and teeth
    (K, 12, {"hearing": "2"}, "deviates", None), (K, 12, {"mouth": "2"}, "deviates", None), (K, 12, {"caries": 0}, "normal", None),
    (K, 12, {"caries": 1}, "deviates", None), (K, 60, {"vision": "2", **FIVE}, "deviates", None), (K, 12, {"vision": "2"}, "normal", None),
    # each of the four warning signs of each age, in the first and the last month in which it is asked; another age's sign is not asked
    *((K, months, {code: [sign], **SIZES[code]}, "deviates", None) for code, ages in WARNED.items() for months in ages for sign in "1234"),
    *((K, months, SIZES[code], "normal", None) for code, ages in WARNED.items() for months in ages),
    (K, 12, {"warn8": ["1"]}, "normal", None), (K, 12, {"warn18": ["1"]}, "normal", None),
    # newborns: 2.5 kg, 37 weeks, twins, defect, asphyxia; 37.5 and 35.5 degrees, jaundice of limbs, cord; heart 100-160, breathing 20-60; a tenth of the weight
    (K, 0, {**BORN, "birth_weight": "2.5", "weight": "2.5"}, "normal", None), (K, 0, {**BORN, "birth_weight": "2.4", "weight": "2.4"}, "high_risk", None),
    (K, 0, {**BORN, "gestation": 37}, "normal", None), (K, 0, {**BORN, "gestation": 36}, "high_risk", None), (K, 0, {**BORN, "birth_way": ["4"]}, "normal", None),
    (K, 0, {**BORN, "birth_way": ["4", "5"]}, "high_risk", None), (K, 0, {**BORN, "deformity": "2"}, "high_risk", None), (K, 0, {**BORN, "asphyxia": "2"}, "high_risk", None),
    (K, 0, {**BORN, "temperature": "37.4"}, "normal", None), (K, 0, {**BORN, "temperature": "37.5"}, "urgent", None), (K, 0, {**BORN, "temperature": "35.6"}, "normal", None),
    (K, 0, {**BORN, "temperature": "35.5"}, "urgent", None), (K, 0, {**BORN, "jaundice": "3"}, "normal", None), (K, 0, {**BORN, "jaundice": "4"}, "urgent", None),
    (K, 0, {**BORN, "cord": "3"}, "urgent", None), (K, 0, {**BORN, "heart_rate": 100, "respiration": 20}, "normal", None), (K, 0, {**BORN, "heart_rate": 99}, "urgent", None),
    (K, 0, {**BORN, "heart_rate": 160, "respiration": 60}, "normal", None), (K, 0, {**BORN, "heart_rate": 161}, "urgent", None), (K, 0, {**BORN, "respiration": 19}, "urgent", None),
    (K, 0, {**BORN, "respiration": 61}, "urgent", None),
    # screening: hearing failed, repeated and passed, failed again or not done; disease found; not screened is told but no referral
    (K, 0, {**BORN, "hearing_screen": "2"}, "screened", None), (K, 0, {**BORN, "hearing_screen": "2", "hearing_again": "1"}, "normal", None),
    (K, 0, {**BORN, "hearing_screen": "2", "hearing_again": "2"}, "screened", None), (K, 0, {**BORN, "hearing_screen": "2", "hearing_again": "3"}, "screened", None),
    (K, 0, {**BORN, "hearing_screen": "3"}, "normal", None), *((K, 0, {**BORN, "disease_screen": code}, "screened", None) for code in "345"),
    (K, 0, {**BORN, "disease_screen": "1"}, "normal", None), (K, 0, {**BORN, "hearing_screen": "2", "gestation": 36}, "high_risk", None),
    # after discharge (defaults)
    (X, 60 * 12, {}, "well", None), (X, 60 * 12, {"recovery": "3"}, "worse", None), (X, 60 * 12, {"adherence": "3"}, "careless", None),
]  # fmt: skip
# Two visits in a row: (programme, age in months, first, second, grade of the second, whether a referral is proposed).
PAIRS: list[tuple[str, int, dict[str, Any], dict[str, Any], str, bool]] = [
    (H, 70 * 12, {"sbp": 152}, {"sbp": 150}, "unsatisfied_again", True), (H, 70 * 12, {"sbp": 152}, {"sbp": 149}, "satisfied", False),
    (H, 58 * 12, {"sbp": 145}, {"sbp": 139}, "satisfied", False), (H, 58 * 12, {"sbp": 145}, {"sbp": 140}, "unsatisfied_again", True),
    (H, 58 * 12, {"sbp": 139}, {"sbp": 140}, "unsatisfied", False), (H, 58 * 12, {"sbp": 186}, {"sbp": 150}, "unsatisfied_again", True),
    (H, 58 * 12, {"sbp": 145}, {"sbp": 145, "reaction": "2"}, "reaction_hard", True), (H, 58 * 12, {"sbp": None, "dbp": None}, {"sbp": 150}, "unsatisfied", False),
    (D, 58 * 12, {"fpg": "7.0"}, {"fpg": "7.8"}, "unsatisfied_again", True), (D, 58 * 12, {"fpg": "7.0"}, {"fpg": "6.9"}, "satisfied", False),
    (D, 58 * 12, {"fpg": "6.9"}, {"fpg": "7.0"}, "unsatisfied", False), (D, 58 * 12, {"fpg": None}, {"fpg": "7.5"}, "unsatisfied", False),
    (M, 40 * 12, {"risk": "1"}, {"risk": "1"}, "partly_again", False), (M, 40 * 12, {"risk": "1"}, {"risk": "0"}, "stable", False),
    (P, 28 * 12, {"colour": "orange"}, {"colour": "green"}, "orange", True), (P, 28 * 12, {"colour": "orange"}, {"colour": "green", "lowered": "2"}, "green", False),
    (P, 28 * 12, {"colour": "green"}, {"colour": "red"}, "red", True),
    # an emergency that has passed leaves the colour, not the emergency; after the birth no colour is left
    (P, 28 * 12, {"danger": ["fever"]}, {}, "green", False), (P, 28 * 12, {"colour": "orange", "danger": ["fever"]}, {}, "orange", True),
    (P, 28 * 12, {"colour": "red"}, {"at": "postpartum"}, "well", False),
    # an infant of high risk keeps the mark at the next checks, not the extra visits
    (K, 1, {**BORN, "gestation": 36}, {"at": "month1", "weight": "4.2", "length": "54"}, "normal", False),
]  # fmt: skip


def told(
    code: str, months: int, changes: dict[str, Any], before: judging.Judgement | None = None
) -> tuple[judging.Judgement, int | None]:
    """The judgement of one visit as read from its form, and the days to the next visit of its stage."""
    programme = programmes(TODAY)[code]
    stage = programme.stage(changes.get("at", STAGE.get(code, "followup")))
    days = changes.get("days", 100)
    answers = {k: v for k, v in (USUAL[code] | changes).items() if v is not None and k not in {"days", "at"}}
    born = months_ago(TODAY, months) - timedelta(days=1)
    person = judging.person_facts(born, "2", TODAY, stage.code)
    reading = forms.read(forms.form(stage.form, programme.effective_from), answers, person)
    assert not reading.errors, reading.errors
    row = Enrolment(
        started_on=TODAY - timedelta(days=days), anchor_on=TODAY - timedelta(days=days), facts=ENROLLED.get(code, {})
    )
    facts = working.facts_at(
        programme, reading.answers, on=TODAY, stage=stage.code, way="1", born=born, sex="2", enrolment=row
    )
    found = judging.judge(
        programme,
        facts,
        before.values if before and before.grade else None,
        before.grade.code if before and before.grade else "",
    )
    made = [planning.Made(stage.code, TODAY, found.grade.code if found.grade else "")]
    plan = planning.plan(programme, planning.Basis(row.started_on, born, row.anchor_on, facts=row.facts), made, TODAY)
    return found, next(((p.due_on - TODAY).days for p in plan if p.stage == stage.code), None)


def test_every_threshold() -> None:
    """One visit for each row."""
    wrong = []
    for code, months, changes, grade, days in ROWS:
        found, next_days = told(code, months, changes)
        got = found.grade.code if found.grade else ""
        if got != grade or (days is not None and next_days != days):
            wrong.append(f"{code} {months // 12} {changes}: {got} {next_days}, not {grade} {days}")
    print(f"\n{len(ROWS) - len(wrong)} of {len(ROWS)} threshold rows tested")
    assert len(ROWS) > 100 and not wrong, "\n".join(wrong)


def test_two_in_a_row() -> None:
    """Consecutive visits: two unsatisfactory ones refer, a satisfactory one resets, one without a reading does not count."""
    wrong = []
    for code, months, first, second, grade, refers in PAIRS:
        found, _days = told(code, months, second, told(code, months, first)[0])
        if (found.grade.code, bool(found.grade.refer)) != (grade, refers):
            wrong.append(f"{code} {first} {second}: {found.grade.code}")
    print(f"\n{len(PAIRS) - len(wrong)} of {len(PAIRS)} pairs tested")
    assert PAIRS and not wrong, "\n".join(wrong)


# Constitution: which items are raised to what, and what is found. The rest are "1" (items 2, 4, 5, 13 count reversed for the balanced type).
TCM = [
    ({}, {"is_balanced"}), ({"q2": 3, "q3": 3, "q4": 2, "q14": 2}, {"tends_qi", "nearly_balanced"}), ({"q2": 3, "q3": 3, "q4": 3, "q14": 2}, {"is_qi"}),
    ({"q2": 2, "q3": 2, "q4": 2, "q14": 2}, {"is_balanced"}), ({"q2": 2, "q3": 2, "q4": 2, "q14": 2, "q1": 5}, {"is_balanced"}),
    ({"q11": 5, "q12": 4, "q13": 1, "q29": 1}, {"is_yang"}), ({"q11": 4, "q12": 4, "q13": 1, "q29": 1, "q1": 5}, {"tends_yang", "nearly_balanced"}),
    ({"q15": 3, "q17": 3, "q18": 2, "q20": 2, "q1": 5}, {"tends_special", "nearly_balanced"}), ({"q19": 5, "q22": 5, "q24": 5, "q33": 5}, {"is_stasis"}),
]  # fmt: skip


@pytest.mark.parametrize(("raised", "found"), TCM)
def test_constitution(raised: dict[str, int], found: set[str]) -> None:
    """8 no, 9-10 tends, 11 is; balanced 17 with all others at most 8, nearly with at most 10."""
    answers = {f"q{n}": "1" for n in range(1, 34)} | {"tcm_guidance": ["1"]} | {k: str(v) for k, v in raised.items()}
    programme = programmes(TODAY)[E]
    reading = forms.read(forms.form("tcm-elderly", programme.effective_from), answers)
    values = judging.judge(programme, reading.answers).values
    shown = {r.code for r in programme.rules if r.shown and values.get(r.code) is True}
    assert shown == found


# Days after birth or the last period on which each visit is due: the schedule tables of the reference.
SCHEDULE = [
    ("vaccination", "hepb1", 0),
    ("vaccination", "hepb2", 31),
    ("vaccination", "polio1", 61),
    ("vaccination", "dtap1", 61),
    ("vaccination", "mmr1", 243),
    ("vaccination", "je1", 243),
    ("vaccination", "mena1", 183),
    ("vaccination", "hepa1", 549),
    ("vaccination", "bcg1", 0),
]


@pytest.mark.parametrize(("code", "stage", "days"), SCHEDULE)
def test_vaccination_days(code: str, stage: str, days: int) -> None:
    """The first dose of each vaccine (and the second of hepatitis B once the first is given) on its day."""
    programme, born = programmes(TODAY)[code], date(2026, 1, 10)
    made = [planning.Made("hepb1", born)] if stage == "hepb2" else []
    plan = planning.plan(programme, planning.Basis(born, born, facts={"sex": "1", "born": born}), made, born)
    due = next(p.due_on for p in plan if p.stage == stage)
    assert abs((due - born).days - days) <= 3, (due - born).days


def test_catch_up_keeps_the_interval() -> None:
    """A late first dose moves the second: 28 days after it, never begun anew."""
    programme, born = programmes(TODAY)["vaccination"], date(2025, 1, 10)
    made = [planning.Made("polio1", date(2025, 8, 1))]
    plan = planning.plan(
        programme, planning.Basis(born, born, facts={"sex": "1", "born": born}), made, date(2025, 8, 2)
    )
    assert next(p.due_on for p in plan if p.stage == "polio2") == date(2025, 8, 29)


@pytest.mark.parametrize(
    ("born", "sex", "due"),
    [(date(2011, 11, 10), "2", False), (date(2011, 11, 11), "2", True), (date(2012, 5, 1), "1", False)],
)
def test_hpv(born: date, sex: str, due: bool) -> None:
    """Girls born after 2011-11-10 who have reached 13."""
    programme = programmes(TODAY)["vaccination"]
    plan = planning.plan(programme, planning.Basis(TODAY, born, facts={"sex": sex, "born": born}), [], TODAY)
    assert any(p.stage == "hpv1" for p in plan) is due


@pytest.mark.parametrize(
    ("stage", "weeks", "days"),
    [("booking", 12, 6), ("antenatal2", 16, 0), ("antenatal3", 21, 0), ("antenatal4", 28, 0), ("antenatal5", 37, 0)],
)
def test_antenatal_weeks(stage: str, weeks: int, days: int) -> None:
    """Booking by 12 weeks and 6 days, the others from the first day of their window."""
    programme, lmp = programmes(TODAY)[P], date(2026, 1, 1)
    order = ["antenatal2", "antenatal3", "antenatal4", "antenatal5"]
    made = [planning.Made(s, lmp) for s in order[: order.index(stage)]] if stage in order else []
    plan = planning.plan(programme, planning.Basis(lmp, None, lmp, facts={"sex": "2"}), made, lmp)
    assert next(p.due_on for p in plan if p.stage == stage) == lmp + timedelta(weeks=weeks, days=days)
