"""Money is whole fen everywhere; people read yuan."""


def yuan(fen: int, *, separated: bool = True) -> str:
    """An amount in fen as people read it: yuan with two decimals and separators.

    >>> yuan(123456), yuan(-5), yuan(123456, separated=False)
    ('1,234.56', '-0.05', '1234.56')
    """
    sign = "-" if fen < 0 else ""
    whole, rest = divmod(abs(fen), 100)
    return f"{sign}{whole:,}.{rest:02d}" if separated else f"{sign}{whole}.{rest:02d}"


def largest_remainder(amount: int, weights: list[int]) -> tuple[list[int], list[int]]:
    """An amount split in proportion to weights, exact to the fen: the parts, and the places that got a left-over fen, in that order.

    What is left after rounding down goes to the largest remainders; equal remainders go by place. A negative amount is split like its
    opposite. ValueError when a weight is negative or all are zero.
    """
    whole = sum(weights)
    if whole <= 0 or min(weights) < 0:
        raise ValueError("weights are not negative and not all zero")
    sign, size = (-1, -amount) if amount < 0 else (1, amount)
    parts = [size * weight // whole for weight in weights]
    by_remainder = sorted(range(len(weights)), key=lambda place: (-(size * weights[place] % whole), place))
    favoured = by_remainder[: size - sum(parts)]
    for place in favoured:
        parts[place] += 1
    return [sign * one for one in parts], favoured
