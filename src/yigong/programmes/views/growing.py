"""Growth curves of a child: the standard's lines and the measured values, one drawing per score of the definition."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as N_

from yigong.core.forms import api as forms
from yigong.core.months import months_between
from yigong.programmes.data import VisitData
from yigong.programmes.models import Enrolment
from yigong.programmes.rules import growth
from yigong.programmes.rules.definition import Programme, Score
from yigong.programmes.rules.packs import version_of

BANDS = {"high": N_("上"), "middle": N_("中"), "low": N_("下")}
_AGES = (12, 24, 36, 84)  # months up to which an axis by age is drawn: the first that holds the child


@dataclass(frozen=True)
class Curve:
    """One drawing with the rows behind it."""

    title: str
    label: str
    option: dict[str, Any]
    heads: tuple[str, ...]
    rows: list[tuple[str, ...]]
    source: str
    certainty: str


def told(programme: Programme, facts: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """Title, value in words and tone of the scores of a visit."""
    found, seen = [], set()
    for score in programme.scores:
        z = facts.get(score.code)
        if z is None or score.code in seen or not _holds(score, facts):
            continue
        seen.add(score.code)
        band = growth.band(z)
        found.append((_(score.title), f"{z:+.1f} SD({BANDS[band]})", "good" if band == "middle" else "warn"))
    return found


def _holds(score: Score, facts: Mapping[str, Any]) -> bool:
    """Whether it is this one of two scores of one name that was reckoned at the age of the visit."""
    months = facts.get("months")
    return months is None or (months >= score.months_from and (not score.months_below or months < score.months_below))


def curves(rows: Sequence[Enrolment], visits: Sequence[VisitData], resident: Any) -> list[Curve]:
    """The curves of a person's programmes that have scores and values; the caller has decided about the person."""
    if resident.birth_date is None:
        return []
    answers = forms.answers_of([v.response_id for v in visits])
    found = []
    for row in rows:
        programme = version_of(row.programme, row.definition)
        own = sorted((v for v in visits if v.enrolment_id == row.id and not v.void_reason), key=lambda v: v.on)
        for score in programme.scores:
            curve = _curve(programme, score, [(v, answers.get(v.response_id, {})) for v in own], resident)
            found += [curve] if curve else []
    return found


def _curve(programme: Programme, score: Score, made: Sequence[tuple[VisitData, Any]], resident: Any) -> Curve | None:
    standard = growth.table(score.table, programme.effective_from)
    points: list[tuple[float, float, VisitData]] = []
    for visit, given in made:
        at = growth.place_of(score, given, resident.birth_date, visit.on)
        if at is not None and given.get(score.item) is not None:
            points.append((round(at, 2), float(given[score.item]), visit))
    every = standard.rows(resident.sex) if standard else []
    if standard is None or not points or not every:
        return None
    lines = _shown(score, every, [x for x, _y, _v in points])
    return Curve(
        _(score.title), _("%(what)s曲线") % {"what": _(score.title)}, _option(standard, lines, points),
        (_("日期"), _("月龄"), _(standard.by), _(standard.unit), "SD", _("评价")), [_row(standard, resident, p) for p in reversed(points)],
        standard.source, _("待核实") if standard.certainty == "uncertain" else "",
    )  # fmt: skip


def _shown(score: Score, lines: Sequence[growth.Row], at: Sequence[float]) -> list[growth.Row]:
    """The part of the standard around the child."""
    if score.by != "months":
        low, high = min(at) - 8, max(at) + 12
        return [r for r in lines if low <= r[0] <= high]
    until = next((m for m in _AGES if max(at) < m), _AGES[-1])
    return [r for r in lines if r[0] <= until]


def _option(
    standard: growth.GrowthTable, lines: Sequence[growth.Row], points: Sequence[tuple[float, float, VisitData]]
) -> dict[str, Any]:
    series: list[dict[str, Any]] = [
        {
            "name": f"{sd:+d} SD" if sd else _("中位数"), "type": "line", "showSymbol": False, "silent": True,
            "lineStyle": {"width": 1.5 if sd == 0 else 1, "type": "solid" if sd in {-2, 0, 2} else "dashed", "color": "#98a2b3"},
            "itemStyle": {"color": "#98a2b3"}, "data": [[row[0], row[n + 1]] for row in lines],
        }
        for n, sd in enumerate(growth.SDS)
    ]  # fmt: skip
    own = {
        "name": _("本人"),
        "type": "line",
        "symbolSize": 8,
        "lineStyle": {"width": 2, "color": "#2b6cb0"},
        "itemStyle": {"color": "#2b6cb0"},
    }
    series.append(own | {"data": [[x, y] for x, y, _visit in points]})
    return {
        "animation": False, "grid": {"left": 40, "right": 16, "top": 24, "bottom": 36}, "tooltip": {"trigger": "item"},
        "xAxis": {"type": "value", "name": _(standard.by), "nameLocation": "middle", "nameGap": 22, "min": lines[0][0] if lines else 0,
                  "max": lines[-1][0] if lines else None},
        "yAxis": {"type": "value", "scale": True, "name": standard.unit}, "series": series,
    }  # fmt: skip


def _row(standard: growth.GrowthTable, resident: Any, point: tuple[float, float, VisitData]) -> tuple[str, ...]:
    at, value, visit = point
    z = growth.deviation(standard.rows(resident.sex), at, value)
    words = (f"{z:+.2f}", str(BANDS[growth.band(z)])) if z is not None else ("—", _("超出标准范围"))
    return (visit.on.isoformat(), str(months_between(resident.birth_date, visit.on)), f"{at:g}", f"{value:g}", *words)
