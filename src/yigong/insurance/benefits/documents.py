"""Plans as documents, for rooms that change a copy of one: nothing that is done to a document reaches the plan."""

from typing import Any

import msgspec


def plan_documents(scheme: str = "") -> list[dict[str, Any]]:
    """The plans in force and to come within a year as plain documents, of one scheme or of all."""
    # Here, because the packs need the database, and the engine must be usable in a process that has none.
    from yigong.insurance.benefits.plans import known_plans

    return [msgspec.to_builtins(plan) for plan in known_plans() if not scheme or plan.insurance == scheme]
