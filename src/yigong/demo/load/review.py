"""A handful of risk findings at each station, made by the review's own commands from bills that have something to doubt."""

from datetime import date, datetime, time, timedelta
from uuid import UUID

from django.apps import apps

from yigong.core.actor import Actor, system
from yigong.core.clock import SHANGHAI
from yigong.demo.generate.people import Person
from yigong.insurance.review import api as review

# Lines of one doubtful bill each: (item, name, quantity, fen, hour).
_BILLS: tuple[tuple[tuple[str, str, int, int, int], ...], ...] = (
    (
        ("ZC-PT", "普通门诊诊察费", 1, 800, 9),
        ("ZC-PT", "普通门诊诊察费", 1, 800, 15),
        ("HY-XCG", "血常规（五分类）", 1, 2000, 10),
    ),
    (("HY-LFT", "肝功能组合", 1, 6000, 9), ("HY-ALT", "丙氨酸氨基转移酶", 1, 600, 9)),
    (("YP-METFORMIN", "二甲双胍片 0.5g×20片", 3, 984, 10),),
    (("ZY-AJ", "艾灸", 1, 2500, 23),),
    (("ZL-JMZS", "静脉输液", 9, 10800, 10),),
    (("HL-XSE", "新生儿护理", 1, 3200, 10),),
)


def begin(people: list[tuple[Person, UUID]], places: list[UUID], officer: Actor, today: date) -> int:
    """Doubtful bills of this month as facts, the run, and findings told, decided and dismissed; returns how many findings there are."""
    for number, lines in enumerate(_BILLS):
        person, resident = people[number]
        _bill(number, person, resident, places[number % len(places)], lines, today - timedelta(days=number + 2))
    run = review.run_rules(actor=system("demo"))
    findings = list(apps.get_model("review.Suspicion").objects.order_by("rule").values_list("id", "amount"))
    for key, _amount in findings[1:5]:
        review.notify(suspicion_id=key, actor=officer)
    if len(findings) > 4:
        review.decide(
            suspicion_id=findings[3][0],
            upheld=True,
            reason="同一天重复收费，予以扣减。",
            deduct=findings[3][1],
            actor=officer,
        )
        review.decide(suspicion_id=findings[4][0], upheld=False, reason="病历有相应记录，不予认定。", actor=officer)
    return run.fresh


def _bill(
    number: int,
    person: Person,
    resident: UUID,
    place: UUID,
    lines: tuple[tuple[str, str, int, int, int], ...],
    day: date,
) -> None:
    from yigong.core.ids import new_id

    key = new_id()
    began = datetime.combine(day, time(8), SHANGHAI)
    apps.get_model("review.BillFact").objects.create(
        id=key, number=f"ZD{day:%Y%m%d}{number:04d}", resident_id=resident, patient_name=person.name, sex=person.sex,
        birth_date=person.born, institution_id=place, kind="outpatient", began_at=began, codes=["J20.900"],
        total=sum(line[3] for line in lines), settled_on=day,
    )  # fmt: skip
    apps.get_model("review.LineFact").objects.bulk_create(
        apps.get_model("review.LineFact")(
            id=new_id(), bill_id=key, item_code=item, item_name=name, quantity=quantity, amount=fen,
            performed_at=datetime.combine(day, time(hour), SHANGHAI),
        )
        for item, name, quantity, fen, hour in lines
    )  # fmt: skip
