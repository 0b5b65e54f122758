"""A small county for the tests: hospital, township with a village, a private clinic, one outside; visits, stays and settlements in it."""

from datetime import date, datetime, timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from yigong.core import clock
from yigong.core.actor import system
from yigong.core.ids import new_id
from yigong.core.months import add_months, first_of
from yigong.indicators.commands import computing
from yigong.insurance.budget.tests.world import put
from yigong.network import api as network
from yigong.network.models import Institution
from yigong.records.models import Encounter
from yigong.residents.models import Resident
from yigong.tasks.tests.factories import make_actor, make_institution

BOSS = system("tests")


def this_month(back: int = 0) -> date:
    """This month, or one before it."""
    return add_months(first_of(clock.today()), -back)


def noon(day: date) -> datetime:
    """Noon of a day in China."""
    return datetime(day.year, day.month, day.day, 12, tzinfo=clock.SHANGHAI)


def make_world() -> Any:
    """The houses, the community of the hospital and the township, and people with a role."""
    county = make_institution("清溪县人民医院", "county")
    township = make_institution("石桥镇卫生院", "township", county)
    other = make_institution("河口镇卫生院", "township", county)
    village = make_institution("柳树村卫生室", "village", township)
    clinic = network.create_institution(
        code=f"D{new_id().hex[-8:]}",
        name="康民诊所",
        level="township",
        category="D211",
        ownership="private",
        actor=BOSS,
    ).id
    Institution.objects.filter(pk=county).update(category="A100")
    Institution.objects.filter(pk=village).update(category="D600")
    resident = Resident.objects.create(name="王小明", name_key="王小明", pinyin="wangxiaoming", initials="wxm", sex="1")
    world = SimpleNamespace(
        county=county, township=township, other=other, village=village, clinic=clinic, resident=resident.id,
        bureau=make_actor(county, "bureau", "陈局长"), director=make_actor(county, "director", "王院长"),
        quality=make_actor(county, "quality_manager", "孙质控"), quality2=make_actor(county, "quality_manager", "吴质控"),
        manager=make_actor(township, "township_manager", "周主任"), village_doctor=make_actor(village, "village_doctor", "柳村医"),
    )  # fmt: skip
    alliance = network.create_alliance(kind="community", name="清溪县医共体", actor=BOSS, starts_on=date(2024, 1, 1))
    for house, role in ((county, "lead"), (township, "member")):
        network.join_alliance(
            alliance_id=alliance.id,
            institution_id=house,
            role=role,
            starts_on=date(2024, 1, 1),
            reason="章程",
            actor=BOSS,
        )
    return world


def visit(world: Any, place: UUID, month: date, count: int = 1, **more: Any) -> None:
    """So many visits on the tenth of the month."""
    at = noon(month.replace(day=10))
    facts: dict[str, Any] = {"kind": "outpatient", "class_code": "AMB", "status": "finished", "occurred_at": at} | more
    Encounter.objects.bulk_create(
        [Encounter(resident_id=world.resident, institution_id=place, **facts) for _n in range(count)]
    )


def stay(world: Any, place: UUID, month: date, days: int = 5) -> None:
    """A stay that ended on the twentieth."""
    end = noon(month.replace(day=20))
    visit(world, place, month, kind="inpatient", class_code="IMP", occurred_at=end - timedelta(days=days), ended_at=end)


def settle(world: Any, month: date, pool: int, **more: Any) -> None:
    """A settlement of an insured person of the township."""
    put(month, pool, home_id=world.township, **more)


def full_county(world: Any) -> None:
    """Three months of everything."""
    for back in range(3):
        month = this_month(back)
        visit(world, world.county, month, 30 + back)
        visit(world, world.township, month, 20)
        visit(world, world.village, month, 25)
        visit(world, world.clinic, month, 5)
        stay(world, world.county, month, 7)
        stay(world, world.township, month, 4)
        settle(world, month, 300_000, institution_id=world.county)
        settle(world, month, 60_000, institution_id=world.township, kind="outpatient")
        settle(
            world,
            month,
            400_000,
            institution_id=None,
            place="registered",
            institution_name="省人民医院",
            provisional=back == 0,
            source="return",
        )
    computing.compute_all(since=this_month(3))
