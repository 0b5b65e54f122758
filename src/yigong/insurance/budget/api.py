"""The budget: the door for other rooms."""

from yigong.insurance.budget.commands.calculating import calculate_month
from yigong.insurance.budget.commands.clearing import (
    clear_year,
    move_appraisal,
    new_appraisal,
    reverse_clearing,
    score_members,
    set_apart,
)
from yigong.insurance.budget.commands.facts import build_sums, count_in
from yigong.insurance.budget.commands.months import close_month
from yigong.insurance.budget.commands.packages import change_package, make_package, move_package
from yigong.insurance.budget.commands.paying import (
    ask_special,
    decide_special,
    pay_statement,
    recall_special,
    release_deposit,
)
from yigong.insurance.budget.commands.weights import move_weights, weigh_history
from yigong.insurance.budget.commands.whatif import ask_what_if
from yigong.insurance.budget.commands.year_end import close_year, reopen_year
from yigong.insurance.budget.errors import TooManySpecial
from yigong.insurance.budget.queries.clearing import community_members, reckoning
from yigong.insurance.budget.queries.paying import beyond_their_group, inpatient_cost, statements_to_pay
from yigong.insurance.budget.queries.rates import Expected, expected_payment
from yigong.insurance.budget.queries.use import overview, used
from yigong.insurance.budget.rules.money import yuan

__all__ = [
    "Expected", "TooManySpecial", "ask_special", "ask_what_if", "beyond_their_group", "build_sums", "calculate_month", "change_package", "clear_year", "close_month", "close_year",
    "community_members", "count_in", "decide_special", "expected_payment",
    "inpatient_cost", "make_package", "move_appraisal", "move_package", "move_weights",
    "new_appraisal", "overview", "pay_statement", "recall_special", "reckoning", "release_deposit", "reopen_year", "reverse_clearing", "score_members",
    "set_apart", "statements_to_pay", "used", "weigh_history",
    "yuan",
]  # fmt: skip
