"""Specimens as pages and other rooms see them."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from yigong.centres.pathology.rules.fixation import Fixation


@dataclass(frozen=True, slots=True)
class SpecimenData:
    """One container, block or slide, and where it is; ``fixation`` for containers of tissue that is to be fixed, ``cold`` and ``fixed`` the same in words."""

    id: UUID
    kind: str
    kind_label: str
    code: str
    order_id: UUID
    order_number: str
    case_number: str
    resident_id: UUID
    parent_id: UUID | None
    letter: str
    label: str
    site: str
    pieces: int | None
    stain: str
    result: str
    consignment_id: UUID | None
    state: str
    state_label: str
    where: str
    since: datetime
    due_at: datetime | None
    urgent: bool
    reason: str
    removed_at: datetime | None
    fixed_at: datetime | None
    fixative: str
    received_at: datetime | None
    gross: str
    grossed_at: datetime | None
    grossed_by: str
    recorder: str
    is_additional: bool
    fixation: Fixation | None
    cold: str
    fixed: str


@dataclass(frozen=True, slots=True)
class CaseData:
    """A case under its pathology number, with everything of it in order: containers, their blocks, their slides."""

    order_id: UUID
    number: str
    agreement: str
    agreement_label: str
    agreement_note: str
    specimens: tuple[SpecimenData, ...]

    def of(self, kind: str, parent_id: UUID | None = None) -> list[SpecimenData]:
        """The specimens of a kind, of one parent where it is named."""
        return [s for s in self.specimens if s.kind == kind and (parent_id is None or s.parent_id == parent_id)]
