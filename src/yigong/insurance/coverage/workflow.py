"""The way of an application for an entitlement."""

from typing import Any

from django.utils.translation import gettext as _

from yigong.core.actor import Actor
from yigong.core.errors import Forbidden
from yigong.core.states.api import State, StateTable, Step
from yigong.insurance.coverage import policies


def _own(row: Any, actor: Actor) -> bool:
    return row.institution_id in actor.places


def _not_the_own(row: Any, actor: Actor) -> None:
    """Nobody decides on what they asked for themselves."""
    if not actor.is_system and row.doctor_id is not None and row.doctor_id == actor.staff_id:
        raise Forbidden(_("不能审核自己提交的申报，请由医保办其他人员审核。"))


APPLICATION = StateTable(
    name="coverage.application",
    states={
        "asked": State("待审核"),
        "returned": State("退回补正"),
        "granted": State("已认定", final=True),
        "refused": State("不予认定", final=True),
        "recalled": State("已撤回", final=True),
    },
    steps=[
        Step("grant", {"asked"}, "granted", "认定", permission=policies.KEEP, guard=_not_the_own),
        Step(
            "return",
            {"asked"},
            "returned",
            "退回补正",
            permission=policies.KEEP,
            guard=_not_the_own,
            reason_required=True,
        ),
        Step(
            "refuse",
            {"asked"},
            "refused",
            "不予认定",
            permission=policies.KEEP,
            guard=_not_the_own,
            reason_required=True,
        ),
        Step("resubmit", {"returned"}, "asked", "补正后再报", permission=policies.APPLY, who=_own),
        Step(
            "recall",
            {"asked", "returned"},
            "recalled",
            "撤回",
            permission=policies.APPLY,
            who=_own,
            reason_required=True,
        ),
    ],
)
