"""A cleared year of 2025 for the guards, and one of each thing that has a page."""

from datetime import date
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

from tests.guards.world import Sample

from yigong.insurance.budget import api
from yigong.insurance.budget.bulk import load_settlements
from yigong.insurance.budget.models import Statement, WhatIf
from yigong.insurance.budget.tests.test_returns import line
from yigong.insurance.budget.tests.world import SCHEME, close_year, frozen, package, put, put_case


def samples(world: Any) -> dict[str, Any]:
    """Addresses with keys; the township's own statement and case, so that its manager is shown something."""
    houses = world.institutions
    mine = SimpleNamespace(
        county=houses["county"], township=houses["township"], village=houses["village"], clerk=world.actor("insurance_clerk"),
        director=world.actor("director"), manager=world.actor("township_manager"),
    )  # fmt: skip
    case = put_case(mine.township, "FM19", 600_000, month=date(2025, 3, 1))
    spare = put_case(mine.township, "FM19", 500_000, month=date(2025, 4, 1))
    weights = api.weigh_history(scheme=SCHEME, year=2025, history=[2025], predicted=10**7, actor=mine.clerk)
    api.move_weights(set_id=weights, action="adopt", actor=mine.director)
    put(date(2025, 3, 1), 360_000, institution_id=mine.township, home_id=mine.township, resident_id=uuid4())
    api.calculate_month(scheme=SCHEME, month=date(2025, 3, 1), actor=mine.clerk)
    for number in range(1, 13):
        put(date(2025, number, 1), 100, institution_id=mine.township, home_id=mine.township, kind="chronic")
        api.calculate_month(scheme=SCHEME, month=date(2025, number, 1), actor=mine.clerk)
        for key in api.statements_to_pay(date(2025, number, 1), [mine.township]):
            api.pay_statement(statement_id=key, scheme=SCHEME, actor=mine.clerk)
    special = api.ask_special(case_id=case.id, asked=700_000, evidence="见病程记录", actor=mine.manager)
    load_settlements([line("G1", final=True)], mine.clerk)
    made = package(mine)
    signed = frozen(mine)
    close_year()
    closed = Sample({"close_id": api.close_year(scheme=SCHEME, year=2025, kind="head", actor=mine.clerk)})
    cleared = api.clear_year(package_id=made, actor=mine.clerk)
    tried = WhatIf.objects.create(
        title="试", year=2025, scheme=SCHEME, plan_code="resident-demo", plan_version="2026.1", made_by="x",
        changes={"plan": [{"kind": "inpatient", "level": "2", "level_title": "县级医院", "deductible": "", "ratio": "0.8"}]},
    )  # fmt: skip
    statement = Sample({"statement_id": Statement.objects.get(institution_id=mine.township, month=date(2025, 3, 1)).id})
    year = Sample(query="?year=2025")
    return {
        "budget:overview": year, "budget:breakdown": year, "budget:clearing": year, "budget:preview": year, "budget:indicators": year,
        "budget:cases": year, "budget:statements": year, "budget:methods": Sample(query="?year=2025&month=2025-03"),
        "budget:case": Sample({"case_id": case.id}), "budget:year_ends": year, "budget:year_end": closed, "budget:print_year_end": closed,
        "budget:package": Sample({"package_id": made}),
        "budget:weight_set": Sample({"set_id": weights}), "budget:statement": statement, "budget:print_statement": statement,
        "budget:ask_special": Sample({"case_id": spare.id}), "budget:special": Sample({"request_id": special}),
        "budget:appraisal": Sample({"appraisal_id": signed}), "budget:cleared": Sample({"clearing_id": cleared}),
        "budget:print_clearing": Sample({"clearing_id": cleared}), "budget:what_if": Sample({"what_if_id": tried.id}),
    }  # fmt: skip
