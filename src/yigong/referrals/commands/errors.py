"""Refusals of this room."""

from yigong.core.errors import Conflict, Forbidden, InvalidInput
from yigong.referrals.data import SlotData


class WrongDirection(InvalidInput):
    """The direction contradicts the institutions."""

    code = "referral.wrong_direction"


class NotYourInstitution(Forbidden):
    """Nobody refers in another institution's name."""

    code = "referral.not_your_institution"
    message = "只能以本机构（%(place)s）的名义转诊。"


class SimilarReferral(InvalidInput):
    """The same patient already has an open referral to the same place."""

    code = "referral.similar"


class SlotTaken(Conflict):
    """The last place went to somebody else; ``alternatives`` are sheets of the same department with places left."""

    code = "referral.slot_taken"
    message = "%(slot)s 的号源（床位）刚刚被占用。%(others)s"

    def __init__(self, *, slot: str, others: str, alternatives: list[SlotData]) -> None:
        super().__init__(slot=slot, others=others)
        self.alternatives = alternatives


class NotFitting(InvalidInput):
    """Fields are missing or do not fit together."""

    code = "referral.not_fitting"


class WrongPatient(InvalidInput):
    """The two identifiers at the desk do not both fit."""

    code = "referral.wrong_patient"
