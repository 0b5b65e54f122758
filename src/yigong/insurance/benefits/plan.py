"""What a benefit plan says: one TOML file for a region, a kind of insurance and a year.

All numbers are local; a part that carries ``certainty`` other than ``"published"`` is shown with its doubt wherever its figure is shown.
Shares are written as 0.85, money in yuan. Bands run from ``from`` (included) to ``to`` (not included; none for the last).
"""

from datetime import date
from decimal import Decimal
from typing import Literal

import msgspec
from msgspec import field

Money = Decimal
Share = Decimal
Certainty = Literal["published", "secondary", "general", "demo"]


class Part(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """A part of a plan; certainty and source of its numbers are the plan's own when not given."""

    certainty: Certainty | None = None
    source: str = ""


class Band(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """A share for the money between two limits."""

    ratio: Share
    begin: Money = field(name="from", default=Decimal(0))
    end: Money | None = field(name="to", default=None)


class ItemShare(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """First self-pay of class B lines of one category that carry no share of their own; category "" stands for all others."""

    category: str = ""
    ratio: Share


class Items(Part, frozen=True, kw_only=True):
    """How a line is split. What exceeds the price ceiling is the patient's, or the institution's where the region says so."""

    first_self_pay: tuple[ItemShare, ...] = ()
    over_ceiling: Literal["patient", "institution"] = "patient"


class Level(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """Inpatient benefit at institutions of one level: one ratio, or bands over the cost above the deductible."""

    level: str
    title: str
    deductible: Money
    ratio: Share | None = None
    bands: tuple[Band, ...] = ()
    retired_plus: Share = Decimal(0)


class RepeatException(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """Factors for admissions with a disease whose code begins with one of these."""

    diseases: tuple[str, ...]
    factors: tuple[Share, ...]


class Repeat(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """The deductible of further admissions in a year.

    ``factors``: the standard times the factor of the admission number, the last for all later ones. ``minus``: this much less with each
    further admission. ``once``: one deductible a year, the highest; what was paid before counts. Never below ``floor``, which itself never
    raises a standard. ``by``: admissions are numbered overall or at institutions of the same level.
    """

    rule: Literal["factors", "minus", "once"] = "factors"
    factors: tuple[Share, ...] = (Decimal(1),)
    minus: Money = Decimal(0)
    floor: Money = Decimal(0)
    by: Literal["year", "level"] = "year"
    exceptions: tuple[RepeatException, ...] = ()


class Waiver(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """Who bears only ``factor`` of the deductible: holders of an identity, children under an age, patients of TCM hospitals."""

    factor: Share
    identities: frozenset[str] = frozenset()
    under_age: int | None = None
    tcm: bool = False


class Minimum(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """Guaranteed minimum: at least this share of the in-scope cost or of the total."""

    ratio: Share
    of: Literal["in_scope", "total"] = "in_scope"


class Ceiling(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """What the pool pays in a year at most; ``on`` covered cost, the limit is on the cost that the pool takes up."""

    amount: Money
    on: Literal["fund", "covered"] = "fund"


class Inpatient(Part, frozen=True, kw_only=True):
    """Inpatient care from the pool."""

    levels: tuple[Level, ...]
    repeat: Repeat = Repeat()
    waivers: tuple[Waiver, ...] = ()
    minimum: Minimum | None = None
    ceiling: Ceiling | None = None


class Referral(Part, frozen=True, kw_only=True):
    """The deductible after a referral with an order.

    Up: only the difference, from what was ``paid`` in the episode or from the lower level's ``standard``; ``full`` gives no relief. Down:
    none, or ``full``. ``cheaper``: the ordinary rule of a further admission is used where it asks for less.
    """

    up: Literal["paid", "standard", "full"] = "paid"
    down: Literal["none", "full"] = "none"
    cheaper: bool = False


class Elsewhere(Part, frozen=True, kw_only=True):
    """Treatment outside the region: ``points`` are taken from the ratio, or the ratio is multiplied by ``factor``."""

    place: str
    title: str
    deductible: Money | None = None
    points: Share = Decimal(0)
    factor: Share = Decimal(1)
    minimum: Minimum | None = None
    critical: bool = True
    assistance: bool = True


class Disease(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """A disease of an outpatient benefit: its own ratio, and its own ceiling a year."""

    code: str
    title: str
    ratio: Share | None = None
    ceiling: Money | None = None


class OutpatientLevel(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """An outpatient benefit at institutions of one level."""

    level: str
    ratio: Share
    deductible: Money = Decimal(0)


class Outpatient(Part, frozen=True, kw_only=True):
    """One outpatient benefit: ordinary pooling, two diseases, chronic and special.

    ``like`` "inpatient": ratio and ceiling of an inpatient stay at that level. ``deductible_per`` visit or year (one for all diseases).
    ``categories``: only lines of these categories count (drugs, for the two diseases). ``not_with``: a disease that is certified for
    another benefit is claimed there. ``order``: the lower claims a visit's lines first.
    """

    code: str
    title: str
    order: int
    kind: Literal["pooling", "two_diseases", "chronic"]
    like: Literal["", "inpatient"] = ""
    levels: tuple[OutpatientLevel, ...] = ()
    retired_plus: Share = Decimal(0)
    deductible_per: Literal["visit", "year"] = "visit"
    ceiling: Money | None = None
    diseases: tuple[Disease, ...] = ()
    categories: frozenset[str] = frozenset()
    contracted_only: bool = False
    counts_to_pool_ceiling: bool = False


class Large(Part, frozen=True, kw_only=True):
    """Large-amount subsidy of employees: a share of the covered cost above the pool's ceiling."""

    ratio: Share
    ceiling: Money | None = None


class Tier(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """Critical-illness benefit of one group of people; the tier without identities is everybody else's."""

    title: str
    threshold: Money
    bands: tuple[Band, ...]
    identities: frozenset[str] = frozenset()
    ceiling: Money | None = None


class Critical(Part, frozen=True, kw_only=True):
    """Critical-illness insurance on the year's in-scope burden; bands are measured on that sum or on what exceeds the threshold."""

    tiers: tuple[Tier, ...]
    counts: frozenset[str] = frozenset({"inpatient"})
    with_first_self_pay: bool = False
    bands_on: Literal["sum", "excess"] = "sum"


class Civil(Part, frozen=True, kw_only=True):
    """Subsidy of civil servants, or of a company, on the burden that is left."""

    ratio: Share
    threshold: Money = Decimal(0)
    threshold_per: Literal["settlement", "year"] = "settlement"
    ceiling: Money | None = None
    counts: frozenset[str] = frozenset({"inpatient"})


class Aid(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """Medical assistance for holders of an identity."""

    identity: str
    title: str
    ratio: Share
    threshold: Money = Decimal(0)


class Tilt(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """Further assistance on what is still left above a line, of one settlement or of the year."""

    threshold: Money
    ratio: Share
    ceiling: Money | None = None
    per: Literal["settlement", "year"] = "settlement"


class Assistance(Part, frozen=True, kw_only=True):
    """Medical assistance; of several identities the first listed counts."""

    groups: tuple[Aid, ...]
    ceiling: Money | None = None
    tilt: Tilt | None = None
    counts: frozenset[str] = frozenset({"inpatient"})


class Supplement(Part, frozen=True, kw_only=True):
    """Another fund on what is left (a government bottom line, a commercial policy): above a threshold, a share, up to a ceiling a year."""

    code: str
    title: str
    ratio: Share
    threshold: Money = Decimal(0)
    ceiling: Money | None = None
    identities: frozenset[str] = frozenset()
    counts: frozenset[str] = frozenset({"inpatient"})


class Reduction(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """The share of one category of charges that the community gives up."""

    category: str
    ratio: Share


class Relief(Part, frozen=True, kw_only=True):
    """Hospital relief for the poor: taken from the bill before the insurance shares it, or from the personal part afterwards."""

    title: str
    identities: frozenset[str]
    when: Literal["before", "after"]
    reductions: tuple[Reduction, ...]
    ceiling: Money | None = None


class Account(Part, frozen=True, kw_only=True):
    """The personal account: what it may pay for, and whether the family's accounts may help."""

    pays_for: Literal["all", "in_scope"] = "all"
    family: bool = False


class Waiting(Part, frozen=True, kw_only=True):
    """Who pays after the season, or had no insurance in years before, waits: so many months from the payment, more for each missed year that
    was not paid afterwards; after ``long_from_years`` missed years at least ``long_months``. Some kinds of person do not wait."""

    season_ends: date
    months: int
    months_per_missed_year: int = 0
    long_from_years: int = 0
    long_months: int = 0
    not_types: frozenset[str] = frozenset()
    not_identities: frozenset[str] = frozenset()


class Identity(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """A category of person the plan speaks of."""

    code: str
    title: str


class BenefitPlan(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """The benefits of a region, a kind of insurance (390 residents, 310 employees) and a year."""

    code: str
    version: str
    effective_from: date
    title: str
    region: str
    insurance: str
    year: int
    certainty: Certainty
    source: str
    inpatient: Inpatient
    ends_on: date | None = None
    identities: tuple[Identity, ...] = ()
    items: Items = Items()
    referral: Referral = Referral()
    elsewhere: tuple[Elsewhere, ...] = ()
    outpatient: tuple[Outpatient, ...] = ()
    critical: Critical | None = None
    large: Large | None = None
    civil: Civil | None = None
    assistance: Assistance | None = None
    supplements: tuple[Supplement, ...] = ()
    relief: Relief | None = None
    account: Account | None = None
    waiting: Waiting | None = None
