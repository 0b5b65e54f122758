"""Assistance: the door for other rooms."""

from yigong.insurance.assistance.commands import NotEligible, check_roll, decide, fund_in, pay, withdraw

__all__ = ["NotEligible", "check_roll", "decide", "fund_in", "pay", "withdraw"]
