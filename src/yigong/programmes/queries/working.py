"""People in programmes with all that a plan or a grade needs: a handful of statements for any number of them."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from yigong.core import statements
from yigong.programmes.models import Due, Enrolment, Hold, Visit
from yigong.programmes.rules import growth, judging, planning
from yigong.programmes.rules.definition import Programme
from yigong.programmes.rules.packs import version_of

CHUNK = 2000
# Asked at every visit.
_OF_THESE = "where enrolment_id = any(%(keys)s) and"
_VISITS = f"""{_OF_THESE} void_reason = '' order by "on", recorded_at, id"""
_DUES = f"{_OF_THESE} state not in ('cancelled', 'done')"
_HOLDS = f"{_OF_THESE} lifted_on is null"


@dataclass
class Working:
    """One enrolment with its person's dates, visits that count, due rows and holds.

    ``home`` is the institution that keeps the person's file; ``name`` is blank where it has to be asked for (the file was merged).
    """

    enrolment: Enrolment
    programme: Programme
    born: date | None
    sex: str
    home: UUID | None = None
    name: str = ""
    visits: list[Visit] = field(default_factory=list)
    dues: list[Due] = field(default_factory=list)
    held: set[str] = field(default_factory=set)

    def basis(self) -> planning.Basis:
        """The dates the plan starts from."""
        row = self.enrolment
        facts = judging.revived(self.programme, row.facts) | {"sex": self.sex, "born": self.born}
        return planning.Basis(row.started_on, self.born, row.anchor_on, row.began_at, facts)

    def made(self) -> list[planning.Made]:
        """The visits, oldest first."""
        return [planning.Made(v.stage, v.on, v.grade, dates_in(self.programme, v.facts)) for v in self.visits]

    def plan(self, today: date, programme: Programme | None = None) -> list[planning.Planned]:
        """What is due by the own or another version; nothing once it has ended."""
        if self.enrolment.state != "active":
            return []
        skipped = {(d.stage, d.place) for d in self.dues if d.state in {"missed", "declined"}}
        return planning.plan(
            programme or self.programme, self.basis(), self.made(), today, skipped=skipped, held=self.held
        )


def dates_in(programme: Programme, facts: Mapping[str, Any]) -> Mapping[str, date]:
    """Of a visit's kept facts the dates that a stage may count from."""
    names = judging.counted_from(programme)
    return {n: date.fromisoformat(str(facts[n])) for n in names if facts.get(n)} if names else {}


def load(ids: Collection[UUID], *, lock: bool = False, today: date) -> list[Working]:
    """The enrolments of these keys, in the order of their keys; ``lock`` holds the rows until the transaction ends."""
    rows = Enrolment.objects.filter(pk__in=ids).select_related("resident").order_by("id")
    if lock:
        rows = rows.select_for_update(of=("self",))
    found = {r.id: _working(r) for r in rows}
    values = {"keys": list(found)}
    for visit in statements.objects(Visit, _VISITS, values):
        found[visit.enrolment_id].visits.append(visit)
    for due in statements.objects(Due, _DUES, values):
        found[due.enrolment_id].dues.append(due)
    for hold in statements.objects(Hold, _HOLDS, values):
        if hold.since <= today and (hold.until is None or hold.until >= today):
            found[hold.enrolment_id].held.add(hold.track)
    return list(found.values())


def _working(row: Enrolment) -> Working:
    who, programme = row.resident, version_of(row.programme, row.definition)
    name = who.name if who.merged_into_id is None else ""
    return Working(row, programme, who.birth_date, who.sex, who.managing_institution_id, name)


def chunks(ids: Collection[UUID]) -> Iterator[list[UUID]]:
    """The keys in portions."""
    every = list(ids)
    for start in range(0, len(every), CHUNK):
        yield every[start : start + CHUNK]


def facts_at(programme: Programme, answers: Mapping[str, Any], *, on: date, stage: str, way: str, born: date | None, sex: str,
             enrolment: Enrolment) -> dict[str, Any]:  # fmt: skip
    """The answers of a visit with the facts of the person on that day; what is not known is absent."""
    facts: dict[str, Any] = {
        **judging.revived(programme, enrolment.facts),
        **answers,
        **judging.person_facts(born, sex, on, stage),
        "way": way,
    }
    if born:
        facts["born"] = born
    facts["days"] = (on - (enrolment.anchor_on or enrolment.started_on)).days
    if born:
        facts |= growth.scores(programme, answers, born=born, on=on, sex=sex)
    facts["alerts"] = alerts_of(programme, answers, facts.get("age"), sex)
    return facts


def alerts_of(programme: Programme, answers: Mapping[str, Any], age: int | None, sex: str) -> list[str]:
    """What vital-alerts says about the measured items."""
    from yigong.records import api as records

    values = {
        m.alert_as or m.sign: answers[m.item]
        for m in programme.measures
        if (m.sign or m.alert_as) and answers.get(m.item) is not None
    }
    return [a.rule for a in records.judge_signs(values, age=age, sex=sex)] if values else []


def judged(work: Working, since: int = 0) -> None:
    """Grade the visits in order of their days, each under its own version; what a visit means depends on the graded one before it.

    ``since`` is the place of the first that is new or changed: those before it stand.
    """
    before: Visit | None = next((v for v in reversed(work.visits[:since]) if v.grade), None)
    for visit in work.visits[since:]:
        programme = version_of(work.enrolment.programme, visit.definition)
        stage = programme.stage(visit.stage)
        if stage is None or not stage.graded or not programme.grades:
            continue
        told = judging.judge(
            programme,
            judging.revived(programme, visit.facts),
            before.values if before else None,
            before.grade if before else "",
        )
        visit.values, visit.grade = judging.plain(told.values), told.grade.code if told.grade else ""
        if visit.grade:
            before = visit


def regraded(work: Working, since: int = 0) -> list[Visit]:
    """The same; returns those that mean something else now."""
    before = {v.id: (v.values, v.grade) for v in work.visits[since:]}
    judged(work, since)
    return [v for v in work.visits[since:] if before[v.id] != (v.values, v.grade)]
