"""Facts about contracts that other rooms may react to."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from yigong.core.events.api import event


@event("contracts.signed")
@dataclass(frozen=True)
class ContractSigned:
    """A contract became valid; ``signed_on`` is the day."""

    contract_id: UUID
    resident_id: UUID
    team_id: UUID
    institution_id: UUID
    signed_on: date


@event("contracts.ended")
@dataclass(frozen=True)
class ContractEnded:
    """A contract ended before its term or was taken back; ``ending`` is the pack's code, blank when it was taken back."""

    contract_id: UUID
    resident_id: UUID
    institution_id: UUID
    ending: str
    signed_on: date | None


@event("contracts.served")
@dataclass(frozen=True)
class ServiceCounted:
    """What was done under a contract changed: so many services are counted now."""

    contract_id: UUID
    resident_id: UUID
    institution_id: UUID
    done_times: int
    on: date
