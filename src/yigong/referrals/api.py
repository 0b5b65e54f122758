"""Two-way referral: the door for other rooms and for interfaces. Commands are keyword-only and take the actor.

Every command returns ``ReferralData`` and raises a DomainError to refuse: WrongState names who was first.
"""

from yigong.referrals.commands.answers import accept, acknowledge, ask_for_more, keep, redirect, reject, reopen
from yigong.referrals.commands.care import (
    arrive,
    begin_treatment,
    close,
    end_treatment,
    feed_back,
    finish,
    first_visit,
    follow_up,
    give_up,
    refer_down,
    refer_onward,
)
from yigong.referrals.commands.requests import (
    approve,
    cancel,
    change_draft,
    discard,
    recall,
    request_referral,
    return_,
    submit,
)
from yigong.referrals.commands.slots import publish_slots, stop_slots
from yigong.referrals.data import NewReferral, RateData, ReferralData, SlotData
from yigong.referrals.queries.orders import referral_into
from yigong.referrals.queries.reading import inbox, referral
from yigong.referrals.queries.slots import slots_of

__all__ = [
    "NewReferral",
    "RateData",
    "ReferralData",
    "SlotData",
    "accept",
    "acknowledge",
    "approve",
    "arrive",
    "ask_for_more",
    "begin_treatment",
    "cancel",
    "change_draft",
    "close",
    "discard",
    "end_treatment",
    "feed_back",
    "finish",
    "first_visit",
    "follow_up",
    "give_up",
    "inbox",
    "keep",
    "publish_slots",
    "recall",
    "redirect",
    "refer_down",
    "refer_onward",
    "referral",
    "referral_into",
    "reject",
    "reopen",
    "request_referral",
    "return_",
    "slots_of",
    "stop_slots",
    "submit",
]
