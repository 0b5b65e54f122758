"""Rates of signing, renewal and fulfilment with the rows behind each. What was signed by month is an indicator over ``fact_contract``.

Counted for one year by the institution that manages the person; the day of counting is today, or the year's last day for a year gone by.
"""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Count, F, Q, QuerySet, Sum
from django.utils.translation import gettext as _

from yigong.access.api import decide_many
from yigong.contracts import policies
from yigong.contracts.models import Contract, GroupMember
from yigong.contracts.queries.groups import has_roll
from yigong.contracts.rules.packs import groups, rules
from yigong.contracts.rules.workflow import COUNTS
from yigong.core import clock
from yigong.core.actor import Actor
from yigong.core.paging import Page, page_of
from yigong.core.rights import note_decision
from yigong.network import api as network
from yigong.residents import api as residents


@dataclass(frozen=True, slots=True)
class Rate:
    """One rate of one place (None: all). ``counts`` of ``of``; no share where the denominator is empty."""

    code: str
    title: str
    text: str
    institution_id: UUID | None
    place: str
    counts: int
    of: int
    certainty: str = "general"

    @property
    def share(self) -> float | None:
        """The rate, None without a denominator: empty is not zero."""
        return self.counts / self.of if self.of else None


def day_of(year: int) -> date:
    """The day for which a year is counted."""
    return min(clock.today(), date(year, 12, 31))


def titles() -> dict[str, tuple[str, str, str]]:
    """Title, formula and certainty of each rate."""
    county = rules()
    found = {
        "signing": (_("签约率"), _("有效签约的常住居民 ÷ 在册常住居民"), "general"),
        "key": (_("重点人群签约率"), _("有效签约的重点人群 ÷ 重点人群（一人属几类只计一次）"), "general"),
    }
    for code, group in groups().items():
        if has_roll(group) and not group.restricted:
            found[f"key-{code}"] = (
                _("%(group)s签约率") % {"group": _(group.label)},
                _("同上，仅此一类"),
                group.certainty,
            )
    words = {"b": county.renew_before_days, "a": county.renew_after_days}
    found["renewal"] = (
        _("续签率"),
        _("期满前 %(b)s 天至期满后 %(a)s 天内续签 ÷ 本年期满（不含死亡、迁出）") % words,
        "uncertain",
    )
    found["people"] = (_("履约率（按人）"), _("约定项目全部完成的人 ÷ 有效签约的人"), "general")
    found["items"] = (_("履约率（按项）"), _("完成次数 ÷ 应完成次数（每项至多计应完成数）"), "general")
    found["key-people"] = (_("重点人群履约率（按人）"), _("同按人履约率，仅重点人群"), "general")
    return found


def holding(day: date) -> QuerySet[Contract]:
    """Contracts that hold on a day, of people who are still there."""
    return Contract.objects.filter(state__in=COUNTS, starts_on__lte=day, ends_on__gt=day)


def sides(code: str, year: int, places: set[UUID] | None) -> tuple[Any, Any]:
    """(numerator, denominator) of a rate as querysets with ``place`` and ``person``: rows of people, or of contracts."""
    day = day_of(year)
    if code == "signing":
        people = _people(residents.population(on=day), places)
        return people.filter(pk__in=holding(day).values("resident_id")), people
    if code == "renewal":
        return _renewals(year, day, places)
    if code in {"people", "items", "key-people"}:
        rows = _contracts(holding(day), places)
        if code == "key-people":
            rows = rows.filter(resident_id__in=GroupMember.objects.filter(until__isnull=True).values("resident_id"))
        return rows.filter(done_times__gte=F("due_times"), due_times__gt=0), rows.filter(due_times__gt=0)
    members = GroupMember.objects.filter(until__isnull=True)
    members = members.filter(group=code.removeprefix("key-")) if code != "key" else members.exclude(group__in=_hidden())
    people = _people(residents.population(on=day), places).filter(pk__in=members.values("resident_id"))
    return people.filter(pk__in=holding(day).values("resident_id")), people


def _hidden() -> list[str]:
    return [c for c, g in groups().items() if g.restricted]


def _people(rows: Any, places: set[UUID] | None) -> Any:
    rows = rows.filter(managing_institution_id__in=places) if places is not None else rows
    return rows.annotate(place=F("managing_institution_id"), person=F("id"))


def _contracts(rows: QuerySet[Contract], places: set[UUID] | None) -> Any:
    rows = rows.filter(resident__managing_institution_id__in=places) if places is not None else rows
    return rows.annotate(place=F("resident__managing_institution_id"), person=F("resident_id"))


def _renewals(year: int, day: date, places: set[UUID] | None) -> tuple[Any, Any]:
    county = rules()
    follows = [e.code for e in county.endings if e.follows]
    over = Contract.objects.filter(
        state__in=COUNTS, ends_on__gt=date(year, 1, 1), ends_on__lte=day, ends_on=F("term_ends_on")
    )
    over = _contracts(
        over.exclude(ending__in=follows).exclude(resident__status__in=["deceased", "moved", "cancelled"]), places
    )
    in_time = Q(renewed_by__isnull=False, renewed_by__state__in=COUNTS) & Q(
        renewed_by__signed_on__lte=F("ends_on") + timedelta(days=county.renew_after_days),
        renewed_by__signed_on__gte=F("ends_on") - timedelta(days=county.renew_before_days),
    )
    return over.filter(in_time), over


def rates(actor: Actor, year: int, code: str = "") -> list[Rate]:
    """All rates of the actor's places together, or one rate of each place."""
    places = _places(actor)
    if not code:
        return [_total(c, t, year, places) for c, t in titles().items()]
    counted, of = (_by_place(rows, code) for rows in _figures(code, year, places))
    names = network.institutions({k for k in of if k})
    title, text, certainty = titles()[code]
    rows = [
        Rate(
            code,
            title,
            text,
            k,
            (names[k].short_name or names[k].name) if k in names else _("未定管理机构"),
            counted.get(k, 0),
            n,
            certainty,
        )
        for k, n in of.items()
    ]
    return sorted(rows, key=lambda r: (r.share if r.share is not None else 2, r.place))


def _places(actor: Actor) -> set[UUID] | None:
    return policies.places(actor)


def _total(code: str, title: tuple[str, str, str], year: int, places: set[UUID] | None) -> Rate:
    counted, of = (sum(_by_place(rows, code).values()) for rows in _figures(code, year, places))
    return Rate(code, title[0], title[1], None, "", counted, of, title[2])


def _figures(code: str, year: int, places: set[UUID] | None) -> tuple[tuple[Any, Any], tuple[Any, Any]]:
    counted, of = sides(code, year, places)
    if code == "items":
        return (of, Sum("done_times")), (of, Sum("due_times"))
    return (counted, Count("pk")), (of, Count("pk"))


def _by_place(pair: tuple[Any, Any], code: str) -> dict[UUID | None, int]:
    rows, how = pair
    return {r["place"]: r["n"] or 0 for r in rows.order_by().values("place").annotate(n=how)}


def rows(actor: Actor, code: str, year: int, *, side: str, place: UUID | None, page: int = 1) -> Page[tuple[Any, UUID]]:
    """The people behind one side of a rate: (name, place), each decided and logged; None for a name that the actor may not read. ``side``: counted,
    missing or all."""
    places = _places(actor)
    if place is not None:
        places = {place} if places is None or place in places else set()
    counted, of = sides(code, year, places)
    chosen = {"counted": counted, "missing": of.exclude(pk__in=counted.values("pk"))}.get(side, of)
    found = page_of(chosen.order_by("place", "person").values_list("person", "place"), page=page, convert=_named)
    if not found.items:
        note_decision()
        return found
    allowed = decide_many(actor, "read_detail", "resident", {person.id for person, _place in found.items})
    return replace(
        found, items=[(person if allowed[person.id].allowed else None, place) for person, place in found.items]
    )


def named(actor: Actor, people: list[UUID]) -> dict[UUID, Any]:
    """The names of those the actor may read about, each decided and logged."""
    if not people:
        note_decision()
        return {}
    allowed = decide_many(actor, "read_detail", "resident", set(people))
    return residents.resident_names({key for key, one in allowed.items() if one.allowed})


def _named(found: list[tuple[UUID, UUID]]) -> list[tuple[Any, UUID]]:
    names = residents.resident_names({person for person, _place in found})
    return [(names[person], place) for person, place in found]


def by_group(actor: Actor) -> list[tuple[str, str, int, int, bool]]:
    """(group, title, people, of them signed, known) of the actor's places today; a roll that nobody offers is not collected."""
    places, today = _places(actor), clock.today()
    members = GroupMember.objects.filter(until__isnull=True)
    members = members.filter(institution_id__in=places) if places is not None else members
    signed = Count("id", filter=Q(resident_id__in=holding(today).values("resident_id")))
    found = {r["group"]: (r["n"], r["s"]) for r in members.values("group").annotate(n=Count("id"), s=signed)}
    return [(c, _(g.label), *found.get(c, (0, 0)), has_roll(g)) for c, g in groups().items() if not g.restricted]
