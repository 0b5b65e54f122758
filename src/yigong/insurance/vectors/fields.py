"""The fields of a JSON object, each read once by name; what nobody read is an unknown field."""

from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from typing import Any, TypeVar

from yigong.insurance.benefits import money
from yigong.insurance.vectors.errors import VectorInvalid

T = TypeVar("T")
_MISSING: Any = object()


class Fields:
    """One object of a vector file. ``place`` is its path, for messages."""

    def __init__(self, found: object, place: str = "input") -> None:
        if not isinstance(found, Mapping):
            raise VectorInvalid(f"{place} 应是一个对象（{{…}}）")
        self._found, self.place, self._read = dict(found), place, set[str]()

    def __contains__(self, name: str) -> bool:
        return name in self._found

    def names(self) -> set[str]:
        """All fields there are."""
        return set(self._found)

    def unread(self) -> list[str]:
        """The fields that nobody has asked for yet, in their order."""
        return [name for name in self._found if name not in self._read]

    def get(self, name: str, read: Callable[[Any], T], default: T = _MISSING) -> T:
        """One field through its reader; without a default it must be there."""
        self._read.add(name)
        if name not in self._found:
            if default is _MISSING:
                raise VectorInvalid(f"{self.place} 缺少字段 {name}")
            return default
        try:
            return read(self._found[name])
        except (ValueError, ArithmeticError) as fault:
            raise VectorInvalid(f"{self.place}.{name}:{fault}") from None

    def fen(self, name: str, default: int = _MISSING) -> int:
        """An amount in yuan, as fen."""
        return self.get(name, money.fen, default)

    def share(self, name: str, default: int = _MISSING) -> int:
        """A share, in millionths."""
        return self.get(name, money.share, default)

    def decimal(self, name: str, default: Decimal = _MISSING) -> Decimal:
        """A decimal number."""
        return self.get(name, money.decimal, default)

    def whole(self, name: str, default: int = _MISSING) -> int:
        """A whole number."""
        return self.get(name, _whole, default)

    def text(self, name: str, default: str = _MISSING) -> str:
        """A word."""
        return self.get(name, _text, default)

    def flag(self, name: str) -> bool:
        """True or false; false when not given."""
        return self.get(name, _flag, False)

    def inner(self, name: str) -> "Fields":
        """An object inside."""
        return self.get(name, lambda found: Fields(found, f"{self.place}.{name}"))

    def listed(self, name: str) -> list["Fields"]:
        """A list of objects inside."""
        found = self.get(name, _list)
        return [Fields(one, f"{self.place}.{name}[{number}]") for number, one in enumerate(found)]

    def raw(self, name: str, default: Any = _MISSING) -> Any:
        """A field as it stands."""
        return self.get(name, lambda found: found, default)

    def others(self) -> Iterator[str]:
        """The fields that are left, for objects whose names are free."""
        yield from self.unread()

    def end(self) -> None:
        """Every field has been asked for, or the first unknown one is named."""
        if unknown := self.unread():
            known = "、".join(sorted(self._read)) or "无"
            raise VectorInvalid(f"{self.place} 有不认识的字段 {'、'.join(unknown)}（这里可用的字段：{known}）")


def _whole(found: object) -> int:
    number = money.decimal(found)
    if number != number.to_integral_value():
        raise ValueError(f"“{found}”应是整数")
    return int(number)


def _text(found: object) -> str:
    if not isinstance(found, str):
        raise ValueError(f"“{found}”应是文字")
    return found


def _flag(found: object) -> bool:
    if not isinstance(found, bool):
        raise ValueError(f"“{found}”应是 true 或 false")
    return found


def _list(found: object) -> list[Any]:
    if not isinstance(found, list):
        raise ValueError("应是一个列表（[…]）")
    return found
