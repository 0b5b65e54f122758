"""The way of a finding."""

from datetime import timedelta
from typing import Any

from yigong.core.actor import Actor
from yigong.core.states.api import State, StateTable, Step, bind
from yigong.insurance.review import policies
from yigong.insurance.review.models import Suspicion
from yigong.insurance.review.rules.definitions import local


def is_here(row: Suspicion, actor: Actor) -> bool:
    """Somebody who works at the institution today."""
    return row.institution_id in actor.institution_ids


def oversees(row: Suspicion, actor: Actor) -> bool:
    """An officer of the institution or of one above it."""
    from yigong.insurance.review.queries.access import places_of

    return row.institution_id in places_of(actor)


def _window(row: Suspicion) -> timedelta:
    return timedelta(days=local().appeal_days)


def _over(row: Any) -> None:
    from yigong.insurance.review.commands.telling import tell_officer

    tell_officer(row)


SUSPICION = StateTable(
    name="review.suspicion",
    states={
        "found": State("待通知"),
        "notified": State("已通知机构", due=_window),
        "appealed": State("机构已申诉"),
        "upheld": State("认定违规"),
        "dismissed": State("不予认定"),
    },
    steps=[
        Step("notify", {"found"}, "notified", "通知机构", policies.DECIDE, oversees),
        Step("appeal", {"notified"}, "appealed", "申诉", policies.APPEAL, is_here),
        Step("uphold", {"notified", "appealed"}, "upheld", "认定违规", policies.DECIDE, oversees, reason_required=True),
        Step("dismiss", {"found", "notified", "appealed"}, "dismissed", "不予认定", policies.DECIDE, oversees, reason_required=True),
        Step("reopen", {"upheld", "dismissed"}, "notified", "撤销认定", policies.DECIDE, oversees, reason_required=True),
    ],
    on_due=_over,
)  # fmt: skip

bind(SUSPICION, Suspicion)
