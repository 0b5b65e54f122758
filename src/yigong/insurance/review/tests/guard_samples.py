"""Objects of this room for the guards that walk every address."""

from datetime import date
from typing import Any

from tests.guards.world import BOSS, Sample, World

from yigong.access import api as access
from yigong.core import clock
from yigong.core.ids import new_id
from yigong.core.states.api import start
from yigong.insurance.review.models import Appeal, Attachment, Suspicion
from yigong.insurance.review.rules.workflow import SUSPICION
from yigong.residents import api as residents

NAME = "周秀兰"


def samples(world: World) -> dict[str, Any]:
    """A finding at the health centre with an appeal and its file."""
    township = world.institutions["township"]
    given = residents.NewResident(name=NAME, sex="2", birth_date=date(1955, 6, 7))
    person = residents.register_resident(given=given, actor=world.actor("registrar")).resident.id
    world.people.append(NAME)
    access.open_relationship(resident_id=person, institution_id=township, basis="encounter")
    row = Suspicion(
        id=new_id(), rule="R02", rule_version="1", title="重复收费", sentence="同一天重复收取。", clause="一日一次。", key="x", bill_id=new_id(),
        bill_number="ZD1", resident_id=person, patient_name=NAME, institution_id=township, settled_on=date(2026, 1, 5), amount=800,
        evidence=[{"text": "诊察费 ×1", "on": "2026-01-05", "amount": 800}], found_at=clock.now(),
    )  # fmt: skip
    start(SUSPICION, row, "found", actor=BOSS)
    appeal = Appeal.objects.create(of=row, text="会诊", made_by="李")
    file = Attachment.objects.create(appeal=appeal, name="会诊单.pdf", kind="application/pdf", content=b"%PDF")
    one = {"suspicion_id": row.id}
    return {
        "review:list": Sample(query="?rule=R02&text=周"), "review:detail": Sample(one), "review:attachment": Sample({"attachment_id": file.id}),
        "review:act": Sample({**one, "action": "notify"}, post={}),
    }  # fmt: skip
