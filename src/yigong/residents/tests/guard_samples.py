"""A resident with whom every house has to do, for the guards that walk every address."""

from datetime import date
from typing import Any

from tests.guards.world import Sample, World

from yigong.access import api as access
from yigong.residents import api
from yigong.residents.data import GivenNumber, NewResident
from yigong.residents.models import CandidatePair
from yigong.residents.tests.factories import citizen_number

NAME = "钱守义"


def samples(world: World) -> dict[str, Any]:
    """One person's file, found by name and by initials."""
    born = date(1957, 9, 2)
    given = NewResident(name=NAME, sex="1", birth_date=born, numbers=(GivenNumber("01", citizen_number(born)),))
    person = api.register_resident(given=given, actor=world.actor("village_doctor")).resident.id
    for house in world.institutions.values():
        access.open_relationship(resident_id=person, institution_id=house, basis="encounter")
    world.things["person"] = person
    world.people.append(NAME)
    one = {"resident_id": person}
    keeper = world.actor("identity_manager")
    twin = api.register_resident(given=NewResident("钱守艺", "1", date(1958, 1, 1)), actor=keeper).resident.id
    done = api.merge_residents(survivor_id=person, other_id=twin, reason="同一人", actor=keeper)
    third = api.register_resident(given=NewResident("钱守一", "1", date(1959, 1, 1)), actor=keeper).resident.id
    left, right = sorted((person, third))
    score = {"weight": 9.0, "probability": 0.99, "verdict": "link", "gain": 1.0, "found_by": "job"}
    pair = CandidatePair.objects.create(left_id=left, right_id=right, **score)
    record = str(done.records[0])
    clerk = world.actor("registrar")
    household = api.found_household(
        head_id=person, division_code="530181001001", address="三组 1 号", reason="立户", actor=clerk
    )
    return {
        "residents:households": Sample(query=f"?q={NAME}"),
        "residents:household_options": Sample(query="?q=qsy"),
        "residents:place_options": Sample(query="?q=柳"),
        "residents:places": Sample(query="?code=530181"),
        "residents:household": Sample({"household_id": household}),
        "residents:household_change": Sample({"household_id": household, "action": "move_in"}),
        "residents:household_member": Sample(one | {"action": "found"}),
        "residents:detail": Sample(one),
        "residents:reveal": Sample(one, post={}),
        "residents:change": Sample(one),
        "residents:close": Sample(one),
        "residents:search": Sample(query=f"?q={NAME}"),
        "residents:index": Sample(one),
        "residents:merge": Sample(one, f"?other={third}"),
        "residents:split": Sample(one, f"?record={record}"),
        "residents:link": Sample({"record_id": record}, f"?other={third}"),
        "residents:operation": Sample({"operation_id": done.id}),
        "residents:desk": Sample(),
        "residents:pair": Sample({"pair_id": pair.id}),
        "residents:group": Sample({"pair_id": pair.id}),
        "residents:operations": Sample(query="?state=all"),
        "residents:options": Sample(query="?q=qsy"),
    }
