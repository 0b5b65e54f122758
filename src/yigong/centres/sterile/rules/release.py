"""When a load may be released: pure, on what was found."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from yigong.centres.sterile.rules.definitions import Programme

# What must be good before a load of this kind leaves, besides a biological result that is waited for.
REQUIRED = {"sterilise": ("physical", "chemical"), "wash": ("physical",)}
_WORDS = {"physical": "物理监测", "chemical": "化学监测", "biological": "生物监测"}


@dataclass(frozen=True, slots=True)
class Verdict:
    """``missing`` results and ``bad`` ones, in words; releasable when both are empty."""

    missing: tuple[str, ...]
    bad: tuple[str, ...]
    only_biological: bool

    @property
    def is_good(self) -> bool:
        """Whether everything required is there and good."""
        return not self.missing and not self.bad


def judge_load(kind: str, waits_biological: bool, results: Iterable[tuple[str, bool]]) -> Verdict:
    """The release guard: physical and chemical good, and biological where the load waits for it. One bad result of a kind outweighs good ones."""
    found: dict[str, bool] = {}
    for name, good in results:
        found[name] = found.get(name, True) and good
    wanted = [*REQUIRED[kind], *(["biological"] if waits_biological else [])]
    missing = [name for name in wanted if name not in found]
    bad = [name for name, good in found.items() if not good]
    return Verdict(words(missing), words(bad), missing == ["biological"] and not bad)


def words(names: Iterable[str]) -> tuple[str, ...]:
    """Kinds of monitoring in the reader's language."""
    return tuple(_(_WORDS.get(name, name)) for name in names)


def takes_biological(
    programme: Programme, *, implants: bool, last_good: datetime | None, now: datetime, weekly_days: int
) -> bool:
    """Whether a biological indicator must go into the load that starts now."""
    if programme.kind != "sterilise":
        return False
    if implants or programme.biological == "load" or last_good is None:
        return True
    span = {"weekly": timedelta(days=weekly_days), "daily": timedelta(days=1)}.get(programme.biological)
    return span is not None and now - last_good >= span


def missing_pieces(contents: Mapping[str, int], counted: Mapping[str, int]) -> dict[str, tuple[int, int]]:
    """Expected and counted of every item that came back short; an item that was not counted is taken as complete."""
    return {
        code: (quantity, counted[code])
        for code, quantity in contents.items()
        if code in counted and counted[code] < quantity
    }
