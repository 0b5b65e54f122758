"""What crosses the border of the room. Money in fen."""

from yigong.insurance.budget.queries.clearing import Reckoning
from yigong.insurance.budget.queries.use import Month, Overview

__all__ = ["Month", "Overview", "Reckoning"]
