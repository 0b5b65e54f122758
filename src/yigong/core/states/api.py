"""State tables: one declaration per workflow, one ``transition()`` for all of them.

LOAN = StateTable(
    name="loan",
    states={"open": State("在借", due=timedelta(days=7)), "back": State("已还", final=True)},
    steps=[Step("return", {"open"}, "back", "归还", permission="loan.return")],
)
bind(LOAN, Loan)
transition(LOAN, loan, "return", actor=actor)
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, TypeVar

from django.db import transaction
from django.utils.translation import gettext as _

from yigong.core import clock, statements
from yigong.core.actor import Actor, shown
from yigong.core.commands import racing
from yigong.core.errors import Conflict, Forbidden, InvalidInput, NotFound
from yigong.core.states.models import StateChange, Stateful

S = TypeVar("S", bound=Stateful)
_tables: dict[str, "StateTable"] = {}
_models: dict[str, type[Stateful]] = {}


class WrongState(Conflict):
    """The object is no longer in a state that allows this action."""

    code = "state.wrong"
    message = "当前状态为“%(state)s”，不能%(action)s%(by)s。"


class Stale(Conflict):
    """The page that sent this was made from an older version of the object."""

    code = "state.stale"
    message = "您打开页面之后，内容已被更新%(by)s。请刷新页面核对后再操作。"


class ReasonMissing(InvalidInput):
    """This action needs a reason."""

    code = "state.reason_missing"
    message = "请填写%(action)s的原因。"


@dataclass(frozen=True)
class State:
    """One state: Chinese label, the clock that starts on entering it, whether it ends the workflow.

    ``due`` is a time span or a function of the row returning one (or None for no clock).
    """

    label: str
    due: timedelta | Callable[[Any], timedelta | None] | None = None
    final: bool = False


@dataclass(frozen=True)
class Step:
    """One allowed step. ``guard(row, actor)`` raises a DomainError to refuse; ``who(row, actor)`` says whether the actor is party to it.

    ``system_only`` steps belong to clocks and handlers: no person may take them.
    """

    action: str
    sources: frozenset[str] | set[str]
    target: str
    label: str
    permission: str = ""
    who: Callable[[Any, Actor], bool] | None = None
    guard: Callable[[Any, Actor], None] | None = None
    reason_required: bool = False
    system_only: bool = False


@dataclass(frozen=True)
class StateTable:
    """A named workflow; (state, action) is unique. Declaring it registers it for the clocks and the guard tests.

    ``on_due(row)`` is called once per clock with the row locked; returning a ``timedelta`` starts the clock again for that
    long (a second level of escalation). ``mechanism`` marks a table whose callers decide about rights (ledger holds).
    """

    name: str
    states: Mapping[str, State]
    steps: Sequence[Step]
    on_due: Callable[[Any], timedelta | None] | None = None
    mechanism: bool = False
    _index: dict[tuple[str, str], Step] = field(default_factory=dict, repr=False, compare=False)

    def __post_init__(self) -> None:
        for step in self.steps:
            for source in step.sources:
                unknown = {source, step.target} - set(self.states)
                if unknown or (source, step.action) in self._index:
                    raise ValueError(f"{self.name}: bad step {step.action} from {source}: {unknown or 'twice'}")
                self._index[source, step.action] = step
        _tables[self.name] = self

    @property
    def model(self) -> type[Stateful] | None:
        """The model whose rows move through this table, once ``bind`` was called."""
        return _models.get(self.name)

    def step(self, state: str, action: str) -> Step | None:
        """The step for this pair, or None."""
        return self._index.get((state, action))

    def label(self, state: str) -> str:
        """The state's label in the reader's language."""
        return _(self.states[state].label)

    def actions_for(self, row: Stateful, actor: Actor) -> list[Step]:
        """The steps this actor may take now, for the page's buttons; guards that need the database are not run."""
        return [s for s in self.steps if row.state in s.sources and _may(s, row, actor)]


def bind(table: StateTable, model: type[Stateful]) -> None:
    """Say which model's rows move through the table, so that the clocks find them (call it below the model or in ``ready``)."""
    _models[table.name] = model


def tables() -> dict[str, StateTable]:
    """All declared workflows by name."""
    return dict(_tables)


@racing("states.transition")
@transaction.atomic
def transition(
    table: StateTable,
    row: S,
    action: str,
    *,
    actor: Actor,
    reason: str = "",
    reason_code: str = "",
    expected_version: int | None = None,
    **values: Any,
) -> S:
    """Lock the row, check state, right, reason and guard, write the new state with ``values``, its clock and its history.

    ``expected_version`` is what the user's page showed. Returns the locked, updated row. Raises WrongState (naming who was
    first), Stale, Forbidden, ReasonMissing or what the guard raises.
    """
    found = statements.objects(type(row), "where id = %(id)s for update", {"id": row.pk})
    if not found:
        raise NotFound()
    locked = found[0]
    step = check(table, locked, action, actor=actor, reason=reason, reason_code=reason_code)
    if expected_version is not None and locked.version != expected_version:
        raise Stale(by=_by_whom(locked))
    if step.guard:
        step.guard(locked, actor)
    source = _enter(table, locked, step, values)
    _write(table, locked, action, source, actor, reason, reason_code)
    return locked


def check(
    table: StateTable, row: Stateful, action: str, *, actor: Actor, reason: str = "", reason_code: str = ""
) -> Step:
    """The step that this actor may take from the row's state, or the refusal: WrongState, Forbidden, ReasonMissing."""
    step = table.step(row.state, action)
    if step is None:
        raise _wrong_state(table, row, action)
    if not _may(step, row, actor):
        raise Forbidden(_("您没有“%(action)s”这项权限，请联系本机构管理员。") % {"action": _(step.label)})
    if step.reason_required and not (reason.strip() or reason_code):
        raise ReasonMissing(action=_(step.label))
    return step


def start(table: StateTable, row: Stateful, state: str, *, actor: Actor, reason: str = "") -> None:
    """Give a new, unsaved row its first state and clock; save it and write the first history line."""
    first = begin(table, row, state, actor=actor, reason=reason)
    row.save(force_insert=True)
    first.save(force_insert=True)


def begin(table: StateTable, row: Stateful, state: str, *, actor: Actor, reason: str = "") -> StateChange:
    """The same without writing, for a change that writes all its rows in one statement: gives the unsaved history line."""
    row.state, row.version = state, 1
    row.state_since = clock.now()
    row.due_at = _due(table, row, row.state_since)
    return _change(table, row, "create", "", actor, reason, "")


def start_many(
    table: StateTable, rows: Sequence[S], state: Callable[[S], str], *, actor: Actor, reason: str = ""
) -> None:
    """Give many new, unsaved rows of one model their first states and clocks, in two statements for any number of them."""
    for row in rows:
        row.state, row.version = state(row), 1
        row.state_since = clock.now()
        row.due_at = _due(table, row, row.state_since)
    if rows:
        type(rows[0])._default_manager.bulk_create(rows, batch_size=1000)
        StateChange.objects.bulk_create(
            [_change(table, row, "create", "", actor, reason, "") for row in rows], batch_size=1000
        )


def history(object_id: Any) -> list[StateChange]:
    """All steps of one object, oldest first; the row's own version breaks ties of the same instant."""
    return list(StateChange.objects.filter(object_id=object_id).order_by("version", "at", "id"))


def _may(step: Step, row: Any, actor: Actor) -> bool:
    if actor.is_system:
        return True
    if step.system_only or (step.permission and not actor.has(step.permission)):
        return False
    return step.who is None or step.who(row, actor)


def _enter(table: StateTable, row: Stateful, step: Step, values: dict[str, Any]) -> str:
    source = row.state
    for name, value in values.items():
        setattr(row, name, value)
    row.state, row.state_since = step.target, clock.now()
    row.due_at, row.escalated_at = _due(table, row, row.state_since), None
    row.version += 1
    row.save(update_fields=["state", "state_since", "due_at", "escalated_at", "version", *values])
    return source


def _due(table: StateTable, row: Stateful, since: datetime) -> datetime | None:
    span = table.states[row.state].due
    span = span(row) if callable(span) else span
    return since + span if span is not None else None


def _write(
    table: StateTable, row: Stateful, action: str, source: str, actor: Actor, reason: str, reason_code: str
) -> None:
    _change(table, row, action, source, actor, reason, reason_code).save(force_insert=True)


def _change(
    table: StateTable, row: Stateful, action: str, source: str, actor: Actor, reason: str, reason_code: str
) -> StateChange:
    return StateChange(
        table=table.name,
        object_id=row.pk,
        version=row.version,
        action=action,
        from_state=source,
        to_state=row.state,
        reason=reason.strip(),
        reason_code=reason_code,
        actor_name=actor.name,
        actor_role=actor.role,
        staff_id=actor.staff_id,
        institution_id=actor.institution_id,
        address=actor.address,
        at=row.state_since,
    )


def _wrong_state(table: StateTable, row: Stateful, action: str) -> WrongState:
    label = next((s.label for s in table.steps if s.action == action), action)
    return WrongState(state=table.label(row.state), action=_(label), by=_by_whom(row))


def _by_whom(row: Stateful) -> str:
    last = StateChange.objects.filter(object_id=row.pk).order_by("-version", "-at", "-id").first()
    if last is None:
        return ""
    at = last.at.astimezone(clock.SHANGHAI).strftime("%m-%d %H:%M")
    return _("（%(who)s 已于 %(at)s 处理）") % {"who": shown(last.actor_name), "at": at}
