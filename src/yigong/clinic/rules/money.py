"""Amounts of lines: whole fen, half up; what is returned in parts adds up to what was charged."""

from decimal import ROUND_HALF_UP, Decimal


def amount_of(unit_price: Decimal, quantity: Decimal) -> int:
    """Fen of a line, ``unit_price`` in yuan with up to four places.

    >>> amount_of(Decimal("0.3355"), Decimal("3"))
    101
    """
    return int((unit_price * quantity * 100).quantize(Decimal(1), rounding=ROUND_HALF_UP))


def returned_part(amount: int, quantity: Decimal, before: Decimal, now: Decimal) -> int:
    """Fen to give back for ``now`` of ``quantity`` when ``before`` went back already; the parts of a whole return sum to ``amount``.

    >>> [returned_part(100, Decimal(3), Decimal(n), Decimal(1)) for n in range(3)]
    [33, 34, 33]
    """
    return _share(amount, quantity, before + now) - _share(amount, quantity, before)


def _share(amount: int, quantity: Decimal, part: Decimal) -> int:
    return int((amount * part / quantity).quantize(Decimal(1), rounding=ROUND_HALF_UP))
