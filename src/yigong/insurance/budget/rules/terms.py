"""What a region's terms of the fund say: one definition of the packs for a scheme and a year."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import msgspec

from yigong.core.expressions.api import ExpressionInvalid, Vocabulary
from yigong.core.packs.api import Kind, register

# What an auxiliary factor of DIP may look at: years of age, days of the stay, whether the patient died, further diagnoses on the front page.
ABOUT_A_CASE = Vocabulary({"age": "int", "days": "int", "died": "bool", "others": "int"})
MONTHLY = ("month", "year")
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


class Auxiliary(_Part, frozen=True):
    """A factor of cases that are harder than their disease says: ``when`` speaks of ``ABOUT_A_CASE``."""

    code: str
    title: str
    when: str
    factor: Decimal


class Dip(_Part, frozen=True):
    """Payment by disease score: how many past cases a disease needs to stand for itself, diseases that are worth the same at every level, auxiliary
    factors (the highest that fits, none is stacked), and whether the money of a month is a twelfth of the year's (``month``), worth at most
    ``most`` times the forecast value of a point, or each month has the forecast value (``year``). The year's end settles both."""

    core_cases: int
    monthly: str
    most: Decimal
    basic: tuple[str, ...]
    auxiliary: tuple[Auxiliary, ...]
    source: str
    certainty: str = "demo"


class Heads(_Part, frozen=True):
    """The year's end of payment by head: the share of what is left that an institution keeps by its score, the share of what is over that the fund
    bears by bands of the prepaid sum, and the part of what is kept that goes to the village clinics below it."""

    retention: tuple[Step, ...]
    bands: tuple[Band, ...]
    village: Decimal
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
    dip: Dip
    heads: Heads
    plan: str = ""


def mistakes(terms: FundTerms) -> Iterator[tuple[str, str]]:
    """What types cannot see."""
    for place, one in enumerate(terms.kept_back):
        if one.how not in HOWS:
            yield f"kept_back[{place}].how", f"“{one.how}”应为 {'、'.join(HOWS)} 之一"
        if one.value < 0 or (one.how == "share" and one.value > 1):
            yield f"kept_back[{place}].value", "扣留的比例应在 0 与 1 之间，金额不能为负"
    for name, part in (
        ("standard", terms.standard),
        ("paying", terms.paying),
        ("clearing", terms.clearing),
        ("dip", terms.dip),
        ("heads", terms.heads),
    ):
        if part.certainty not in CERTAINTIES:
            yield f"{name}.certainty", f"应为 {'、'.join(CERTAINTIES)} 之一"
    yield from _dip_mistakes(terms.dip)
    for name, steps, bands in (
        ("clearing", terms.clearing.retention, terms.clearing.bands), ("heads", terms.heads.retention, terms.heads.bands),
    ):  # fmt: skip
        if not steps or min(step.score for step in steps) > 0:
            yield f"{name}.retention", "留用比例应从 0 分起，否则低分没有规定（缺口）"
        if not bands or bands[-1].upto is not None:
            yield f"{name}.bands", "超支分担的最后一档不写上限，否则更高的超支没有规定（缺口）"
    if not 0 <= terms.heads.village <= 1:
        yield "heads.village", "分给村卫生室的比例应在 0 与 1 之间"
    if not terms.paying.bed_days or terms.paying.bed_days[-1].upto is not None:
        yield "paying.bed_days", "床日标准的最后一档不写上限（缺口）"
    if not terms.paying.upper or min(one.weight for one in terms.paying.upper) > 0:
        yield "paying.upper", "高倍率界限应从权重 0 起（缺口）"


def _dip_mistakes(dip: Dip) -> Iterator[tuple[str, str]]:
    if dip.core_cases < 1:
        yield "dip.core_cases", "核心病种的最低例数应为正"
    if dip.monthly not in MONTHLY:
        yield "dip.monthly", f"应为 {'、'.join(MONTHLY)} 之一"
    if dip.most < 1:
        yield "dip.most", "月度分值单价的上限不能低于预算单价的 1 倍"
    for place, one in enumerate(dip.auxiliary):
        if one.factor <= 0:
            yield f"dip.auxiliary[{place}].factor", "辅助目录的系数应大于 0"
        try:
            ABOUT_A_CASE.compile(one.when)
        except ExpressionInvalid as fault:
            yield f"dip.auxiliary[{place}].when", str(fault)


TERMS: Kind[FundTerms] = register(Kind("fund", "fund/*.toml", FundTerms, mistakes))
