"""What settlement needs of a platform of the insurance office. ``exchange`` implements and registers it; without one the county's own engine
decides alone.

A call either answers, or is refused (PlatformRefused), or certainly had no effect (PlatformDown), or leaves us not knowing (ResultUnknown).
Only the last may not be repeated: ``ask`` finds out.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Protocol
from uuid import UUID

from yigong.insurance.settlement.bills import Bill

# What both sides must agree on to the fen; the platform does not tell assistance and its tilt apart.
COMPARED = (
    "total", "own", "over", "first_self_pay", "in_scope", "deductible", "pool", "large", "critical", "civil", "maf", "other",
    "institution_part", "person", "account", "family",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class PlatformPerson:
    """The insured person as the platform knows him: number, schemes with kind of person, balance of the account in fen."""

    ref: str
    schemes: Mapping[str, str]
    balance: int
    family: int = 0


@dataclass(frozen=True, slots=True)
class PlatformBill:
    """A bill on its way to the platform. ``lines`` are those of the settlement, with class and parts; amounts after hospital relief."""

    bill: Bill
    scheme: str
    kind: str
    disease: str
    level: str
    lines: Sequence[Mapping[str, Any]]
    figures: Mapping[str, int]
    use_account: bool
    person_ref: str = ""
    visit_ref: str = ""
    settlement_ref: str = ""
    message_id: str = ""
    number: str = ""
    reversal_message: str = ""


@dataclass(frozen=True, slots=True)
class PlatformAnswer:
    """What the platform calculated: sums by the names of ``COMPARED``, its references, and its own words for the way."""

    figures: Mapping[str, int]
    visit_ref: str
    person_ref: str
    settlement_ref: str = ""
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PlatformRow:
    """One settlement as the platform lists it for reconciliation; ``reversed`` rows carry negative sums."""

    settlement_ref: str
    message_id: str
    person_ref: str
    total: int
    funds: int
    account: int
    reversed: bool = False


@dataclass(frozen=True, slots=True)
class PlatformDay:
    """A day by the platform's books."""

    equal: bool
    said: str
    rows: tuple[PlatformRow, ...] = field(default=())


class Gateway(Protocol):
    """A platform as seen by one institution."""

    def identify(self, resident_id: UUID, certificate: str) -> PlatformPerson:
        """The person behind a certificate (``01`` electronic credential, ``02`` identity card, ``03`` social-security card)."""

    def presettle(self, bill: PlatformBill) -> PlatformAnswer:
        """Register the visit with its lines and have it calculated; repeatable."""

    def new_message_id(self) -> str:
        """A fresh message id; it is stored before anything is sent under it."""

    def settle(self, bill: PlatformBill) -> PlatformAnswer:
        """Settle; never repeated."""

    def ask(self, bill: PlatformBill) -> PlatformAnswer | None:
        """Whether the visit is settled there; None when it certainly is not."""

    def reverse(self, bill: PlatformBill) -> str:
        """Take a settlement back; the reference of the reversal. Never repeated."""

    def ask_reversed(self, bill: PlatformBill) -> bool:
        """Whether a settlement is taken back there."""

    def withdraw(self, bill: PlatformBill) -> None:
        """Take lines and registration of an unsettled visit back; repeatable."""

    def reconcile(self, day: date, scheme: str, sums: Mapping[str, int], rows: Sequence[PlatformRow]) -> PlatformDay:
        """Hold a day's sums against the platform's; where they differ, the platform's rows."""


Provider = Callable[[UUID], Gateway | None]
_providers: list[Provider] = []


def register_gateway(provider: Provider) -> None:
    """Offer a platform (in ``apps.ready``); the provider answers None for institutions without one."""
    if provider not in _providers:
        _providers.append(provider)


def gateway_of(institution_id: UUID) -> Gateway | None:
    """The institution's platform, None in local mode."""
    return next((found for provider in _providers if (found := provider(institution_id)) is not None), None)


def compared(figures: Any) -> dict[str, int]:
    """Our figures by the names on which both sides must agree."""
    found = {name: getattr(figures, name) for name in COMPARED if name != "maf"}
    return found | {"maf": figures.aid + figures.tilt}
