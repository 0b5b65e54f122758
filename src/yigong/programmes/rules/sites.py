"""What is watched at places and done for the public: kinds of places, activities, findings, yearly norms, rates. Data only, like a programme.

One TOML file per version below ``packs/*/outreach``. Conditions are typed expressions over the items of the activities' forms and ``activity``.
"""

import calendar
from collections.abc import Iterator, Mapping
from datetime import date
from functools import lru_cache
from typing import Any, Literal

import msgspec

from yigong.core.errors import DomainError
from yigong.core.expressions.api import Expression, Vocabulary
from yigong.core.forms import api as forms
from yigong.core.packs.api import Kind, PackError, every, register, released
from yigong.core.pictures import api as pictures
from yigong.programmes.rules.definition import Certainty, Tone
from yigong.programmes.rules.judging import names_in

PICTURES, SIGNATURE = "sites", "signature"
"""The uses of ``core.pictures`` under which photographs and signatures are kept."""


class _Struct(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    pass


class SiteKind(_Struct, frozen=True):
    """A kind of place."""

    code: str
    title: str


class Activity(_Struct, frozen=True):
    """Something that is done: ``at`` a site or by the institution itself. ``every_days`` makes it due again at each site; ``reach`` names the item with
    the number of people reached, ``thing`` the item whose different texts are counted as kinds. Up to ``pictures`` photographs and a ``signature``
    of the other party are kept with it."""

    code: str
    title: str
    form: str
    at: Literal["site", "self"] = "site"
    every_days: int = 0
    reach: str = ""
    thing: str = ""
    pictures: int = 0
    signature: bool = False
    note: str = ""
    certainty: Certainty = "general"


class Occasion(_Struct, frozen=True):
    """A day of the calendar that has a topic: a date, or the ``week``-th ``weekday`` (1 Monday) of a month."""

    code: str
    title: str
    topic: str
    month: int
    day: int = 0
    week: int = 0
    weekday: int = 0


class Finding(_Struct, frozen=True):
    """What an activity showed; the fitting one of the highest ``severity`` holds. ``recheck_days`` makes it due again sooner; ``holds_lots`` puts the
    vaccine that lay there aside until a person has judged it; ``unmet``: what was planned has not been done by it."""

    code: str
    title: str
    severity: int
    when: str
    tone: Tone = "info"
    advice: str = ""
    recheck_days: int = 0
    holds_lots: bool = False
    unmet: bool = False
    certainty: Certainty = "general"


class Norm(_Struct, frozen=True):
    """How often an institution of a ``level`` does an ``activity`` a year: ``times``, counted as records or as kinds of its ``thing``."""

    activity: str
    level: str
    times: int
    count: Literal["times", "kinds"] = "times"
    text: str = ""
    certainty: Certainty = "general"


class SiteRate(_Struct, frozen=True):
    """A rate of a calendar year: of records (``counts`` among ``of``), or of places with at least ``least`` records of an ``activity``."""

    code: str
    title: str
    base: Literal["records", "sites"] = "records"
    counts: str = ""
    of: str = "true"
    activity: str = ""
    least: int = 0
    text: str = ""
    note: str = ""
    certainty: Certainty = "general"


class Outreach(_Struct, frozen=True):
    """One version of one definition."""

    code: str
    version: str
    effective_from: date
    title: str
    short: str
    source: str
    activities: list[Activity]
    certainty: Certainty = "general"
    uncertain: list[str] = []
    sites: list[SiteKind] = []
    findings: list[Finding] = []
    norms: list[Norm] = []
    rates: list[SiteRate] = []
    occasions: list[Occasion] = []
    topics: list[str] = []
    order: int = 50

    def __hash__(self) -> int:
        return hash((self.code, self.version))

    def activity(self, code: str) -> Activity | None:
        """The activity of a code."""
        return next((a for a in self.activities if a.code == code), None)

    def finding(self, code: str) -> Finding | None:
        """The finding of a code."""
        return next((f for f in self.findings if f.code == code), None)

    @property
    def is_planned(self) -> bool:
        """Whether an institution makes a plan of its year under it."""
        return bool(self.occasions or self.topics)

    def own_work(self, code: str) -> Activity | None:
        """The work of a code that the institution itself does."""
        found = self.activity(code)
        return found if found and found.at == "self" else None

    @property
    def stores_vaccine(self) -> bool:
        """Whether its places are where vaccine lies: something found there can put lots aside."""
        return any(f.holds_lots for f in self.findings)

    def kind_title(self, code: str) -> str:
        """What a kind of place is called."""
        return next((k.title for k in self.sites if k.code == code), code)


Problem = tuple[str, str]


def problems(p: Outreach) -> Iterator[Problem]:
    """All mistakes of one definition as (dotted path, sentence)."""
    found = [*_names(p)]
    if not found:
        found = [*_conditions(p)]
    yield from found


def _names(p: Outreach) -> Iterator[Problem]:
    for part in ("sites", "activities", "findings", "rates", "occasions"):
        seen: set[str] = set()
        for n, one in enumerate(getattr(p, part)):
            if one.code in seen or not one.code.isidentifier():
                yield f"{part}[{n}].code", f"代码“{one.code}”重复，或含有字母、数字、下划线以外的字符"
            seen.add(one.code)
    known = {a.code for a in p.activities}
    for n, activity in enumerate(p.activities):
        try:
            items = {i.code for i in forms.form(activity.form, p.effective_from, also_gone=False).items}
        except (DomainError, PackError) as missing:
            yield f"activities[{n}].form", str(missing)
            continue
        for field in ("reach", "thing"):
            if (name := getattr(activity, field)) and name not in items:
                yield f"activities[{n}].{field}", f"表单里没有题目“{name}”"
        if not 0 <= activity.pictures <= pictures.limits(PICTURES).most:
            yield f"activities[{n}].pictures", f"应在 0 到 {pictures.limits(PICTURES).most} 之间(pictures.toml)"
        if activity.at == "site" and not p.sites:
            yield f"activities[{n}].at", "没有定义任何场所类型（sites）"
    for n, norm in enumerate(p.norms):
        if norm.activity not in known:
            yield f"norms[{n}].activity", f"没有活动“{norm.activity}”"
    for n, occasion in enumerate(p.occasions):
        if not _is_a_day(occasion):
            yield (
                f"occasions[{n}]",
                f"“{occasion.title}”的日期不对：写月和日，或月、第几周(week 1–4)、星期几(weekday 1–7)",
            )
    for n, rate in enumerate(p.rates):
        if rate.base == "sites" and rate.activity not in known:
            yield f"rates[{n}].activity", f"没有活动“{rate.activity}”"
        if rate.base == "records" and not rate.counts:
            yield f"rates[{n}].counts", "请写明分子条件"


def _is_a_day(o: Occasion) -> bool:
    if o.day:
        return 1 <= o.month <= 12 and 1 <= o.day <= calendar.monthrange(2023, o.month)[1] and not (o.week or o.weekday)
    return 1 <= o.month <= 12 and 1 <= o.week <= 4 and 1 <= o.weekday <= 7


def _conditions(p: Outreach) -> Iterator[Problem]:
    words, rates = Vocabulary(kinds(p)), Vocabulary(kinds(p, of_rates=True))
    looked = [(words, f"findings[{n}].when", f.when) for n, f in enumerate(p.findings)]
    for n, rate in enumerate(p.rates):
        looked += [(rates, f"rates[{n}].counts", rate.counts), (rates, f"rates[{n}].of", rate.of)]
    for vocabulary, place, text in looked:
        try:
            if text:
                vocabulary.compile(text, "bool")
        except DomainError as mistake:
            yield place, str(mistake)


OUTREACH: Kind[Outreach] = register(Kind("outreach", "outreach/*.toml", Outreach, problems))


def definitions(on: date | None = None) -> dict[str, Outreach]:
    """The definitions in force on a day, in the order in which pages show them."""
    return dict(sorted(every(OUTREACH, on).items(), key=lambda pair: (pair[1].order, pair[0])))


def version_of(code: str, version: str) -> Outreach:
    """The version that an old record names."""
    return released(OUTREACH, code, version)


def kinds(p: Outreach, *, of_rates: bool = False) -> dict[str, str]:
    """Every variable of the conditions with its kind; rates may also ask what was found (``finding``, empty for nothing)."""
    found = {"activity": "string"} | ({"finding": "string"} if of_rates else {})
    for activity in p.activities:
        found |= forms.variables(forms.form(activity.form, p.effective_from))
    return found


@lru_cache(maxsize=256)
def _compiled(p: Outreach, text: str) -> tuple[Expression, frozenset[str]]:
    words = Vocabulary(kinds(p, of_rates=True))
    return words.compile(text, "bool"), frozenset(names_in(text) & set(words.variables))


def holds(p: Outreach, text: str, facts: Mapping[str, Any]) -> bool:
    """Whether a condition holds; what was not recorded makes nothing true."""
    expression, names = _compiled(p, text)
    return expression.evaluate({n: facts[n] for n in names if facts.get(n) is not None}) is True


def asked_by(finding: Finding) -> set[str]:
    """The names in a finding's condition: what was looked at."""
    return set(names_in(finding.when))


def found_in(p: Outreach, facts: Mapping[str, Any]) -> Finding | None:
    """The gravest finding that fits."""
    ordered = sorted(p.findings, key=lambda f: -f.severity)
    return next((f for f in ordered if holds(p, f.when, facts)), None)


def standing(p: Outreach, facts: Mapping[str, Any]) -> tuple[list[str], list[str]]:
    """In which rates of records it stands (denominator) and counts (numerator)."""
    base = [r for r in p.rates if r.base == "records" and holds(p, r.of, facts)]
    return [r.code for r in base], [r.code for r in base if holds(p, r.counts, facts)]
