"""Assistance: the door for other rooms."""

from yigong.insurance.assistance.commands import NotEligible, check_roll, decide, fund_in, pay, withdraw
from yigong.insurance.assistance.queries import differences_of

__all__ = ["NotEligible", "check_roll", "decide", "differences_of", "fund_in", "pay", "withdraw"]
