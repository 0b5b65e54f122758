"""A score as a waterfall: each comparison moves the sum to the right (for one person) or to the left (for two)."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _

from yigong.residents.matching.data import Scored

WIDTH = 240


@dataclass(frozen=True, slots=True)
class Bar:
    """One step: its words, its bits, and where its bar is drawn within ``WIDTH``."""

    label: str
    level: str
    bits: float
    total: float
    x: float
    width: float
    tone: str


def bars_of(scored: Scored) -> list[Bar]:
    """From the prior to the sum. Both sides' values are not repeated here: the comparison above shows them masked."""
    sums = [0.0, *_running(scored)]
    low, high = min(sums), max(sums)
    scale = WIDTH / ((high - low) or 1.0)
    rows = [(_("起点:任取两份档案是同一人的可能"), "", scored.prior_bits)]
    rows += [(s.comparison_label, _("缺,不计分") if s.is_missing else s.label, s.bits) for s in scored.steps]
    bars = []
    for (label, level, bits), before in zip(rows, sums[:-1], strict=True):
        left = min(before, before + bits)
        tone = "for" if bits > 0 else ("against" if bits < 0 else "none")
        bars.append(Bar(label, level, bits, before + bits, (left - low) * scale, max(abs(bits) * scale, 1.0), tone))
    return bars


def _running(scored: Scored) -> Iterator[float]:
    total = scored.prior_bits
    yield total
    for step in scored.steps:
        total += step.bits
        yield total
