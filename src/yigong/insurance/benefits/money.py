"""Money in fen and shares in millionths, both whole numbers: exact, rounded half up where a figure gets its name."""

# texts: data (words for whoever writes plans)

from decimal import Decimal, InvalidOperation

from yigong.core import money

WHOLE = 1_000_000  # a share of 1
_HALF = WHOLE // 2
_QUANTITY, _PRICE = 10_000, 1_000_000  # digits of the national interface: quantity 16,4 and price 16,6
LIMIT = 10**14  # 16,2: what the interface can carry


def rounded(numerator: int, denominator: int) -> int:
    """A fraction with a positive denominator as a whole number, half away from zero."""
    if numerator < 0:
        return -((-2 * numerator + denominator) // (2 * denominator))
    return (2 * numerator + denominator) // (2 * denominator)


def part(amount: int, ratio: int) -> int:
    """``ratio`` (in millionths) of an amount in fen, rounded half up."""
    if amount < 0:
        return -((_HALF - amount * ratio) // WHOLE)
    return (amount * ratio + _HALF) // WHOLE


def line_amount(quantity: int, price: int) -> int:
    """Fen of a quantity (in 1/10,000) at a price (in 1/1,000,000 yuan)."""
    return rounded(quantity * price, _QUANTITY * _PRICE // 100)


def fen(text: object) -> int:
    """Fen of an amount in yuan with at most two decimals. ValueError says what is wrong with it."""
    return _whole(text, 100, "金额", "两位小数")


def share(text: object) -> int:
    """Millionths of a share such as 0.85. ValueError says what is wrong with it."""
    return _whole(text, WHOLE, "比例", "六位小数")


def quantity(text: object) -> int:
    """A quantity in 1/10,000."""
    return _whole(text, _QUANTITY, "数量", "四位小数")


def price(text: object) -> int:
    """A price in 1/1,000,000 yuan."""
    return _whole(text, _PRICE, "单价", "六位小数")


def yuan(amount: int) -> str:
    """An amount in fen as it is read: ``1234.50``."""
    return money.yuan(amount, separated=False)


def percent(ratio: int) -> str:
    """A share in millionths as it is read: ``85%``, ``82.5%``."""
    return f"{Decimal(ratio).scaleb(-4).normalize():f}%"


def decimal(text: object) -> Decimal:
    """A finite decimal number; ValueError when the text is none."""
    if isinstance(text, bool | float) or not isinstance(text, int | str | Decimal):
        raise ValueError(f"“{text}”应写成加引号的数字")
    try:
        number = Decimal(text)
    except InvalidOperation:
        raise ValueError(f"“{text}”不是数字") from None
    if not number.is_finite():
        raise ValueError(f"“{text}”不是数字")
    return number


def _whole(text: object, unit: int, what: str, digits: str) -> int:
    scaled = decimal(text) * unit
    if scaled != scaled.to_integral_value():
        raise ValueError(f"{what}“{text}”最多{digits}")
    if abs(scaled) > LIMIT * unit // 100:
        raise ValueError(f"{what}“{text}”过大")
    return int(scaled)
