"""A filled record for the guards that walk every address."""

from decimal import Decimal
from typing import Any

from tests.guards.world import Sample, World

from yigong.records import api
from yigong.records.models import Allergy, Condition


def samples(world: World) -> dict[str, Any]:
    """A visit with signs and a diagnosis, a laboratory result, two versions of a document, an allergy."""
    person, doctor = world.things["person"], world.actor("village_doctor")
    signs: dict[str, Decimal | None] = {"sbp": Decimal(186), "dbp": Decimal(112)}
    visit = api.Visit(complaint="头晕三天", signs=signs, diagnoses=(("I10.x00", "高血压", True),))
    encounter = api.record_visit(resident_id=person, visit=visit, actor=doctor)
    glucose = api.NewResult("14749-6", "空腹血糖", Decimal("7.8"), unit="mmol/L")
    group = api.add_result(resident_id=person, title="血糖", results=[glucose], actor=doctor)
    paper = api.add_document(resident_id=person, kind="home_visit", title="入户记录", content="血压高。", actor=doctor)
    facts = {"kind": "home_visit", "title": "入户记录", "content": "血压仍高。", "reason": "复测后更正"}
    newer = api.add_document(resident_id=person, supersedes=paper.id, actor=doctor, **facts)
    api.add_allergy(resident_id=person, substance="青霉素", actor=doctor)
    one, condition = {"resident_id": person}, Condition.objects.get(resident_id=person)
    allergy = Allergy.objects.get(resident_id=person)
    return {
        **{f"records:{name}": Sample(one) for name in ("timeline", "visit", "summary", "allergy", "front")},
        "records:front_print": Sample({**one, "sheet": "page"}),
        "records:judge": Sample(one, post={"sbp": "186", "dbp": "112"}),
        "records:trend": Sample({**one, "code": "8480-6"}),
        "records:encounter": Sample({"encounter_id": encounter.id}),
        "records:results": Sample({"group_id": group.id}),
        "records:document": Sample({"document_id": newer.id}, f"?with={paper.id}"),
        "records:end_allergy": Sample({"allergy_id": allergy.id}),
        "records:resolve_condition": Sample({"condition_id": condition.id}),
    }
