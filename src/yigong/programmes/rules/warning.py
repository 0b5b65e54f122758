"""Syndromic early warning: an institution's day against its own past (EARS of the CDC: Hutwagner and others, 2003). Pure.

A day without a single contact is not a day without cases: it says nothing and is left out of the past.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from statistics import fmean, stdev
from typing import Literal

import msgspec

from yigong.core.packs.api import Kind, current, register
from yigong.programmes.rules.definition import Certainty

_LAG = {"c1": 0, "c2": 2, "c3": 2}


class Syndrome(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Contacts with a diagnosis that begins with one of ``codes``. ``c1`` compares with the ``baseline_days`` before, ``c2`` leaves two days between,
    ``c3`` adds up what was above one standard deviation on three days. No alarm below ``least_cases``, no judgement on fewer than
    ``least_days`` with contacts; a standard deviation counts as ``least_sd`` at least."""

    code: str
    title: str
    codes: list[str]
    method: Literal["c1", "c2", "c3"]
    threshold: float
    least_cases: int
    baseline_days: int = 28
    least_days: int = 14
    least_sd: float = 0.5

    @property
    def days(self) -> int:
        """How many days back a judgement looks, the day itself included."""
        return self.baseline_days + _LAG[self.method] + 3


class Surveillance(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The syndromes that are watched; ``report`` is the programme in which a case of a reportable disease is registered."""

    code: str
    version: str
    effective_from: date
    title: str
    syndromes: list[Syndrome]
    report: str = ""
    source: str = ""
    certainty: Certainty = "uncertain"
    uncertain: list[str] = []

    def syndrome(self, code: str) -> Syndrome | None:
        """The syndrome of a code."""
        return next((s for s in self.syndromes if s.code == code), None)


def _problems(given: Surveillance) -> Iterable[tuple[str, str]]:
    seen: set[str] = set()
    for n, s in enumerate(given.syndromes):
        if s.code in seen:
            yield f"syndromes[{n}].code", f"代码“{s.code}”重复"
        seen.add(s.code)
        if not s.codes:
            yield f"syndromes[{n}].codes", "至少要有一个诊断编码"
        if not 2 <= s.least_days <= s.baseline_days:
            yield f"syndromes[{n}].least_days", "应在 2 与基线天数之间"


SURVEILLANCE: Kind[Surveillance] = register(Kind("surveillance", "surveillance.toml", Surveillance, _problems))


def surveillance(on: date | None = None) -> Surveillance:
    """The definition in force."""
    return current(SURVEILLANCE, "surveillance", on)


@dataclass(frozen=True, slots=True)
class Judged:
    """One day: ``mean`` and ``limit`` of the own past, the method's ``statistic``; all None where the past is too short to judge."""

    is_alarm: bool
    mean: float | None = None
    limit: float | None = None
    statistic: float | None = None


def judge(cases: Sequence[int | None], rule: Syndrome) -> Judged:
    """The last of these days (oldest first; None: no contact that day) against those before it."""
    today, at = cases[-1], len(cases) - 1
    past = _past(cases, at, rule)
    if today is None or past is None:
        return Judged(False)
    mean, sd = past
    limit = mean + rule.threshold * sd
    if rule.method != "c3":
        return Judged(today > limit and today >= rule.least_cases, mean, limit, (today - mean) / sd)
    above = [max(0.0, z - 1) for back in range(3) if (z := _distance(cases, at - back, rule)) is not None]
    return Judged(
        sum(above) > rule.threshold and today >= rule.least_cases, mean, mean + (rule.threshold + 1) * sd, sum(above)
    )


def _past(cases: Sequence[int | None], at: int, rule: Syndrome) -> tuple[float, float] | None:
    end = at - _LAG[rule.method]
    known = [n for n in cases[max(0, end - rule.baseline_days) : max(0, end)] if n is not None]
    return (fmean(known), max(stdev(known), rule.least_sd)) if len(known) >= rule.least_days else None


def _distance(cases: Sequence[int | None], at: int, rule: Syndrome) -> float | None:
    past = _past(cases, at, rule) if at >= 0 else None
    seen = cases[at] if at >= 0 else None
    return (seen - past[0]) / past[1] if past and seen is not None else None
