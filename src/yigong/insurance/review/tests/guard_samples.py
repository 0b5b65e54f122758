"""Objects of this room for the guards that walk every address."""

from datetime import date
from typing import Any

from tests.guards.world import Sample, World

from yigong.access import api as access
from yigong.insurance.review.models import Appeal, Attachment
from yigong.insurance.review.tests.world import finding_at
from yigong.residents import api as residents

NAME = "周秀兰"


def samples(world: World) -> dict[str, Any]:
    """A finding at the health centre with an appeal and its file."""
    township = world.institutions["township"]
    given = residents.NewResident(name=NAME, sex="2", birth_date=date(1955, 6, 7))
    person = residents.register_resident(given=given, actor=world.actor("registrar")).resident.id
    world.people.append(NAME)
    access.open_relationship(resident_id=person, institution_id=township, basis="encounter")
    row = finding_at(township, person)
    appeal = Appeal.objects.create(of=row, text="会诊", made_by="李")
    file = Attachment.objects.create(appeal=appeal, name="会诊单.pdf", kind="application/pdf", content=b"%PDF")
    one = {"suspicion_id": row.id}
    return {
        "review:list": Sample(query="?rule=R02&text=周"), "review:detail": Sample(one), "review:attachment": Sample({"attachment_id": file.id}),
        "review:act": Sample({**one, "action": "notify"}, post={}),
    }  # fmt: skip
