"""The registry: definitions in force, in the order of their sets."""

from datetime import date

from django.utils.translation import gettext as _

from yigong.core.errors import NotFound
from yigong.core.months import add_months, first_of
from yigong.core.packs.api import current, every, released, rows, versions
from yigong.indicators.rules.definition import COCKPITS, CRITERIA, INDICATORS, Alarms, Criterion, Definition


def registry(on: date | None = None) -> dict[str, Definition]:
    """All indicators in force on a day, by code."""
    return every(INDICATORS, on)


def counted(on: date | None = None) -> dict[str, Definition]:
    """Those that this room counts."""
    return {code: definition for code, definition in registry(on).items() if definition.is_counted}


def definition(code: str, on: date | None = None) -> Definition:
    """One indicator; NotFound when there is none of this code."""
    found = registry(on).get(code)
    if found is None:
        raise NotFound(_("没有这个指标。"))
    return found


def versions_of(code: str) -> list[Definition]:
    """All versions of one indicator, newest first."""
    return versions(INDICATORS, code)


def version_of(code: str, version: str) -> Definition:
    """The definition under which a kept figure was counted."""
    return released(INDICATORS, code, version)


def turning_points() -> list[date]:
    """The months from which a version of any indicator counts, earliest first: one that begins within a month counts from the next."""
    days = {version.effective_from for code in registry(date.max) for version in versions_of(code)}
    return sorted({day if day.day == 1 else add_months(first_of(day), 1) for day in days})


def criteria() -> list[Criterion]:
    """The eleven criteria of 2020."""
    return list(rows(CRITERIA).values())


def cockpit(level: str) -> list[Definition]:
    """The few figures that a level looks at first, those that are counted."""
    known = counted()
    return [known[code] for code in current(COCKPITS, level).indicators if code in known]


def alarm_limits(level: str) -> Alarms:
    """From when a figure of this level's cockpit is an alarm."""
    return current(COCKPITS, level).alarms
