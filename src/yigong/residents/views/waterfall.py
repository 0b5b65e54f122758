"""A score as a waterfall: each comparison moves the sum to the right (for one person) or to the left (for two)."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _

from yigong.residents.matching.data import Scored, Step
from yigong.residents.matching.learning import Proposal

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
    rows = [(_("起点：任取两份档案是同一人的可能"), "", scored.prior_bits)]
    rows += [(s.comparison_label, _words(s), s.bits) for s in scored.steps]
    bars = []
    for (label, level, bits), before in zip(rows, sums[:-1], strict=True):
        left = min(before, before + bits)
        tone = "for" if bits > 0 else ("against" if bits < 0 else "none")
        bars.append(Bar(label, level, bits, before + bits, (left - low) * scale, max(abs(bits) * scale, 1.0), tone))
    return bars


def _words(step: Step) -> str:
    """The level, and what the county's own counts add to it or take away."""
    if step.is_missing:
        return _("缺，不计分")
    if step.share is None or abs(step.frequency_bits) < 0.05:
        return step.label
    values = {"level": step.label, "n": f"{max(round(1 / step.share), 1):,}", "bits": f"{abs(step.frequency_bits):.1f}"}
    if step.frequency_bits < 0:
        return _("%(level)s；在本县较常见（约每 %(n)s 人有一位），少计 %(bits)s 分") % values
    return _("%(level)s；在本县较少见（约每 %(n)s 人有一位），多计 %(bits)s 分") % values


def _running(scored: Scored) -> Iterator[float]:
    total = scored.prior_bits
    yield total
    for step in scored.steps:
        total += step.bits
        yield total


def effects_of(made: Proposal) -> list[tuple[str, str, list[tuple[str, str, int]]]]:
    """What a proposal does, in words: for pairs decided the same, decided different and waiting, how many change from what to what."""
    verdicts = {"link": _("可自动关联"), "review": _("需复核"), "distinct": _("不再提出")}
    kinds = [(True, _("已判定是同一人")), (False, _("已判定不是同一人")), (None, _("还在排队"))]
    told = []
    for kind, label in kinds:
        rows = [(old, new, n) for (old, new, what), n in made.effects.items() if what is kind]
        changed = sorted((verdicts[old], verdicts[new], n) for old, new, n in rows if old != new)
        unchanged = sum(n for old, new, n in rows if old == new)
        told.append((label, _("%(n)s 对不变") % {"n": unchanged}, changed))
    return told
