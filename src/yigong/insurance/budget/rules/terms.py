"""What a region's terms of the fund say: one definition of the packs for a scheme and a year."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import msgspec

from yigong.core.packs.api import Kind, register

CERTAINTIES = ("published", "secondary", "general", "demo")
HOWS = ("share", "per_head", "fixed")


class _Part(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    pass


class Figure(_Part, frozen=True):
    """A number with where it comes from."""

    value: Decimal
    source: str
    certainty: str = "demo"


class Held(_Part, frozen=True):
    """Something kept back from the financing."""

    code: str
    title: str
    how: str
    value: Decimal
    source: str
    certainty: str = "demo"


class Step(_Part, frozen=True):
    """From a score on, so much is kept."""

    score: Decimal
    share: Decimal


class Band(_Part, frozen=True):
    """Up to a share of the package (none: without end), the fund bears so much."""

    share: Decimal
    upto: Decimal | None = None


class Limit(_Part, frozen=True):
    """From a weight on, the multiple above which a case is high."""

    weight: Decimal
    limit: Decimal


class BedDay(_Part, frozen=True):
    """Up to a day, so many yuan a day."""

    price: Decimal
    upto: int | None = None


class Level(_Part, frozen=True):
    """Coefficient of hospitals of a level."""

    level: str
    coefficient: Decimal


class Paying(_Part, frozen=True):
    """How institutions are paid."""

    prepaid: Decimal
    full_from: Decimal
    per_point: Decimal
    lower: Decimal
    upper: tuple[Limit, ...]
    factor: Decimal
    levels: tuple[Level, ...]
    bed_days: tuple[BedDay, ...]
    long_stay: int
    special_share: Decimal
    per_head: Decimal
    per_head_kinds: tuple[str, ...]
    per_head_levels: tuple[str, ...]
    points_upper: Decimal
    dip_base: Decimal
    dip_high: Decimal
    dip_low: Decimal
    trim_low: Decimal
    trim_high: Decimal
    source: str
    certainty: str = "demo"


class Layer(_Part, frozen=True):
    """The base weight of all institutions of one level together."""

    level: str
    weight: Decimal


class Clearing(_Part, frozen=True):
    """How the year is cleared."""

    retention: tuple[Step, ...]
    bands: tuple[Band, ...]
    layers: tuple[Layer, ...]
    source: str
    certainty: str = "demo"


class FundTerms(_Part, frozen=True):
    """Everything about the money of one scheme and year. Decimals are written as text, so that none is ever a float."""

    code: str
    version: str
    effective_from: date
    title: str
    region: str
    scheme: str
    year: int
    source: str
    certainty: str
    standard: Figure
    kept_back: tuple[Held, ...]
    paying: Paying
    clearing: Clearing
    plan: str = ""


def mistakes(terms: FundTerms) -> Iterator[tuple[str, str]]:
    """What types cannot see."""
    for place, one in enumerate(terms.kept_back):
        if one.how not in HOWS:
            yield f"kept_back[{place}].how", f"“{one.how}”应为 {'、'.join(HOWS)} 之一"
        if one.value < 0 or (one.how == "share" and one.value > 1):
            yield f"kept_back[{place}].value", "扣留的比例应在 0 与 1 之间，金额不能为负"
    for name, part in (("standard", terms.standard), ("paying", terms.paying), ("clearing", terms.clearing)):
        if part.certainty not in CERTAINTIES:
            yield f"{name}.certainty", f"应为 {'、'.join(CERTAINTIES)} 之一"
    if not terms.clearing.retention or min(step.score for step in terms.clearing.retention) > 0:
        yield "clearing.retention", "留用比例应从 0 分起，否则低分没有规定（缺口）"
    if not terms.clearing.bands or terms.clearing.bands[-1].upto is not None:
        yield "clearing.bands", "超支分担的最后一档不写上限，否则更高的超支没有规定（缺口）"
    if not terms.paying.bed_days or terms.paying.bed_days[-1].upto is not None:
        yield "paying.bed_days", "床日标准的最后一档不写上限（缺口）"
    if not terms.paying.upper or min(one.weight for one in terms.paying.upper) > 0:
        yield "paying.upper", "高倍率界限应从权重 0 起（缺口）"


TERMS: Kind[FundTerms] = register(Kind("fund", "fund/*.toml", FundTerms, mistakes))
