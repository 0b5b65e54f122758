"""Reads of the sterile supply centre."""

from yigong.centres.sterile.queries.packs import (
    by_set,
    counts,
    decide_use,
    held_about,
    listed,
    recent,
    scans_of,
    sees_all,
    subject,
    used_in,
    used_of_encounter,
    visible,
)
from yigong.centres.sterile.queries.recalls import (
    figures_of,
    home_card,
    items_of,
    patients_of,
    recall_of,
    visible_recalls,
)

__all__ = [
    "by_set",
    "counts",
    "decide_use",
    "figures_of",
    "held_about",
    "home_card",
    "items_of",
    "listed",
    "patients_of",
    "recall_of",
    "recent",
    "scans_of",
    "sees_all",
    "subject",
    "used_in",
    "used_of_encounter",
    "visible",
    "visible_recalls",
]
