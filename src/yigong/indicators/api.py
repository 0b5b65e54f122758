"""The door of ``indicators``: figures as counted, frozen figures, and counting again."""

from yigong.indicators.commands.computing import compute_all, count_stale
from yigong.indicators.commands.engines import count_county
from yigong.indicators.commands.freezing import (
    check_period,
    correct_figure,
    freeze_period,
    move_period,
    open_period,
    sign_period,
)
from yigong.indicators.data import Figure, Freshness, PlaceFigure, Span
from yigong.indicators.policies import places_of
from yigong.indicators.queries.figures import by_place, figures_of, months_of
from yigong.indicators.queries.frozen import Frozen, frozen_of
from yigong.indicators.queries.reading import (
    FrozenPeriod,
    Reading,
    counted_reading,
    frozen_periods,
    frozen_reading,
    last_month_of,
)
from yigong.indicators.queries.registry import counted, criteria, definition, registry, version_of
from yigong.indicators.rules.definition import Criterion, Definition
from yigong.indicators.rules.figures import STEP_UNITS, Amounts, is_small, reaches, rounded, shown, step, total, value
from yigong.indicators.rules.words import certainty, direction, period_name, unit, view_word, window
from yigong.indicators.views.common import register_tab

__all__ = [
    "STEP_UNITS",
    "Amounts",
    "Criterion",
    "Definition",
    "Figure",
    "Freshness",
    "Frozen",
    "FrozenPeriod",
    "PlaceFigure",
    "Reading",
    "Span",
    "by_place",
    "certainty",
    "check_period",
    "compute_all",
    "correct_figure",
    "count_county",
    "count_stale",
    "counted",
    "counted_reading",
    "criteria",
    "definition",
    "direction",
    "figures_of",
    "freeze_period",
    "frozen_of",
    "frozen_periods",
    "frozen_reading",
    "is_small",
    "last_month_of",
    "months_of",
    "move_period",
    "open_period",
    "period_name",
    "places_of",
    "reaches",
    "register_tab",
    "registry",
    "rounded",
    "shown",
    "sign_period",
    "step",
    "total",
    "unit",
    "value",
    "version_of",
    "view_word",
    "window",
]
