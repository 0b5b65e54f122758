"""Who counts in which rate of a year: counted in one pass over a programme's people, kept as rows; every figure is a count of these rows."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Count, F, Q, QuerySet
from django.db.models.functions import Coalesce

from yigong.core.expressions.api import EvaluationFailed
from yigong.core.months import add_months, months_between
from yigong.network import api as network
from yigong.programmes.models import Candidate, Due, Enrolment, Standing, Visit
from yigong.programmes.queries.working import Working
from yigong.programmes.rules import judging
from yigong.programmes.rules.definition import Programme, Rate
from yigong.records import api as records
from yigong.residents import api as residents

_PERSON = (
    "id", "institution_id", "resident__managing_institution_id", "resident__birth_date", "resident__sex", "started_on", "anchor_on",
    "ended_on", "ending", "person",
)  # fmt: skip
_VISIT = ("enrolment_id", "stage", "on", "way", "grade", "values", "is_complete", "entered_late")


@dataclass(frozen=True, slots=True)
class _More:
    """What is known of a person's year besides his visits."""

    missed: int
    overdue: int
    contacts: int


def of_year(code: str, year: int) -> QuerySet[Enrolment]:
    """The enrolments of a programme that were open on some day of a year."""
    begun = Enrolment.objects.filter(programme=code, started_on__lte=date(year, 12, 31))
    return begun.filter(Q(ended_on__isnull=True) | Q(ended_on__gt=date(year, 1, 1)))


@transaction.atomic
def rewrite(programme: Programme, year: int, today: date) -> int:
    """Count one programme's year anew; returns how many rows."""
    if not programme.rates:
        return 0
    Standing.objects.filter(programme=programme.code, year=year).delete()
    return _copy(list(_rows(programme, year, today, of_year(programme.code, year))))


def rewrite_one(work: Working, today: date) -> None:
    """The same for one enrolment at hand, inside the command that changed it and holds its row: written only where something changed."""
    row, year, programme = work.enrolment, today.year, work.programme
    person = (
        row.id,
        row.institution_id,
        work.home,
        work.born,
        work.sex,
        row.started_on,
        row.anchor_on,
        row.ended_on,
        row.ending,
        row.resident_id,
    )
    visits = [tuple(getattr(v, name) for name in _VISIT) for v in work.visits if v.on.year == year]
    missed = sum(1 for d in work.dues if d.state == "missed" and d.closes_on.year == year)
    overdue = _overdue(programme, Due.objects.filter(enrolment_id=row.id), year).get(row.id, 0)
    contacts = sum(_contacts(programme, year, row.resident_id).values())
    open_in_it = row.started_on.year <= year and (row.ended_on is None or row.ended_on > date(year, 1, 1))
    rows = (
        list(_of_person(programme, person, visits, _More(missed, overdue, contacts), year, today)) if open_in_it else []
    )
    held = Standing.objects.filter(enrolment_id=row.id, year=year)
    columns = ("programme", "rate", "year", "enrolment_id", "institution_id", "counts")
    if set(held.values_list(*columns)) == set(rows):
        return
    held.delete()
    Standing.objects.bulk_create(Standing(**dict(zip(columns, values, strict=True))) for values in rows)


def _copy(rows: Sequence[tuple]) -> int:
    done = 0
    with connection.cursor() as cursor:
        columns = "programme, rate, year, enrolment_id, institution_id, counts"
        with cursor.copy(f"copy programmes_standing ({columns}) from stdin") as copy:
            for row in rows:
                copy.write_row(row)
                done += 1
    return done


def _rows(programme: Programme, year: int, today: date, people: QuerySet[Enrolment]) -> Iterator[tuple]:
    first, last = date(year, 1, 1), date(year, 12, 31)
    visits = _by_person(
        Visit.objects.filter(enrolment__in=people, void_reason="", on__range=(first, last)).order_by(
            "enrolment_id", "on", "recorded_at"
        )
    )
    missed = dict(
        Due.objects.filter(enrolment__in=people, state="missed", closes_on__range=(first, last))
        .values_list("enrolment_id").annotate(n=Count("id"))
    )  # fmt: skip
    overdue = _overdue(programme, Due.objects.filter(enrolment__in=people), year)
    contacts = _contacts(programme, year)
    now = people.annotate(person=Coalesce("resident__merged_into_id", "resident_id"))
    for person in list(now.values_list(*_PERSON)):
        key = person[0]
        more = _More(missed.get(key, 0), overdue.get(key, 0), contacts.get(person[9], 0))
        yield from _of_person(programme, person, visits.get(key, ()), more, year, today)


def _overdue(programme: Programme, rows: QuerySet[Due], year: int) -> dict[UUID, int]:
    """How many visits of a year each of these people had after their hour; asked only where a rate of the programme wants to know."""
    texts = [text for rate in programme.rates for text in (rate.counts, rate.of)]
    if not any("overdue" in judging.names_in(text) for text in texts):
        return {}
    late = rows.filter(state="done", visit__on__year=year, visit__void_reason="", visit__recorded_at__gt=F("deadline"))
    return dict(late.order_by().values_list("enrolment_id").annotate(n=Count("id")))


def _contacts(programme: Programme, year: int, resident_id: UUID | None = None) -> dict[UUID, int]:
    """How many services of a year the record holds, by person; asked only where a rate of the programme wants to know."""
    if "contacts" not in {
        name for rate in programme.rates for text in (rate.counts, rate.of) for name in judging.names_in(text)
    }:
        return {}
    keys = residents.identities(resident_id) if resident_id else None
    return dict(records.contacts_between(date(year, 1, 1), date(year, 12, 31), keys))


def _of_person(programme: Programme, person: Sequence[Any], visits: Sequence[tuple], more: _More, year: int, today: date) -> Iterator[tuple]:  # fmt: skip
    rates, facts = judging.compiled(programme).rates, _facts(programme, person, visits, more, year, today)
    for rate in programme.rates:
        counts, of = rates[rate.code]
        if of.value(facts) is True:
            place = (person[2] or person[1]) if rate.base == "population" else person[1]
            yield programme.code, rate.code, year, person[0], place, _true(counts, facts)


def _true(condition: judging.Condition, facts: Mapping[str, Any]) -> bool:
    """What cannot be decided (no reading in the year) does not count."""
    try:
        return condition.value(facts) is True
    except EvaluationFailed:
        return False


def _by_person(rows: QuerySet[Visit]) -> dict[UUID, list[tuple]]:
    found: dict[UUID, list[tuple]] = defaultdict(list)
    for row in rows.values_list(*_VISIT).iterator(chunk_size=5000):
        found[row[0]].append(row)
    return found


def _facts(programme: Programme, person: Sequence[Any], visits: Sequence[tuple], more: _More, year: int, today: date) -> dict[str, Any]:  # fmt: skip
    _id, _place, _home, born, sex, started, anchor, ended, ending, _person = person
    first, after = date(year, 1, 1), min(date(year + 1, 1, 1), add_months(today, 0))
    begin, end = max(started, first), min(ended or after, after)
    until = min(today, date(year, 12, 31))
    whole = [v for v in visits if v[6]]
    facts: dict[str, Any] = {
        "managed_months": months_between(begin, end), "visits": len(whole), "missed": more.missed, "overdue": more.overdue, "contacts": more.contacts, "sex": sex,
        "face_visits": sum(1 for v in whole if v[3] != "3"), "ended": ended is not None and ended <= until, "ending": ending,
        "late": sum(1 for v in visits if v[7]), "last_grade": "",
    }  # fmt: skip
    if born:
        facts["age"] = months_between(born, until) // 12
    facts |= {f"visits_{s.code}": 0 for s in programme.stages}
    for v in whole:
        facts[f"visits_{v[1]}"] = facts.get(f"visits_{v[1]}", 0) + 1
        facts.setdefault(f"day_{v[1]}", (v[2] - (anchor or started)).days)
    graded = next((v for v in reversed(visits) if v[4]), None)
    if graded:
        facts["last_grade"] = graded[4]
        facts |= {f"last_{code}": value for code, value in graded[5].items()}
    return facts


# ---- figures


@dataclass(frozen=True, slots=True)
class Figure:
    """One rate of one place: ``of`` people, ``counts`` of them."""

    institution_id: UUID | None
    name: str
    level: str
    counts: int
    of: int

    @property
    def share(self) -> float | None:
        """The rate, None without anybody to count."""
        return self.counts / self.of if self.of else None


def rows_of(programme: Programme, rate: Rate, year: int, places: set[UUID] | None) -> QuerySet[Standing]:
    """The people behind a rate's numerator and, for enrolled bases, its denominator."""
    rows = Standing.objects.filter(programme=programme.code, rate=rate.code, year=year)
    return rows if places is None else rows.filter(institution_id__in=places)


def of_rate(programme: str, rate: str, year: int) -> QuerySet:
    """The people of a rate's rows as (``person``, ``counts``), for one statement of another room."""
    rows = Standing.objects.filter(programme=programme, rate=rate, year=year).annotate(
        person=F("enrolment__resident_id")
    )
    return rows.values("person", "counts")


def population_of(programme: Programme, year: int, today: date, places: set[UUID] | None, months_to: int | None = None) -> QuerySet:  # fmt: skip
    """The residents behind a population denominator: those of the programme's (or the rate's) age and sex in the register on the day."""
    day = min(today, date(year, 12, 31))
    who = programme.who
    born_until = add_months(day, -12 * who.age_from) if who.age_from is not None else None
    upto = months_to if months_to is not None else who.months_to
    most = upto if upto is not None else (who.age_to + 1) * 12 - 1 if who.age_to is not None else None
    born_after = add_months(day, -(most + 1)) if most is not None else None
    rows = residents.population(
        born_after=born_after, born_until=born_until, sex=who.sex, on=None if day == today else day
    )
    return rows if places is None else rows.filter(managing_institution_id__in=places)


def figures(programme: Programme, rate: Rate, year: int, today: date, places: set[UUID] | None) -> list[Figure]:
    """The rate of every place and of all together (first), with townships holding their villages."""
    counted: dict[UUID, list[int]] = defaultdict(lambda: [0, 0])
    rows = rows_of(programme, rate, year, places).values("institution_id")
    for row in rows.annotate(n=Count("id"), c=Count("id", filter=Q(counts=True))):
        counted[row["institution_id"]][0] += row["c"]
        counted[row["institution_id"]][1] += row["n"] if rate.base == "enrolled" else 0
    if rate.base == "population":
        for place, n in (
            population_of(programme, year, today, places, rate.months_to)
            .values_list("managing_institution_id")
            .annotate(n=Count("id"))
        ):
            counted[place][1] += n
    total = Figure(None, "", "", sum(c for c, _n in counted.values()), sum(n for _c, n in counted.values()))
    return [total, *_by_place(counted)]


def coverage(code: str, places: set[UUID] | None) -> list[Figure]:
    """Of everybody whom the record shows to belong into a programme (under management today, or found and not decided yet) how many are under management,
    for all together (first) and by place. Not a rate of the specification: who was never diagnosed is in no record."""
    counted: dict[UUID, list[int]] = defaultdict(lambda: [0, 0])
    managed = Enrolment.objects.filter(programme=code, state="active")
    found = Candidate.objects.filter(programme=code, state="waiting")
    for managing, rows in ((1, managed), (0, found)):
        kept = rows if places is None else rows.filter(institution_id__in=places)
        for place, n in kept.values_list("institution_id").annotate(n=Count("id")).order_by():
            counted[place][0] += n * managing
            counted[place][1] += n
    total = Figure(None, "", "", sum(c for c, _n in counted.values()), sum(n for _c, n in counted.values()))
    return [total, *_by_place(counted)] if total.of else []


def totals(year: int, places: set[UUID] | None) -> dict[tuple[str, str], tuple[int, int]]:
    """(counted, of) of every rate whose base are the enrolled, in one statement."""
    rows = Standing.objects.filter(year=year)
    if places is not None:
        rows = rows.filter(institution_id__in=places)
    found = rows.values("programme", "rate").annotate(n=Count("id"), c=Count("id", filter=Q(counts=True)))
    return {(r["programme"], r["rate"]): (r["c"], r["n"]) for r in found}


def _by_place(counted: Mapping[UUID, Sequence[int]]) -> list[Figure]:
    places = network.institutions({k for k in counted if k})
    above = network.institutions({p.parent_id for p in places.values() if p.level == "village" and p.parent_id})
    sums: dict[UUID, list[int]] = {key: list(n) for key, n in counted.items() if key}
    for key, place in places.items():
        if place.level == "village" and place.parent_id:
            both = sums.setdefault(place.parent_id, [0, 0])
            both[0] += counted[key][0]
            both[1] += counted[key][1]
    everywhere = {**above, **places}
    found = []
    for key, (c, n) in sums.items():
        place = everywhere[key]
        upper = everywhere.get(place.parent_id) if place.level == "village" and place.parent_id else place
        order = (upper.code if upper else place.code, place.level == "village", place.code)
        found.append((order, Figure(key, place.name, place.level, c, n)))
    return [figure for _order, figure in sorted(found, key=lambda pair: pair[0])]
