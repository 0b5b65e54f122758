"""Every workflow of the product, walked pair by pair."""

import uuid

import pytest

from yigong.core.actor import Actor
from yigong.core.errors import Forbidden
from yigong.core.states import api
from yigong.core.states.api import State, StateTable, Step

NOBODY = Actor(name="无权限", role="none")


def bound_tables() -> list[StateTable]:
    """The product's tables; tables that tests declare have no model."""
    return [table for table in api.tables().values() if table.model and table.model._meta.app_label]


def outcome(table: StateTable, state: str, action: str) -> str:
    """What somebody without any right gets for this pair."""
    row = table.model(id=uuid.uuid4(), state=state)
    try:
        api.check(table, row, action, actor=NOBODY, reason="x")
    except api.WrongState:
        return "wrong state"
    except Forbidden:
        return "forbidden"
    return "allowed"


@pytest.mark.django_db
def test_every_pair_of_every_workflow() -> None:
    """Pairs outside the table are wrong states; pairs inside are refused to somebody without rights."""
    walked, bad = 0, []
    for table in bound_tables():
        for state in table.states:
            for action in sorted({step.action for step in table.steps}):
                step = table.step(state, action)
                open_to_all = table.mechanism and step and not step.system_only
                expected = "wrong state" if step is None else "allowed" if open_to_all else "forbidden"
                walked += 1
                if (found := outcome(table, state, action)) != expected:
                    bad.append(f"{table.name}: {action} from {state}: {found}, not {expected}")
    print(f"\n{walked - len(bad)} of {walked} pairs of state and action answer by the table")
    assert walked and not bad, bad


def problems_of(table: StateTable) -> list[str]:
    """What is wrong with the table as a graph."""
    left = {source for step in table.steps for source in step.sources}
    reached = {step.target for step in table.steps}
    first = set(table.states) - reached
    found = [
        f"{s} is final but can be left" for s, state in table.states.items() if state.final and s in left - {"no_show"}
    ]
    found += [f"{s} cannot be left" for s, state in table.states.items() if not state.final and s not in left]
    found += ["every state is entered from another: which one is first?"] if not first and len(table.states) < 2 else []
    clocks = [s for s, state in table.states.items() if state.due is not None]
    found += [f"{clocks} have clocks, but there is no on_due"] if clocks and not table.on_due else []
    return [f"{table.name}: {text}" for text in found]


def test_no_dead_ends_and_no_deaf_clocks() -> None:
    """A state that is not final can be left, a final one cannot, and a clock has somebody who hears it."""
    tables = bound_tables()
    problems = [text for table in tables for text in problems_of(table)]
    print(f"\n{len(tables)} workflows looked at")
    assert tables and not problems, problems


def test_tables_with_clocks_are_bound() -> None:
    """A table of the product with a clock but no model would never ring."""
    deaf = [t.name for t in api.tables().values() if t.on_due and not t.model and not t.name.startswith("test")]
    assert not deaf, f"call states.api.bind for {deaf}"


def test_a_bad_table_is_refused() -> None:
    """Two steps for one pair and an unknown state fail at declaration."""
    a = {"a": State("甲"), "b": State("乙")}
    for steps in ([Step("x", {"a"}, "b", "x"), Step("x", {"a"}, "a", "x")], [Step("x", {"a"}, "c", "x")]):
        with pytest.raises(ValueError):
            StateTable("test.bad", a, steps)
