"""The door to matching: score a pair, and the keys under which candidates for it are found.

    ours, theirs = PersonFields(name="张伟", …), PersonFields(name="张玮", …)
    scored = score(ours, theirs)
    scored.verdict                    # "link", "review" or "distinct"
    [(s.comparison_label, s.label, s.bits) for s in scored.steps]      # the waterfall

For one record against many candidates, ``prepare`` each once and use ``score_prepared``.
"""

from collections.abc import Callable, Iterable, Mapping

from yigong.residents.matching import scoring
from yigong.residents.matching.data import PersonFields, Scored, Step, VetoHit
from yigong.residents.matching.definition import Definition, national
from yigong.residents.matching.scoring import (
    LateRow,
    Shares,
    Weighed,
    agreements,
    is_worth_showing,
    no_shares,
    share,
    verdict_of,
    weigh,
)

__all__ = [
    "Definition",
    "LateRow",
    "PersonFields",
    "Scored",
    "Shares",
    "Step",
    "VetoHit",
    "Weighed",
    "agreements",
    "blocking_keys",
    "is_worth_showing",
    "national",
    "no_shares",
    "prepare",
    "prepare_late",
    "prepare_texts",
    "prepared_keys",
    "score",
    "score_prepared",
    "share",
    "verdict_of",
    "weigh",
]


def prepare(person: PersonFields, definition: Definition | None = None) -> dict[str, str]:
    """The record's prepared columns: plain texts, empty for "not known". Raises ValueError for a date or sex that cannot be read."""
    return scoring.prepare(definition or national(), person.as_texts())


def prepare_texts(texts: Mapping[str, str], definition: Definition) -> dict[str, str]:
    """``prepare`` for a row of a bulk file."""
    return scoring.prepare(definition, texts)


def prepare_late(definition: Definition, field: Callable[[str], str]) -> LateRow:
    """Prepared columns that are made when they are first looked at; ``field`` gives the text of a field of ``PersonFields.as_texts``."""
    return LateRow(definition, field)


def score(
    left: PersonFields, right: PersonFields, definition: Definition | None = None, *, shares: Shares = no_shares
) -> Scored:
    """How likely two records mean one person (Fellegi–Sunter weights in bits), with every step.

    ``shares(column, value)`` gives the share of records that carry a value in a prepared column (for names: ``name``, ``sound``, ``parts``),
    so that rare agreement weighs more; None means not known. The order of the two records does not matter.
    """
    return score_prepared(prepare(left, definition), prepare(right, definition), definition, shares=shares)


def score_prepared(
    left: Mapping[str, str],
    right: Mapping[str, str],
    definition: Definition | None = None,
    *,
    shares: Shares = no_shares,
) -> Scored:
    """``score`` for records that were prepared before."""
    return scoring.score_rows(definition or national(), left, right, shares)


def blocking_keys(person: PersonFields, definition: Definition | None = None) -> frozenset[str]:
    """Two records are candidates for each other when they share a key. Keys are plain text and carry personal data: store digests."""
    chosen = definition or national()
    return prepared_keys(prepare(person, chosen), chosen)


def prepared_keys(row: Mapping[str, str], definition: Definition | None = None) -> frozenset[str]:
    """``blocking_keys`` of a prepared record."""
    blocks: Iterable[tuple[str, ...]] = (b.columns for b in (definition or national()).block)
    return frozenset(
        "+".join(columns) + "=" + "\x1f".join(row[c] for c in columns)
        for columns in blocks
        if all(row[c] for c in columns)
    )
