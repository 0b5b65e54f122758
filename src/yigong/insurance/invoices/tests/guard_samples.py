"""An invoice and a block for the guards."""

from typing import Any
from uuid import uuid4

from tests.guards.world import Sample, World

from yigong.access import api as access
from yigong.core.numbers import api as numbers
from yigong.insurance.invoices import api
from yigong.insurance.invoices.data import NewInvoice

NAME = "孙小满"


def samples(world: World) -> dict[str, Any]:
    """Addresses with keys."""
    county, person, desk = world.institutions["county"], world.things["person"], world.actor("registrar")
    clerk = world.actor("insurance_clerk")
    access.open_relationship(resident_id=person, institution_id=county, basis="encounter")
    block = {"institution_id": county, "kind": "outpatient", "first": "0001", "last": "0099", "source": "领用单 1"}
    api.open_numbers(code="3506", actor=clerk, **block)
    given = NewInvoice(
        uuid4(), "JS1", "outpatient", county, "县医院", person, NAME, 1000, 600, 0, 0, 400, 400, 0, {"05": 1000}
    )
    world.people.append(NAME)
    row = api.issue(given=given, actor=desk)
    rest = numbers.blocks_of([str(county)])[0]
    return {
        "invoices:detail": Sample({"invoice_id": row.id}),
        "invoices:print": Sample({"invoice_id": row.id}),
        "invoices:close_block": Sample({"block_id": rest.id}, post={"institution": str(county), "reason": "试"}),
    }
