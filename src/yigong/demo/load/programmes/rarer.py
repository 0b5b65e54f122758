"""The rarer programmes at one health centre: pregnancies in each colour, severe mental illness, tuberculosis, somebody home from hospital, and an infectious
disease and an unusual reaction that wait to be reported."""

# texts: data
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from yigong.core.actor import Actor, system
from yigong.demo.generate.people import Person
from yigong.demo.load.programmes.answers import lot_of
from yigong.programmes import api
from yigong.programmes.bulk import Past, load
from yigong.programmes.bulk import Person as Managed

# (weeks since the last period, colour, infectious, systolic, diastolic, history); the newest is not booked yet.
_PREGNANT = (
    (9, "", "1", 0, 0, "1"), (13, "green", "1", 112, 70, "1"), (18, "yellow", "1", 118, 76, "6"), (22, "green", "2", 110, 68, "4"),
    (27, "orange", "1", 142, 92, "5"), (34, "red", "1", 152, 98, "2"), (38, "yellow", "1", 124, 80, "1"),
)  # fmt: skip
_STAGES = ((12, "booking"), (17, "antenatal2"), (22, "antenatal3"), (29, "antenatal4"), (37, "antenatal5"))
# (risk, symptoms, insight, social function, days since the newest visit).
_MINDS = (("0", "1", "1", "1", 30), ("1", "2", "2", "2", 5), ("3", "3", "3", "3", 2), ("0", "1", "2", "1", 100))


def begin(people: Iterable[tuple[Person, UUID]], place: UUID, doctor: Actor, today: date) -> int:
    """Take some people of the health centre (``place``) into the rarer programmes; returns how many. Nobody twice."""
    rows = [(p, key) for p, key in people if p.status == "active"]
    women = [one for one in rows if one[0].sex == "2" and 21 <= one[0].age(today) <= 38][: len(_PREGNANT)]
    adults = [one for one in rows if 40 <= one[0].age(today) < 62 and not one[0].chronic][: len(_MINDS) + 2]
    elders = [one for one in rows if one[0].age(today) >= 66 and "s" in one[0].chronic][:2]
    children = [key for p, key in rows if 3 <= p.age(today) <= 6][:2]
    made: list[Managed] = []

    def take(
        one: tuple[Person, UUID],
        programme: str,
        since: date,
        visits: Iterable[Past],
        facts: dict[str, Any],
        anchor: date | None,
    ) -> None:
        made.append(
            Managed(
                resident_id=one[1], programme=programme, institution_id=place, born=one[0].born, sex=one[0].sex, started_on=since,
                staff_id=doctor.staff_id, anchor_on=anchor, facts=facts, visits=list(visits),
            )
        )  # fmt: skip

    for one, pregnancy in zip(women, _PREGNANT, strict=False):
        weeks = pregnancy[0]
        lmp = today - timedelta(weeks=weeks, days=2)
        facts: dict[str, Any] = {
            "lmp": lmp.isoformat(),
            "gravida": 2 if weeks > 20 else 1,
            "para": 1 if weeks > 20 else 0,
        }
        take(one, "pregnancy", lmp + timedelta(weeks=8), _antenatal(pregnancy, lmp, today), facts, lmp)
    for n, (one, mind) in enumerate(zip(adults, _MINDS, strict=False)):
        since = today - timedelta(days=mind[-1] + 182 + n)
        facts = {
            "consent": "1", "consent_by": "2", "guardian": "家属", "guardian_relation": "配偶", "guardian_phone": "13900000000", "guardian_address": "同住",
            "household": "2", "work": "3", "economy": "2", "first_onset": "2012-05-01", "past_symptoms": ["1", "3"], "past_locked": "1", "past_clinic": "3",
            "past_admitted": 1, "diagnosis": "1", "diagnosed_by": "市精神卫生中心", "diagnosed_on": "2012-08-01", "last_effect": "2", "past_acts": ["7"],
        }  # fmt: skip
        take(one, "mental_illness", since, _mind(mind, since, today), facts, None)
    for one, missed in zip(adults[len(_MINDS) :], (0, 8), strict=False):
        begun = today - timedelta(days=24)
        facts = {
            "treatment_on": begun.isoformat(),
            "patient_kind": "1",
            "resistant": "2",
            "supervisor": "1",
            "regimen": "2HRZE/4HR",
        }
        take(one, "tuberculosis", begun, _tuberculosis(begun, missed), facts, begun)
    for n, one in enumerate(elders):
        home = today - timedelta(days=9 + 20 * n)
        facts = {"discharged_on": home.isoformat(), "discharge_diagnosis": "脑梗死", "discharge_from": "县医院"}
        take(one, "discharge", home, _home(home, today), facts, home)
    done = load(made, actor=system("demo"), reason="载入示例县公卫管理对象", today=today)
    return done + sum(
        what(child, doctor, today) for child, what in zip(children, (_infection, _reaction), strict=False)
    )


def _antenatal(facts: tuple[int, str, str, int, int, str], lmp: date, today: date) -> Iterator[Past]:
    _weeks, colour, infectious, sbp, dbp, history = facts
    for n, (week, stage) in enumerate(_STAGES):
        on = lmp + timedelta(weeks=week)
        if not colour or on >= today:
            continue
        typed: dict[str, Any] = {
            "sbp": sbp - 6 + 2 * n, "dbp": dbp - 4 + n, "weight": round(54 + week / 3, 1), "hb": 104 if history == "6" else 118, "danger": ["none"],
            "urine": "1", "colour": colour, "infectious": infectious, "advice": ["1", "3"], "referral": "1",
        }  # fmt: skip
        first = {
            "height": 160.0, "history": [history], "family_history": ["1"], "personal_history": ["1"], "surgery": "1", "obstetric": ["0"], "overall": "1",
            **dict.fromkeys(("heart", "lungs", "vulva", "vagina", "cervix", "womb", "adnexa", "urine_sugar", "urine_ketone", "urine_blood"), "1"),
            "wbc": 7.2, "plt": 214, "abo": "3", "alt": 18, "ast": 21, "alb": 41.0, "tbil": 10.5, "dbil": 3.1, "cr": 52.0, "bun": 3.9,
            "hbsag": infectious, "syphilis": "1", "hiv": "1",
        }  # fmt: skip
        later = {
            "fundus": float(min(34, week)),
            "girth": 92.0,
            "fetal_heart": 142,
            "position": "LOA",
            "category": "1" if colour == "green" else "2",
        }
        yield Past(stage, on, "1", typed | (first if n == 0 else later))


def _mind(facts: tuple[str, str, str, str, int], since: date, today: date) -> Iterator[Past]:
    risk, psychosis, insight, social, ago = facts
    for day in (since + timedelta(days=1), since + timedelta(days=90), today - timedelta(days=ago)):
        yield Past("followup", day, "2", {
            "risk": risk, "psychosis": psychosis, "insight": insight, "sleep": "2", "appetite": "1", "social_life": social, "social_house": social,
            "social_work": social, "social_study": "2", "social_people": social, "physical": "1", "locked": "1", "inpatient": "0",
            "symptoms_now": ["0"] if psychosis == "1" else ["1", "3"], "lab": "1", "effect": "4" if risk == "3" else "2", "referred": "1",
            "adherence": "2" if risk == "3" else "1", "reaction": "1", "medicines": "奥氮平片 10mg 每晚一次",
            **({"acts": ["1"], "acts_minor": 2} if risk == "3" else {"acts": ["7"]}),
        })  # fmt: skip


def _tuberculosis(begun: date, missed: int) -> Iterator[Past]:
    treated = {"supervisor": "1", "regimen": "2HRZE/4HR", "usage": "1", "dosage": ["1"]}
    first = {
        "patient_kind": "1", "sputum": "1", "resistant": "2", "tb_symptoms": ["1", "2"], **treated, "own_room": "1", "ventilation": "1",
        "pickup_place": "县医院结核门诊", "pickup_on": (begun + timedelta(days=30)).isoformat(),
        **{f"taught_{n}": "1" if n <= 8 else "2" for n in range(1, 11)},
    }  # fmt: skip
    yield Past("first", begun + timedelta(days=1), "2", first)
    for n, days in enumerate((10, 20)):
        taken = {
            "missed_doses": missed * n,
            "missed_days": missed * n,
            "tb_symptoms": ["1"],
            "reaction": "1",
            "comorbidity": "1",
            "treatment_month": 1,
            "referred": "1",
            **treated,
        }
        yield Past("followup", begun + timedelta(days=days), "2", taken)


def _home(discharged: date, today: date) -> Iterator[Past]:
    if (today - discharged).days > 15:
        typed = {"recovery": "1", "adherence": "1", "wound_state": "9", "recheck": "2", "sbp": 142, "dbp": 84}
        yield Past("week1", discharged + timedelta(days=7), "2", typed)


def _infection(child: UUID, doctor: Actor, today: date) -> int:
    """Diagnosed a moment ago: the clock of the report runs."""
    day = today.isoformat()
    answers = {
        "urgency": "B",
        "disease": "手足口病",
        "case_kind": "2",
        "onset_on": day,
        "diagnosed_on": day,
        "diagnosed_hour": 0,
        "parent": "家长",
        "card_phone": "13900000000",
        "belongs": "1",
        "home": "本镇中心村2组8号",
        "people_group": "2",
    }
    api.enrol(resident_id=child, programme="infectious", actor=doctor, answers=answers)
    return 1


def _reaction(child: UUID, doctor: Actor, today: date) -> int:
    given = (today - timedelta(days=1)).isoformat()
    answers = {
        "urgency": "B", "vaccine": "百白破疫苗", "lot": lot_of("百白破疫苗", today, 2), "given_on": given, "onset_on": given, "signs": ["1", "2"], "signs_note": "接种当晚发热39℃，局部红肿", "celsius": "39.0",
        "swelling": "3.5", "found_on": today.isoformat(), "found_hour": 0, "found_by": "1", "guardian": "家长", "card_phone": "13900000000", "history": ["0"],
        "maker": "国药中生", "dose_no": 4, "site": "1", "route": "1", "given_at": "中心卫生院接种门诊", "first_diagnosis": "接种后发热，局部红肿",
    }  # fmt: skip
    api.enrol(resident_id=child, programme="aefi", actor=doctor, answers=answers)
    return 1
