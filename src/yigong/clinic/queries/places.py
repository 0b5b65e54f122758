"""What kind of place an institution is, for prices."""

from uuid import UUID

from yigong.clinic.rules import definitions
from yigong.network import api as network


def level_of(institution_id: UUID) -> str:
    """``P`` at primary care (a village clinic included), else the hospital's level."""
    found = network.institution(institution_id)
    return definitions.level_of(is_primary=network.is_primary_care(institution_id), grade=found.grade)
