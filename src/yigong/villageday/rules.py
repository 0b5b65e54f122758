"""Limits of what a phone takes along, its clock, and the way through a village."""

import re
from collections.abc import Iterator
from datetime import date

import msgspec
from django.utils.translation import gettext_noop as _

from yigong.core.packs.api import Kind, current, register
from yigong.core.states.api import State, StateTable, Step
from yigong.villageday import policies


class Limits(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How far a bundle reaches (``days``, at most ``most_days`` and ``most_people``), how long it lives, how wrong a clock may be, and the PIN."""

    code: str
    version: str
    effective_from: date
    title: str
    source: str
    days: int
    most_days: int
    most_people: int
    lives_days: int
    clock_minutes: int
    pin_digits: int
    pin_tries: int
    derivation_rounds: int
    most_entries: int


def problems(limits: Limits) -> Iterator[tuple[str, str]]:
    """A PIN or a derivation too weak to mean anything, a reach beyond its own limit."""
    if limits.pin_digits < 6:
        yield "pin_digits", "口令至少 6 位"  # texts: for whoever writes the pack
    if limits.derivation_rounds < 200_000:
        yield "derivation_rounds", "派生轮数至少 200000"
    if limits.days > limits.most_days:
        yield "days", "默认天数不能超过上限"


LIMITS: Kind[Limits] = register(Kind("village_day", "village-day.toml", Limits, problems))


def limits() -> Limits:
    """The limits in force."""
    found: Limits = current(LIMITS, "village_day")
    return found


ENTRY = StateTable(
    name="offline_entry",
    states={
        "accepted": State(_("已入档"), final=True),
        "review": State(_("待核对")),
        "dropped": State(_("不采用"), final=True),
    },
    steps=[
        Step("accept", {"review"}, "accepted", _("采用"), permission=policies.USE, reason_required=True),
        Step("drop", {"review"}, "dropped", _("不采用"), permission=policies.USE, reason_required=True),
    ],
)


def way_key(division: str, address: str) -> tuple[str, int, str]:
    """The order of a walk: by village, then by house number, then by the address as written.

    >>> sorted(["12号", "3号", "2组1号"], key=lambda a: way_key("", a))
    ['2组1号', '3号', '12号']
    """
    number = re.search(r"\d+", address)
    return division, int(number[0][:9]) if number else 10**9, address
