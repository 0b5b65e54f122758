"""A village, its health centre, people of given ages, and short ways to enrol and visit."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

from yigong.core import clock
from yigong.core.actor import Actor, system
from yigong.core.rights import permissions_of
from yigong.network import api as network
from yigong.network.data import InstitutionData
from yigong.programmes import api
from yigong.programmes.models import Due, Enrolment
from yigong.residents import api as residents
from yigong.tasks.models import Task

BOSS = system("test")

# A complete, ordinary visit of each form; tests change what they are about.
ANSWERS: dict[str, dict[str, Any]] = {
    "hypertension": {
        "symptoms": ["1"], "danger": ["none"], "sbp": 132, "dbp": 82, "adherence": "1", "reaction": "1", "complication": "1",
    },
    "diabetes": {
        "symptoms": ["1"], "danger": ["none"], "sbp": 128, "dbp": 78, "fpg": "6.2", "adherence": "1", "reaction": "1",
        "complication": "1", "hypoglycaemia": "1", "foot": "1",
    },
    "health_record": {
        "registered": "1", "blood": "2", "rh": "2", "education": "7", "occupation": "4", "marriage": "2", "payment": ["3"], "allergies": ["1"], "exposures": ["1"],
        "past": ["1"], "operation": "1", "injury": "1", "transfusion": "1", "family_father": ["1"], "family_mother": ["1"], "family_siblings": ["1"],
        "family_children": ["1"], "hereditary": "1", "disability": ["1"], "card": "1",
    },
    # The check-up of somebody of 70 or more, of either sex, with all that the elders' programme and the diabetics' want.
    "elderly": {
        "symptoms": ["1"], "temperature": "36.5", "pulse": 72, "respiration": 18, "sbp": 132, "dbp": 80, "height": "160", "weight": "60", "waist": "80",
        "self_rated": "1", "adl_eating": "0", "adl_washing": "0", "adl_dressing": "0", "adl_toilet": "0", "adl_moving": "0", "cognition": "1", "mood": "1",
        "exercise": "1", "diet": ["1"], "smoking_state": "1", "drinking_often": "1", "lips": "1", "teeth": ["1"], "throat": "1", "vision_left": "4.8",
        "vision_right": "4.8", "hearing": "1", "motor": "1", "skin": "1", "sclera": "1", "nodes": "1", "barrel_chest": "1", "breath_sound": "1", "rales": "1",
        "heart_rate": 72, "heart_rhythm": "1", "murmur": "1", "abdomen_tender": "1", "abdomen_mass": "1", "abdomen_liver": "1", "abdomen_spleen": "1",
        "abdomen_dullness": "1", "oedema": "1", "check_foot": "2", "hb": 130, "wbc": 6, "plt": 200, "urine_protein": "0", "urine_glucose": "0", "urine_ketone": "0",
        "urine_blood": "0", "fpg": "5.4", "hba1c": "5.6", "alt": 20, "ast": 20, "tbil": 12, "cr": 70, "bun": 5, "tc": "4.8", "tg": "1.3", "ldl": "2.8", "hdl": "1.3",
        "ecg": "1", "ultrasound": "1", "chest": "1", "check_result": "1", "check_guidance": ["4"], "elder_guidance": ["1"],
    },
}  # fmt: skip


@dataclass
class World:
    """Places and people."""

    county: InstitutionData
    township: InstitutionData
    village: InstitutionData
    other: InstitutionData
    people: dict[str, Actor] = field(default_factory=dict)
    made: int = 0

    def __getattr__(self, name: str) -> Actor:
        try:
            return self.__dict__["people"][name]
        except KeyError:
            raise AttributeError(name) from None

    def person(
        self, age: int = 58, *, sex: str = "2", name: str = "", months: int | None = None, actor: Actor | None = None
    ) -> UUID:
        """Somebody of the village, of an age in years (or months) today."""
        self.made += 1
        today = clock.today()
        born = months_ago(today, months) if months is not None else months_ago(today, age * 12)
        # Names far enough from each other that nobody looks like the one before.
        n, size = self.made, len(_CHARS)
        name = name or _CHARS[n % size] + _CHARS[(n * 7 + 13) % size] + _CHARS[(n // size + n * 3) % size]
        given = residents.NewResident(
            name=name,
            sex=sex,
            birth_date=born - timedelta(days=self.made % 20),
            managing_institution_id=self.village.id,
            village="李庄村",
        )
        done = residents.register_resident(given=given, actor=actor or self.doctor)
        return done.resident.id


_CHARS = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜戚谢邹喻柏水窦章云苏潘葛奚范彭郎鲁韦昌马苗凤花方俞任"


def months_ago(day: date, months: int) -> date:
    """The same day so many months before, or the last of the month."""
    from yigong.core.months import add_months

    return add_months(day, -months)


def make_world() -> World:
    """The county with a doctor, a general practitioner and managers."""
    county = _place("PGXYY", "清水县人民医院", "county", None)
    township = _place("PGWSY", "东河镇卫生院", "township", county.id)
    village = _place("PGWSS", "李庄村卫生室", "village", township.id)
    other = _place("PGWS2", "王家村卫生室", "village", township.id)
    world = World(county, township, village, other)
    for key, role, place in (
        ("doctor", "village_doctor", village), ("colleague", "village_doctor", village), ("neighbour", "village_doctor", other),
        ("gp", "gp", township), ("manager", "township_manager", township), ("nurse", "nurse", township),
        ("quality", "quality_manager", county), ("specialist", "specialist", county),
    ):  # fmt: skip
        world.people[key] = make_actor(key, role, place)
    return world


def _place(code: str, name: str, level: str, parent: UUID | None) -> InstitutionData:
    return network.create_institution(
        code=code, name=name, short_name=name[-5:], level=level, category="A100", parent_id=parent, actor=BOSS
    )


def make_actor(key: str, role: str, place: InstitutionData) -> Actor:
    """A staff member at a post, with the rights of the role."""
    staff = network.create_staff(code=f"{place.code}-{key}", name=f"{place.name[:2]}{key}", sex="1", actor=BOSS)
    network.assign_post(staff_id=staff.id, institution_id=place.id, role=role, actor=BOSS)
    return Actor(
        name=staff.name, role=role, staff_id=staff.id, institution_id=place.id, institution_name=place.name,
        permissions=permissions_of(role), institution_ids=frozenset({place.id}),
    )  # fmt: skip


def enrolled(
    world: World, programme: str = "hypertension", *, age: int = 58, on: date | None = None, **more: Any
) -> api.EnrolmentData:
    """A person of that age in a programme."""
    person = more.pop("resident_id", None) or world.person(age, sex=more.pop("sex", "2"))
    return api.enrol(resident_id=person, programme=programme, actor=world.doctor, on=on, **more)


def visit(
    world: World, enrolment: Any, stage: str = "followup", *, of: str = "", actor: Actor | None = None, **changes: Any
) -> api.Outcome:
    """A visit with an ordinary form, changed where the test says so; a change to None leaves the item out."""
    command = {
        k: changes.pop(k)
        for k in ("on", "way", "confirmed", "late_reason", "lot_reason", "medicines", "idempotency_key")
        if k in changes
    }
    answers = {**ANSWERS.get(of or enrolment.programme, {}), **changes}
    answers = {k: v for k, v in answers.items() if v is not None}
    command.setdefault("idempotency_key", uuid4())
    return api.record_visit(
        enrolment_id=enrolment.id, stage=stage, answers=answers, actor=actor or world.doctor, **command
    )


@contextmanager
def later(**span: int) -> Iterator[None]:
    """So much later."""
    with clock.travel(timedelta(**span)):
        yield


def broken_invariants() -> list[str]:
    """What must never be: two open enrolments, an open due row without a task, an ended enrolment with anything open, a task without a due row."""
    found = []
    active = Enrolment.objects.filter(state="active").values_list("resident_id", "programme", "subject")
    if len(active) != len(set(active)):
        found.append("two open enrolments of one programme for one person")
    dues = {f"programmes/{key}" for key in Due.objects.filter(state="open").values_list("id", flat=True)}
    open_tasks = set(Task.objects.filter(state="open", kind="programmes.visit").values_list("key", flat=True))
    if dues - open_tasks:
        found.append(f"{len(dues - open_tasks)} due rows without a task")
    if open_tasks - dues:
        found.append(f"{len(open_tasks - dues)} tasks without a due row")
    if n := Due.objects.filter(state="open", enrolment__state="ended").count():
        found.append(f"{n} open due rows of ended managements")
    return found


def next_on(enrolment_id: Any, stage: str = "followup") -> date | None:
    """When the next visit of a stage is due."""
    return (
        Due.objects.filter(enrolment_id=enrolment_id, stage=stage, state="open")
        .values_list("due_on", flat=True)
        .first()
    )
