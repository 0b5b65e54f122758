"""Candidates: who by the record belongs into a programme and is not in it. One pass over sets, no question per person."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from yigong.core import clock
from yigong.core.actor import Actor
from yigong.core.changes import change
from yigong.core.errors import Conflict, NotFound
from yigong.core.expressions.api import Vocabulary
from yigong.core.jobs import api as jobs
from yigong.core.months import months_between
from yigong.programmes import policies
from yigong.programmes.commands import common
from yigong.programmes.commands.enrolling import enrol
from yigong.programmes.data import EnrolmentData
from yigong.programmes.models import Candidate, Enrolment
from yigong.programmes.queries.standing import population_of
from yigong.programmes.rules import judging
from yigong.programmes.rules.checking import who_kinds
from yigong.programmes.rules.definition import Programme
from yigong.programmes.rules.packs import programmes
from yigong.records import api as records
from yigong.residents import api as residents

_LONGEST = 200


def find_candidates(*, code: str, actor: Actor, places: set[UUID] | None = None, today: date | None = None) -> int:
    """Look for everybody below these places (everywhere when None) whom a programme is for; returns how many are new on the list.

    Whoever was declined stays declined; who is enrolled, or no longer fits, leaves the list.
    """
    day = today or clock.today()
    programme = programmes(day)[code]
    if not programme.who.find:
        return 0
    found = list(fitting(programme, day, places))
    with transaction.atomic():
        waiting = Candidate.objects.filter(programme=code, state="waiting")
        if places is not None:
            waiting = waiting.filter(institution_id__in=places)
        # Who waits still and fits no more is taken off; their number is small beside the people looked at.
        gone = set(waiting.values_list("resident_id", flat=True)) - {person for person, _place, _why in found}
        waiting.filter(resident_id__in=gone).delete()
        before = Candidate.objects.filter(programme=code).count()
        rows = (
            Candidate(programme=code, resident_id=person, institution_id=place, why=why[:_LONGEST], found_on=day)
            for person, place, why in found
        )
        Candidate.objects.bulk_create(rows, ignore_conflicts=True, batch_size=5000)
        return Candidate.objects.filter(programme=code).count() - before


def look_at(*, resident_id: UUID, codes: Collection[str]) -> int:
    """The same for one person of whom the record just learned something: at once onto the lists of these programmes. Returns how many are new."""
    day, who = clock.today(), residents.resolve([resident_id]).get(resident_id)
    if who is None:
        return 0
    before = Candidate.objects.filter(resident_id=who).count()
    for code in codes:
        rows = [
            Candidate(programme=code, resident_id=person, institution_id=place, why=why[:_LONGEST], found_on=day)
            for person, place, why in fitting(programmes(day)[code], day, None, only=who)
        ]
        Candidate.objects.bulk_create(rows, ignore_conflicts=True)
    return Candidate.objects.filter(resident_id=who).count() - before


def fitting(
    programme: Programme, day: date, places: set[UUID] | None, only: UUID | None = None
) -> Iterator[tuple[UUID, UUID, str]]:
    """(resident, managing institution, why) of everybody (or of one) the programme is for and who is not in it."""
    who = programme.who
    everybody = population_of(programme, day.year, day, places).filter(managing_institution_id__isnull=False)
    everybody = everybody.filter(pk=only) if only else everybody
    inside = Enrolment.objects.filter(programme=programme.code, state="active").values("resident_id")
    everybody = everybody.exclude(pk__in=inside)
    yield from _fitting(programme, everybody, day, only)
    if who.suspect:
        yield from _suspects(programme, everybody, day, only)


def _suspects(programme: Programme, everybody: Any, day: date, only: UUID | None) -> Iterator[tuple[UUID, UUID, str]]:
    """Those without the diagnosis whose newest values ask for another look."""
    who = programme.who
    known = records.with_condition(who.conditions)
    ill = set((known.filter(person=only) if only else known).values_list("person", flat=True))
    values = _values(programme, day, only)
    test, names = Vocabulary(who_kinds(programme)).compile(who.suspect), judging.names_in(who.suspect)
    measured = {key for by in values.values() for key in by} - ill
    for key, place in everybody.filter(pk__in=measured).values_list("pk", "managing_institution_id"):
        facts = {name: float(by[key]) for name, by in values.items() if key in by}
        if test.evaluate({n: v for n, v in facts.items() if n in names}) is True:
            shown = {r.name: f"{facts[r.name]:g}" if r.name in facts else "—" for r in who.results}
            yield key, place, who.suspect_text.format(**shown)


def _values(programme: Programme, day: date, only: UUID | None) -> dict[str, dict[UUID, Any]]:
    found = {}
    for result in programme.who.results:
        rows = records.newest_values(result.code, since=day - timedelta(days=result.within_days))
        found[result.name] = dict(rows.filter(resident_id=only) if only else rows)
    return found


def _fitting(programme: Programme, people: Any, day: date, only: UUID | None) -> Iterator[tuple[UUID, UUID, str]]:
    who = programme.who
    codes = _codes(people, programme)
    if who.conditions:
        people = people.filter(pk__in=_keys(records.with_condition(who.conditions), "person"))
    if who.admitted_within_days:
        people = people.filter(
            pk__in=_keys(records.admitted_since(day - timedelta(days=who.admitted_within_days)), "person")
        )
    values = _values(programme, day, only) if who.when else {}
    test = Vocabulary(who_kinds(programme)).compile(who.when) if who.when else None
    names = judging.names_in(who.when)
    for key, place, born, sex in people.values_list("pk", "managing_institution_id", "birth_date", "sex").iterator(
        chunk_size=5000
    ):
        if test is not None:
            facts = _facts(key, born, sex, day, codes, values)
            if test.evaluate({n: v for n, v in facts.items() if n in names}) is not True:
                continue
        yield key, place, _why(programme, codes.get(key, ()), born, day)


def _keys(rows: Any, name: str) -> Any:
    return rows.values_list(name, flat=True)


def _codes(people: Any, programme: Programme) -> dict[UUID, list[str]]:
    if not programme.who.conditions:
        return {}
    found: dict[UUID, list[str]] = {}
    for person, code in records.with_condition(programme.who.conditions).iterator(chunk_size=5000):
        found.setdefault(person, []).append(code)
    return found


def _facts(key: UUID, born: date | None, sex: str, day: date, codes: Mapping[UUID, Iterable[str]], values: Mapping[str, Mapping]) -> dict[str, Any]:  # fmt: skip
    facts: dict[str, Any] = {"sex": sex, "conditions": list(codes.get(key, ()))}
    if born:
        facts["months"] = months_between(born, day)
        facts["age"] = facts["months"] // 12
    return facts | {name: float(by[key]) for name, by in values.items() if key in by}


def _why(programme: Programme, codes: Iterable[str], born: date | None, day: date) -> str:
    parts = []
    if known := sorted(set(codes)):
        parts.append("诊断 " + "、".join(f"{records.diagnosis_name(c) or ''}（{c}）" for c in known[:3]))
    if born:
        months = months_between(born, day)
        parts.append(f"{months // 12} 岁" if months >= 84 else f"{months} 月龄")
    return "，".join(parts)


@change
def accept(*, candidate_id: UUID, actor: Actor, answers: Mapping[str, Any] | None = None) -> EnrolmentData:
    """Take a candidate in; the managing institution is the one the person belongs to."""
    row = _waiting(candidate_id, actor)
    return enrol(
        resident_id=row.resident_id,
        programme=row.programme,
        actor=actor,
        answers=answers,
        institution_id=row.institution_id,
        source="candidate",
    )


@change
def decline(*, candidate_id: UUID, reason: str, actor: Actor) -> None:
    """Not for this programme, with the reason; the search does not bring the person again."""
    row = _waiting(candidate_id, actor)
    row.reason = common.required(reason, "reason", _("请写明不纳入的原因，例如“继发性高血压，专科管理”。"))
    row.state, row.decided_by, row.decided_at = "declined", actor.name, clock.now()
    row.save(update_fields=["state", "reason", "decided_by", "decided_at"])


def _waiting(candidate_id: UUID, actor: Actor) -> Candidate:
    policies.require(actor, policies.FIND)
    row = Candidate.objects.select_for_update().filter(pk=candidate_id).first()
    if row is None:
        raise NotFound()
    if not policies.manages(actor, row.institution_id):
        raise NotFound()
    if row.state != "waiting":
        raise Conflict(
            _("%(who)s 已处理过这名候选人（%(state)s）。") % {"who": row.decided_by, "state": row.get_state_display()}
        )
    return row


@jobs.job_kind("programmes.find")
def find_job(job: jobs.JobData, *, codes: list[str]) -> None:
    """The search for the actor's people, programme by programme."""
    actor = jobs.actor_of(job.id)
    places = policies.places(actor)
    new = 0
    for n, code in enumerate(codes):
        jobs.progress(job.id, n, len(codes), _(programmes()[code].title))
        new += find_candidates(code=code, actor=actor, places=places)
    jobs.progress(job.id, len(codes), len(codes), _("新增候选人 %(n)s 名") % {"n": new})
