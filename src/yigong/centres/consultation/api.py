"""The consultation centre's door. Commands take keyword arguments and an actor."""

from yigong.centres.consultation.commands.closing import evaluate
from yigong.centres.consultation.commands.following import answer_advice, reopen_advice
from yigong.centres.consultation.commands.inviting import answer, invite, replace, reschedule, set_meeting, withdraw
from yigong.centres.consultation.commands.meeting import begin, finish
from yigong.centres.consultation.commands.opining import amend, conclude, sign_opinion
from yigong.centres.consultation.commands.requesting import add_records, request_consultation
from yigong.centres.consultation.data import AdviceLine, Conclusion, Invitee, NewConsultation

__all__ = [
    "AdviceLine",
    "Conclusion",
    "Invitee",
    "NewConsultation",
    "add_records",
    "amend",
    "answer",
    "answer_advice",
    "begin",
    "conclude",
    "evaluate",
    "finish",
    "invite",
    "reopen_advice",
    "replace",
    "request_consultation",
    "reschedule",
    "set_meeting",
    "sign_opinion",
    "withdraw",
]
