"""Objects of this room for the guards that walk every address."""

from datetime import date, timedelta
from typing import Any

from tests.guards.world import Sample, World

from yigong.access import api as access
from yigong.contracts import api
from yigong.contracts.models import Service
from yigong.core import clock
from yigong.core.actor import system
from yigong.programmes import api as programmes
from yigong.residents import api as residents

NAME = "司马春兰"
BOSS = system("guards")


def samples(world: World) -> dict[str, Any]:
    """A signed woman with a service by hand, an offered contract, a team with a fee."""
    doctor, places = world.actor("village_doctor"), world.institutions
    house = residents.create_household(number="GUARD-Q", address="9号", division_code="", actor=doctor)
    given = residents.NewResident(
        name=NAME, sex="2", birth_date=date(1957, 4, 3), managing_institution_id=places["village"], household_id=house
    )
    person = residents.register_resident(given=given, actor=doctor).resident.id
    world.people.append(NAME)
    for place in ("county", "township"):
        access.open_relationship(resident_id=person, institution_id=places[place], basis="encounter")
    programmes.enrol(resident_id=person, programme="hypertension", actor=doctor, institution_id=places["village"])
    team = api.create_team(name="石桥镇团队", institution_id=places["township"], actor=BOSS)
    for role, seat in (("gp", "leader"), ("village_doctor", "village")):
        api.add_member(team_id=team, staff_id=world.actor(role).staff_id, role=seat, actor=BOSS)
    begins = clock.today() - timedelta(days=330)  # so that a renewal can be seen
    signed = api.sign_contract(resident_id=person, team_id=team, packages=["basic"], starts_on=begins, actor=doctor)
    api.note_service(contract_id=signed.id, package="basic", item="education", note="讲座", actor=doctor)
    api.refresh_groups(actor=BOSS)
    world.things["contract"], world.things["team"] = signed.id, team
    one, of_team = {"contract_id": signed.id}, {"team_id": team}
    return {
        "contracts:list": Sample(query="?tab="),
        "contracts:detail": Sample(one),
        "contracts:print": Sample(one),
        "contracts:act": Sample({**one, "action": "end"}),
        "contracts:undo_service": Sample(
            {"service_id": Service.objects.get(contract=signed.id).id}, post={"reason": "登错人"}
        ),
        "contracts:sign": Sample({"resident_id": person}),
        "contracts:offer": Sample({"resident_id": person}),
        "contracts:household": Sample({"household_id": house}),
        "contracts:renewals": Sample(),
        "contracts:team": Sample(of_team),
        "contracts:fee": Sample(of_team),
        "contracts:team_act": Sample({**of_team, "action": "close"}),
        "contracts:team_options": Sample(query="?q=石桥"),
        "contracts:staff_options": Sample(query="?q=试"),
        "contracts:places": Sample(query="?q=石桥"),
        "contracts:team_rates": Sample(query="?programme=hypertension"),
        "contracts:team_rows": Sample({**of_team, "programme": "hypertension", "rate": "standard"}),
        "contracts:rates": Sample(query="?code=signing"),
        "contracts:rate_rows": Sample({"code": "signing"}, query="?side=counted"),
    }
