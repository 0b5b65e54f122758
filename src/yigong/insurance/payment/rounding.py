"""Decimals rounded half up when a figure gets its name."""

from decimal import ROUND_HALF_UP, Context, Decimal, localcontext

FEN, RATE = Decimal("0.01"), Decimal("0.0001")
_WIDE = Context(prec=60, rounding=ROUND_HALF_UP)


def money(value: Decimal) -> Decimal:
    """To the fen."""
    return value.quantize(FEN, context=_WIDE)


def rate(value: Decimal) -> Decimal:
    """A weight, a share or a multiple: four decimals."""
    return value.quantize(RATE, context=_WIDE)


def quotient(numerator: Decimal, denominator: Decimal) -> Decimal:
    """A division carried far beyond the last named digit."""
    with localcontext(_WIDE):
        return numerator / denominator


def from_fen(amount: int) -> Decimal:
    """Yuan of whole fen, exact."""
    return Decimal(amount).scaleb(-2)


def to_fen(amount: Decimal) -> int:
    """Whole fen of yuan, rounded half up."""
    return int(money(amount).scaleb(2))
