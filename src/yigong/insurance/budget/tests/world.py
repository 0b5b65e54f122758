"""A small county of the fund for the tests: three houses, their people, facts and cases."""

from datetime import date
from decimal import Decimal
from types import SimpleNamespace
from typing import Any
from uuid import UUID, uuid4

from yigong.access.api import create_account
from yigong.access.models import Account
from yigong.core.actor import Actor, system
from yigong.insurance.budget import api
from yigong.insurance.budget.models import BudgetMonth, FundCase, FundFact
from yigong.tasks.tests.factories import make_actor, make_institution

SCHEME, REGION = "390", "990100"


def make_world() -> Any:
    """County hospital, township centre, village clinic; clerk, second clerk, director, bureau, township manager."""
    county = make_institution("清溪县人民医院", "county")
    township = make_institution("石桥镇卫生院", "township", county)
    village = make_institution("柳树村卫生室", "village", township)
    return SimpleNamespace(
        county=county, township=township, village=village,
        clerk=make_actor(county, "insurance_clerk", "李医保"), clerk2=make_actor(county, "insurance_clerk", "赵医保"),
        director=make_actor(county, "director", "王院长"), bureau=make_actor(county, "bureau", "陈局长"),
        manager=make_actor(township, "township_manager", "周主任"),
    )  # fmt: skip


def put(month: date, pool: int, **more: Any) -> FundFact:
    """A settlement: total is pool and as much again from the person, unless said otherwise."""
    total = more.pop("total", 2 * pool)
    key = more.pop("key", str(uuid4()))
    values: dict[str, Any] = {
        "key": key, "source": "settlement", "ref": key[:60], "region": REGION, "scheme": SCHEME, "month": month,
        "booked": more.pop("booked", month), "settled_on": month, "kind": "inpatient", "total": total, "in_scope": total, "pool": pool,
        "person": total - pool, "level": "2",
    }  # fmt: skip
    return FundFact.objects.create(**values | more)


def put_case(institution: UUID, group: str, cost: int, **more: Any) -> FundCase:
    """A case of 2025 whose pool is 60 % of the cost."""
    values: dict[str, Any] = {
        "institution_id": institution, "scheme": SCHEME, "month": date(2025, 3, 1), "discharged_on": date(2025, 3, 9), "days": 8,
        "level": "2", "group": group, "group_name": f"病组{group}", "cost": cost, "deductible": 45_000, "ratio": 780_000,
        "why_not": "" if group else "主要诊断未编码", "pool": cost * 6 // 10, "person": cost - cost * 6 // 10,
    }  # fmt: skip
    return FundCase.objects.create(**values | more)


def package(world: Any, year: int = 2025, insured: int = 1000) -> UUID:
    """A package in force."""
    key = api.make_package(scheme=SCHEME, year=year, insured=insured, actor=world.clerk)
    for action in ("publish", "begin"):
        api.move_package(package_id=key, action=action, actor=world.director)
    return key


def close_year(year: int = 2025) -> None:
    """All months closed, as the clerk would do one by one."""
    for number in range(1, 13):
        BudgetMonth.objects.create(region=REGION, scheme=SCHEME, month=date(year, number, 1), closed_by="李医保")


def frozen(world: Any, year: int = 2025, scores: tuple[str, str, str] = ("88", "90", "95")) -> UUID:
    """An appraisal signed by the director."""
    members = {world.county: "county", world.township: "township", world.village: "village"}
    key = api.new_appraisal(
        scheme=SCHEME, year=year, community_score=Decimal("86.5"), members=members, actor=world.clerk
    )
    told = {house: (Decimal(score), "考核表") for house, score in zip(members, scores, strict=True)}
    api.score_members(appraisal_id=key, scores=told, actor=world.clerk)
    api.move_appraisal(appraisal_id=key, action="check", actor=world.clerk)
    api.move_appraisal(appraisal_id=key, action="sign", actor=world.director)
    return key


def browser(actor: Actor) -> Any:
    """A signed-in browser of the actor."""
    from django.test import Client

    made = create_account(
        staff_id=actor.staff_id, username=f"u{uuid4().hex[:10]}", password="Liu-shu-cun-7", must_change_password=False,
        actor=system("tests"),
    )  # fmt: skip
    client = Client()
    client.force_login(Account.objects.get(pk=made.id))
    return client
