"""What other rooms see of contracts."""

from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID


@dataclass(frozen=True, slots=True)
class MemberData:
    """Somebody in a seat of a team."""

    id: UUID
    staff_id: UUID
    name: str
    role: str
    role_title: str
    place: str


@dataclass(frozen=True, slots=True)
class TeamData:
    """A team; ``people`` under valid contracts today, ``warning`` when that is more than the county's limit."""

    id: UUID
    name: str
    institution_id: UUID
    place: str
    is_open: bool
    people: int = 0
    empty: int = 0
    warning: str = ""
    members: tuple[MemberData, ...] = ()
    areas: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ContractData:
    """One contract; days are half-open (``ends_on`` is the first day that no longer counts). Amounts in fen."""

    id: UUID
    number: str
    resident_id: UUID
    team_id: UUID
    team: str
    institution_id: UUID
    packages: tuple[str, ...]
    package_codes: tuple[str, ...]
    groups: tuple[str, ...]
    starts_on: date
    ends_on: date
    term_ends_on: date
    signed_on: date | None
    state: str
    state_label: str
    way_label: str
    signer_note: str
    fee_fen: int
    payers: tuple[tuple[str, int], ...]
    returned_fen: int
    due_times: int
    done_times: int
    first_done_on: date | None
    ending_title: str
    is_running: bool
    is_empty: bool
    days_left: int
    renewed: bool
    version: int

    @property
    def last_day(self) -> date:
        """The last day that counts, as people write a term."""
        return self.ends_on - timedelta(days=1)


@dataclass(frozen=True, slots=True)
class ItemData:
    """One item of a contract: how often it is due in the term, how often done, by which records."""

    package: str
    package_title: str
    item: str
    title: str
    note: str
    times: int
    done: int
    by_hand: bool
    services: tuple["ServiceData", ...] = ()


@dataclass(frozen=True, slots=True)
class ServiceData:
    """A record that fulfils an item; ``url`` opens it where there is a page."""

    id: UUID
    on: date
    place: str
    staff: str
    note: str
    url: str
    by_hand: bool


@dataclass(frozen=True, slots=True)
class Offered:
    """An offered contract with the secret of its link, which is told once."""

    contract: ContractData
    token: str


@dataclass(frozen=True, slots=True)
class Skipped:
    """Somebody who was not signed or renewed, and why."""

    resident_id: UUID
    name: str
    why: str


@dataclass(frozen=True, slots=True)
class SignedMany:
    """What signing several people did."""

    contracts: tuple[ContractData, ...]
    skipped: tuple[Skipped, ...]


@dataclass(frozen=True, slots=True)
class FeeShareData:
    """A team's fee of a year, shared; ``lines`` are (seat, name, fen)."""

    id: UUID | None
    year: int
    until: date
    pool_fen: int
    earned_fen: int
    paid_fen: int
    done_times: int
    due_times: int
    lines: tuple[tuple[str, str, int], ...]
    by: str = ""
    reversed_because: str = ""
