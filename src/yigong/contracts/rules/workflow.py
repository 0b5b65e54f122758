"""The states of a contract."""

from datetime import datetime, time, timedelta
from typing import Any

from django.utils.translation import gettext_noop as _

from yigong.contracts import policies
from yigong.contracts.rules.packs import rules
from yigong.core import clock
from yigong.core.actor import system
from yigong.core.states.api import State, StateTable, Step, transition


def _confirm(row: Any) -> timedelta:
    return timedelta(days=rules(row.starts_on).confirm_days)


def _term(row: Any) -> timedelta:
    return datetime.combine(row.ends_on, time(0), clock.SHANGHAI) - clock.now()


def _over(row: Any) -> None:
    action = "lapse" if row.state == "offered" else "expire"
    transition(CONTRACT, row, action, actor=system("clock"))


CONTRACT = StateTable(
    name="contract",
    states={
        "offered": State(_("待居民确认"), due=_confirm),
        "valid": State(_("有效"), due=_term),
        "ended": State(_("已解约")),
        "expired": State(_("已期满"), final=True),
        "withdrawn": State(_("已撤销"), final=True),
        "lapsed": State(_("逾期未确认"), final=True),
    },
    steps=[
        Step("confirm", {"offered"}, "valid", _("居民确认"), system_only=True),
        Step("lapse", {"offered"}, "lapsed", _("逾期未确认"), system_only=True),
        Step("withdraw", {"offered"}, "withdrawn", _("撤回"), permission=policies.SIGN, reason_required=True),
        Step("revoke", {"valid"}, "withdrawn", _("撤销签约"), permission=policies.SIGN, reason_required=True),
        Step("transfer", {"valid"}, "valid", _("转签"), permission=policies.SIGN, reason_required=True),
        Step("end", {"valid"}, "ended", _("解约"), permission=policies.SIGN, reason_required=True),
        Step("close", {"valid"}, "ended", _("自动解约"), system_only=True),
        Step("reopen", {"ended"}, "valid", _("恢复协议"), permission=policies.SIGN, reason_required=True),
        Step("revive", {"ended"}, "valid", _("自动恢复"), system_only=True),
        Step("expire", {"valid"}, "expired", _("期满"), system_only=True),
    ],
    on_due=_over,
)
COUNTS = ("valid", "ended", "expired")
"""States in which a contract held for its days: none of two of one person may overlap."""
