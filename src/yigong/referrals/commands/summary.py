"""The summary that goes back: a document of the record."""

from yigong.core.actor import Actor
from yigong.referrals.models import Referral


def file(row: Referral, actor: Actor) -> None:
    """Put the feedback into the resident's record as a document of this referral."""
