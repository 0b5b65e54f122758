"""The way of one drawn report: drawn, (read again,) scored, fed back, put right by a day, checked, closed."""

from datetime import timedelta
from typing import Any

from django.utils.translation import gettext_noop as _n

from yigong.core import clock
from yigong.core.actor import Actor
from yigong.core.states.api import State, StateTable, Step
from yigong.orders.rules.quality import QualityPack, as_drawn

MANAGE, SCORE = "orders.quality", "orders.score"
"""The rights of a quality manager and of whoever scores (declared in ``policies``)."""


def pack_of(row: Any) -> QualityPack:
    """The definition under which a sample was drawn."""
    return as_drawn(row.round.definition, row.round.definition_version)


def manages(row: Any, actor: Actor) -> bool:
    """A quality manager of the centre – but not of his own work."""
    return actor.has(MANAGE) and row.round.institution_id in actor.places and actor.staff_id not in row.parties


def may_score(row: Any, actor: Actor) -> bool:
    """A role of the definition at the centre, who had no hand in the report and, after a second reading, gave it himself."""
    if actor.staff_id is None or actor.staff_id in (*row.parties, *row.earlier):
        return False
    if row.round.institution_id not in actor.places:
        return False
    if row.second_by_id and row.second_by_id != actor.staff_id:
        return False
    return actor.has(SCORE) and actor.role in pack_of(row).scorers


def answers_for(row: Any, actor: Actor) -> bool:
    """Whose work it is; where that is not known, or he is away, a post of the definition at his institution."""
    if row.person_id and row.person_id == actor.staff_id:
        return True
    return row.answerer_id in actor.places and actor.role in pack_of(row).answerers


def _until_rectified(row: Any) -> timedelta:
    return clock.span(row.rectify_by, row.rectify_by)[1] - clock.now()


def _days(name: str) -> Any:
    return lambda row: timedelta(days=getattr(pack_of(row), name))


def _late(row: Any) -> None:
    from yigong.orders.commands.quality import sample_overdue

    sample_overdue(row)


QUALITY_SAMPLE = StateTable(
    name="quality_sample",
    states={
        "drawn": State(_n("待评分"), due=_days("score_days")),
        "read": State(_n("已复读，待评分"), due=_days("score_days")),
        "scored": State(_n("已评分，待反馈"), due=_days("check_days")),
        "feedback": State(_n("待整改"), due=_until_rectified),
        "answered": State(_n("已整改，待复核"), due=_days("check_days")),
        "contested": State(_n("有异议，待复议"), due=_days("check_days")),
        "closed": State(_n("已关闭"), final=True),
        "dropped": State(_n("已剔除"), final=True),
    },
    steps=[
        Step("read", {"drawn"}, "read", _n("复读"), who=may_score),
        Step("score", {"drawn", "read"}, "scored", _n("评分"), who=may_score),
        Step("pass", {"scored"}, "closed", _n("无缺陷关闭"), system_only=True),
        Step("feed_back", {"scored"}, "feedback", _n("反馈"), who=manages),
        Step("answer", {"feedback"}, "answered", _n("登记整改"), who=answers_for),
        Step("contest", {"feedback"}, "contested", _n("提出异议"), who=answers_for, reason_required=True),
        Step("uphold", {"contested"}, "feedback", _n("维持原评分"), who=manages, reason_required=True),
        Step("score_again", {"scored", "contested"}, "drawn", _n("重新评分"), who=manages, reason_required=True),
        Step("send_back", {"answered"}, "feedback", _n("退回再整改"), who=manages, reason_required=True),
        Step("check", {"answered"}, "closed", _n("复核通过"), who=manages),
        Step("drop", {"drawn", "read"}, "dropped", _n("剔除"), who=manages, reason_required=True),
    ],
    on_due=_late,
)  # fmt: skip
