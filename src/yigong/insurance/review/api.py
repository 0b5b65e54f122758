"""Risk checks: the door for other rooms. ``check_bill`` warns a counter before it settles."""

from yigong.insurance.review.commands.deciding import appeal, decide, notify, reopen
from yigong.insurance.review.commands.nightly import run_rules
from yigong.insurance.review.data import Hit
from yigong.insurance.review.queries.checking import check_bill
from yigong.insurance.review.queries.deductions import deducted

__all__ = ["Hit", "appeal", "check_bill", "decide", "deducted", "notify", "reopen", "run_rules"]
