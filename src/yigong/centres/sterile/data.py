"""Packs as other rooms and pages see them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class PackData:
    """One pack: where it is, in which state, and the label of its present round."""

    id: UUID
    number: str
    label: str
    set_code: str
    set_name: str
    state: str
    state_label: str
    holder_id: UUID
    expires_on: date | None
    blocked: bool


@dataclass(frozen=True, slots=True)
class UsedPack:
    """A pack used in a patient; ``recalled`` when it was later called back."""

    label: str
    set_name: str
    used_at: datetime
    used_for: str
    institution_id: UUID
    encounter_id: UUID
    sterilised_on: date | None
    load_number: str
    recalled: bool


@dataclass(frozen=True, slots=True)
class Context:
    """What stands on the scanning page beside the box; each step takes what it needs.

    ``counted`` maps item codes to what was found, ``second`` is the other person (handed over, checked), ``reason`` is for what needs one.
    """

    load_id: UUID | None = None
    delivery_id: UUID | None = None
    encounter_id: UUID | None = None
    second: str = ""
    method: str = ""
    material: str = ""
    infection: str = ""
    used_for: str = ""
    reason: str = ""
    counted: Mapping[str, int] = field(default_factory=dict)


PLAIN = Context()
"""A scan that needs nothing beside the code."""


@dataclass(frozen=True, slots=True)
class Scanned:
    """What a scan did, in words for the operator; ``warning`` when something wants attention."""

    pack: PackData
    action: str
    sentence: str
    warning: str = ""
