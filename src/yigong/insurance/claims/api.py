"""Settlement lists: the door for other rooms."""

from yigong.insurance.claims.commands.asking import answer_question, ask_doctor, withdraw_question
from yigong.insurance.claims.commands.listing import build_list, check_list, set_own_fields
from yigong.insurance.claims.commands.schemes import end_scheme, import_scheme, put_in_force
from yigong.insurance.claims.commands.sending import (
    appeal_list,
    correct_list,
    decide_appeal,
    take_answer,
    upload_list,
    withdraw_list,
)
from yigong.insurance.claims.gateway import ClaimGateway, register_gateway
from yigong.insurance.claims.grouping import group_codes

__all__ = [
    "ClaimGateway", "answer_question", "appeal_list", "ask_doctor", "build_list", "check_list", "correct_list", "decide_appeal",
    "end_scheme", "group_codes", "import_scheme", "put_in_force", "register_gateway", "set_own_fields", "take_answer", "upload_list", "withdraw_list",
    "withdraw_question",
]  # fmt: skip
