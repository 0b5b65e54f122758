"""The door of ``indicators``: figures as counted, frozen figures, and counting again."""

from yigong.indicators.commands.computing import compute_all, count_stale
from yigong.indicators.commands.freezing import (
    check_period,
    correct_figure,
    freeze_period,
    move_period,
    open_period,
    sign_period,
)
from yigong.indicators.data import Figure, Freshness, PlaceFigure, Span
from yigong.indicators.queries.figures import by_place, figures_of, months_of
from yigong.indicators.queries.frozen import Frozen, frozen_of
from yigong.indicators.queries.registry import counted, definition, registry

__all__ = [
    "Figure",
    "Freshness",
    "Frozen",
    "PlaceFigure",
    "Span",
    "by_place",
    "check_period",
    "compute_all",
    "correct_figure",
    "count_stale",
    "counted",
    "definition",
    "figures_of",
    "freeze_period",
    "frozen_of",
    "months_of",
    "move_period",
    "open_period",
    "registry",
    "sign_period",
]
