"""What other rooms see of residents."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypeVar
from uuid import UUID

from yigong.core.paging import Page

T = TypeVar("T")


COUNTED = 1000


@dataclass(frozen=True, slots=True)
class CappedPage(Page[T]):
    """A page whose total is counted only a little beyond ``COUNTED``."""

    @property
    def total_text(self) -> str:
        """The total as the page shows it: ``1000+`` beyond the cap."""
        total = self.total or 0
        return f"{COUNTED}+" if total > COUNTED else str(total)

    def __iter__(self) -> Iterator[T]:
        return iter(self.items)


@dataclass(frozen=True, slots=True)
class GivenNumber:
    """A document number as typed: kind by CV02.01.101 (see ``residents.rules.numbers``), value in any common form."""

    kind: str
    value: str
    issuer: str = ""


@dataclass(frozen=True, slots=True)
class NewResident:
    """What a registration gives. Texts as typed; ``mother_id`` with ``is_newborn`` for a child without a name of its own."""

    name: str = ""
    sex: str = "0"
    birth_date: date | None = None
    birth_precision: str = "day"
    numbers: tuple[GivenNumber, ...] = ()
    phone: str = ""
    ethnicity: str = ""
    archive_number: str = ""
    division_code: str = ""
    township: str = ""
    village: str = ""
    address: str = ""
    household_id: UUID | None = None
    relation_to_head: str = ""
    managing_institution_id: UUID | None = None
    is_newborn: bool = False
    birth_order: int | None = None
    mother_id: UUID | None = None
    guardian_name: str = ""
    guardian_relation: str = ""
    guardian_phone: str = ""
    is_test: bool = False


@dataclass(frozen=True, slots=True)
class MaskedNumber:
    """A document number for display."""

    id: UUID
    kind: str
    kind_label: str
    masked: str


@dataclass(frozen=True, slots=True)
class ResidentName:
    """The least one needs in a list of objects: name, sex and age as text, masked citizen number."""

    id: UUID
    name: str
    sex: str
    sex_label: str
    age_text: str
    masked_number: str
    status: str = "active"


@dataclass(frozen=True, slots=True)
class Lifespan:
    """What a calculation needs of a person."""

    birth_date: date | None
    status: str
    closed_on: date | None


@dataclass(frozen=True, slots=True)
class Dwelling:
    """Where somebody lives, for going there."""

    id: UUID
    household_id: UUID | None
    division_code: str
    village: str
    address: str


@dataclass(frozen=True, slots=True)
class ResidentRow:
    """One hit of a search: minimal identity, masked."""

    id: UUID
    name: str
    sex: str
    sex_label: str
    birth_date: date | None
    age_text: str
    masked_number: str
    masked_phone: str
    place: str
    status: str
    status_label: str
    is_mine: bool
    is_test: bool


@dataclass(frozen=True, slots=True)
class NearMatch:
    """A person who may be the one being registered. ``certainty``: ``certain`` (same number), ``likely`` or ``possible``;
    ``reasons`` are Chinese sentences for the comparison, ``probability`` the matcher's."""

    resident: ResidentRow
    certainty: str
    reasons: tuple[str, ...]
    same_name: bool
    probability: float | None = None


@dataclass(frozen=True, slots=True)
class DocumentUse:
    """A document number under somebody's name; ``is_unique``: one living person per number."""

    identifier_id: UUID
    resident_id: UUID
    kind: str
    kind_label: str
    is_active: bool
    is_unique: bool


@dataclass(frozen=True, slots=True)
class MemberData:
    """A person in a household; ``relation`` to the head by GB/T 4761 (02 the head)."""

    resident_id: UUID
    name: str
    sex: str
    sex_label: str
    age_years: int | None
    age_text: str
    birth_date: date | None
    masked_number: str
    relation: str
    relation_label: str
    status: str
    status_label: str

    @property
    def is_head(self) -> bool:
        """Whether the register says head of the household."""
        return self.relation in ("01", "02")


@dataclass(frozen=True, slots=True)
class HouseholdRow:
    """A household in a list; ``members`` counts the living, ``found`` names those of them, besides the head, whom the question meant."""

    id: UUID
    number: str
    head_id: UUID | None
    head_name: str
    head_status: str
    members: int
    place: str
    address: str
    found: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class HouseholdData:
    """A household: who lives there. ``needs_head``: nobody living is its head although somebody lives there."""

    id: UUID
    number: str
    division_code: str
    place: str
    address: str
    head_id: UUID | None
    merged_into_id: UUID | None
    members: tuple[MemberData, ...]

    @property
    def living(self) -> tuple[MemberData, ...]:
        """Members whose file is open."""
        return tuple(m for m in self.members if m.status == "active")

    @property
    def needs_head(self) -> bool:
        """Whether a head must be named."""
        return bool(self.living) and not any(m.resident_id == self.head_id for m in self.living)


@dataclass(frozen=True, slots=True)
class HouseholdMoveData:
    """One line of a household's history; ``other`` is the household on the other side, where there is one."""

    kind: str
    kind_label: str
    name: str
    relation_label: str
    came: bool
    other_id: UUID | None
    on: date
    reason: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class PlaceCount:
    """A place with what lives in it."""

    code: str
    name: str
    level: str
    households: int
    people: int


@dataclass(frozen=True, slots=True)
class ScanAnswer:
    """What a scanned or typed code means: a sentence when something is wrong or worth knowing, and the address to go on to (empty: none).

    ``is_good`` false: the code must not be used. ``goes_on`` true: follow the address at once.
    """

    sentence: str
    url: str = ""
    url_label: str = ""
    is_good: bool = False
    goes_on: bool = False


@dataclass(frozen=True, slots=True)
class ContactData:
    """Somebody to call; ``masked_phone`` for display."""

    id: UUID
    name: str
    relation: str
    relation_label: str
    masked_phone: str
    is_guardian: bool
    person_id: UUID | None


@dataclass(frozen=True, slots=True)
class ResidentData:
    """The golden view of one person as a page or a form needs it; numbers and phone masked."""

    id: UUID
    name: str
    sex: str
    sex_label: str
    birth_date: date | None
    birth_precision: str
    age_years: int | None
    age_text: str
    ethnicity: str
    ethnicity_label: str
    masked_number: str
    masked_phone: str
    archive_number: str
    division_code: str
    township: str
    village: str
    address: str
    household_id: UUID | None
    relation_to_head: str
    managing_institution_id: UUID | None
    is_newborn: bool
    is_test: bool
    status: str
    status_label: str
    closed_on: date | None
    closed_reason: str
    version: int
    numbers: tuple[MaskedNumber, ...] = ()
    contacts: tuple[ContactData, ...] = ()

    @property
    def place(self) -> str:
        """Township, village and the rest in one line."""
        return "".join((self.township, self.village, self.address))


@dataclass(frozen=True, slots=True)
class Registered:
    """The answer to a registration: the person, the source record, whether this very request had been carried out before."""

    resident: ResidentData
    source_record_id: UUID
    repeated: bool = False


@dataclass(frozen=True, slots=True)
class SourceRecordData:
    """Where a person's particulars came from."""

    id: UUID
    institution_id: UUID | None
    system: str
    local_number: str
    resident_id: UUID
    since: datetime
    given: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class LinkOperationData:
    """A merge, split, link, unlink or undo: ``records`` went from ``origin`` to ``target`` (``state`` waiting: they will). ``moved`` names them as they
    were registered, since both sides are the same person once they are one."""

    id: UUID
    kind: str
    kind_label: str
    state: str
    state_label: str
    origin_id: UUID
    target_id: UUID
    origin_name: str
    target_name: str
    records: tuple[UUID, ...]
    moved: str
    reason: str
    why_two: str
    by: str
    staff_id: UUID | None
    asked_at: datetime
    done_at: datetime | None
    second_by: str
    second_note: str
    undoes_id: UUID | None


@dataclass(frozen=True, slots=True)
class PairData:
    """Two identities that may be one person. ``verdict`` is the score's (``link`` or ``review``), ``state`` the desk's."""

    id: UUID
    left: ResidentRow
    right: ResidentRow
    weight: float
    probability: float
    verdict: str
    gain: float
    is_safe: bool
    found_by: str
    found_at: datetime
    state: str
    state_label: str
    reason: str
    decided_by: str
    decided_at: datetime | None
    operation_id: UUID | None


@dataclass(frozen=True, slots=True)
class PairStatistics:
    """Decisions by what the score had said; the shares are None before there was one."""

    waiting: int
    link_same: int
    link_different: int
    review_same: int
    review_different: int

    @property
    def link_precision(self) -> float | None:
        """Of the decided pairs that the score would have linked by itself, the share that was one person."""
        decided = self.link_same + self.link_different
        return self.link_same / decided if decided else None

    @property
    def review_share(self) -> float | None:
        """Of the decided pairs that the score sent to review, the share that was one person."""
        decided = self.review_same + self.review_different
        return self.review_same / decided if decided else None


@dataclass(frozen=True, slots=True)
class FieldOrigin:
    """One field of the golden view: its text (phone masked), the record it comes from and why that one."""

    unit: str
    label: str
    text: str
    record_id: UUID | None
    why: str


@dataclass(frozen=True, slots=True)
class FieldChange:
    """A golden field that a change of links would alter, for one of its sides."""

    name: str
    label: str
    before: str
    after: str
    why: str


@dataclass(frozen=True, slots=True)
class LinkPreview:
    """What a change of links would do, before it is done. Rows of rooms are not moved: ``rooms`` says what would be seen under the
    target from then on (merge) or stays where it is (all others)."""

    kind: str
    origin: ResidentRow
    target: ResidentRow | None
    records: tuple[SourceRecordData, ...]
    numbers: tuple[str, ...]
    contacts: tuple[str, ...]
    attributes: tuple[tuple[str, str], ...]
    fields: tuple[FieldChange, ...]
    rooms: tuple["Holding", ...]
    why_two: str
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Holding:
    """How much one room keeps about a resident; ``active`` is what is under way."""

    label: str
    rows: int
    active: int = 0


@dataclass(frozen=True, slots=True)
class ResidentPanel:
    """A part that another room adds to the resident's page.

    ``template`` is rendered with what ``provider(resident_id, actor)`` returns (None: nothing to show) as ``panel`` plus ``resident``.
    ``place`` is ``action`` (buttons in the header), ``header`` (a line below the name), ``panel`` (a card on the page of particulars and
    beside the timeline), ``visit`` (beside an encounter while it is written) or ``tab`` (``label`` and ``url_name``, an address that takes the resident's key and needs no template) or ``household`` (a card of the household's page; the provider gets the household's key). Shown when
    the actor has ``permission``.
    """

    name: str
    template: str = ""
    provider: Callable[[UUID, Any], Mapping[str, Any] | None] = lambda resident_id, actor: {}
    permission: str = ""
    place: str = "panel"
    order: int = 100
    label: Any = ""
    url_name: str = ""
