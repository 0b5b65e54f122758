"""Money is whole fen everywhere; people read yuan."""


def yuan(fen: int) -> str:
    """An amount in fen as people read it: yuan with two decimals and separators.

    >>> yuan(123456), yuan(-5)
    ('1,234.56', '-0.05')
    """
    sign = "-" if fen < 0 else ""
    return f"{sign}{abs(fen) // 100:,}.{abs(fen) % 100:02d}"
