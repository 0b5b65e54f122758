"""Money is whole fen everywhere; people read yuan."""


def yuan(fen: int, *, separated: bool = True) -> str:
    """An amount in fen as people read it: yuan with two decimals and separators.

    >>> yuan(123456), yuan(-5), yuan(123456, separated=False)
    ('1,234.56', '-0.05', '1234.56')
    """
    sign = "-" if fen < 0 else ""
    whole, rest = divmod(abs(fen), 100)
    return f"{sign}{whole:,}.{rest:02d}" if separated else f"{sign}{whole}.{rest:02d}"
