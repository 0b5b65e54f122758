"""What goes into a settlement and what comes out. Money is in fen, shares in millionths."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import NamedTuple, TypeAlias

INPATIENT = "inpatient"
HERE = ""  # inside the region
NOTHING: Mapping[str, int] = MappingProxyType({})


class Line(NamedTuple):
    """One charge: ``cls`` A, B or C; either ``amount`` (fen) or quantity (1/10,000) and price (1/1,000,000 yuan).

    ``ceiling`` is the highest price that counts, ``first_self_pay`` the line's own share (else the plan's), ``refused`` a line that the
    hospital's approval or the missing match put outside. Returned lines have a negative quantity.
    """

    cls: str
    amount: int | None = None
    quantity: int = 10_000
    price: int | None = None
    ceiling: int | None = None
    first_self_pay: int | None = None
    category: str = ""
    disease: str = ""
    refused: bool = False


class Split(NamedTuple):
    """A line or a bill taken apart: total = own + over + first self-pay + in scope. ``relief`` was taken off before."""

    total: int = 0
    own: int = 0
    over: int = 0
    first: int = 0
    in_scope: int = 0
    relief: int = 0


class Episode(NamedTuple):
    """What this stay continues: referral ``up`` or ``down``, the deductibles paid in the episode and the lower level's standard."""

    referral: str
    paid: int = 0
    standard: int = 0


class Case(NamedTuple):
    """One settlement asked for: ``kind`` is ``inpatient`` or the code of an outpatient benefit of the plan."""

    kind: str
    fee: Split
    level: str = ""
    admission: int = 1
    place: str = HERE
    identities: frozenset[str] = frozenset()
    retired: bool = False
    civil_servant: bool = False
    age: int | None = None
    tcm: bool = False
    disease: str = ""
    episode: Episode | None = None
    account: int = 0
    family: int = 0


# One figure on the way: its code, the amount or share, and what it was made from; ``telling`` puts it into words. A plain tuple,
# because a settlement makes a dozen of them and a year of the county has a million settlements.
Step: TypeAlias = tuple[str, int, tuple[int | str, ...]]


@dataclass(frozen=True, slots=True)
class Settlement:
    """What everybody pays, every figure on the way, and what the year's sums grow by.

    ``charged`` = own + over + first + in_scope = funds + person + institution; ``person`` = account + family + cash.
    """

    plan: str
    case: Case
    steps: tuple[Step, ...]
    deductible: int
    ratio: int
    base: int
    gross: int
    pool: int
    burden: int
    large: int
    critical: int
    civil: int
    aid: int
    tilt: int
    other: int
    left: int
    institution: int
    person: int
    account: int
    family: int
    cash: int
    added: Mapping[str, int] = field(default_factory=dict)

    @property
    def funds(self) -> int:
        """The sum of all funds."""
        return self.pool + self.large + self.critical + self.civil + self.aid + self.tilt + self.other

    @property
    def charged(self) -> int:
        """The bill that is shared: after hospital relief, where that is taken off first."""
        return self.case.fee.total

    def figure(self, name: str) -> int:
        """The value of a step, 0 when the settlement did not need it."""
        return next((value for figure, value, _facts in self.steps if figure == name), 0)


@dataclass(frozen=True, slots=True)
class Told:
    """One step in words: ``doubt`` says how sure the plan's number is, empty when it is published."""

    figure: str
    label: str
    value: str
    text: str
    doubt: str = ""
