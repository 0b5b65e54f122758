"""People in programmes with all that a plan or a grade needs: a handful of statements for any number of them."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from yigong.core.months import months_between
from yigong.programmes.models import Due, Enrolment, Hold, Visit
from yigong.programmes.rules import growth, judging, planning
from yigong.programmes.rules.definition import Programme
from yigong.programmes.rules.packs import version_of

CHUNK = 2000


@dataclass
class Working:
    """One enrolment with its person's dates, visits that count, due rows and holds."""

    enrolment: Enrolment
    programme: Programme
    born: date | None
    sex: str
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
        return [planning.Made(v.stage, v.on, v.grade) for v in self.visits]

    def plan(self, today: date, programme: Programme | None = None) -> list[planning.Planned]:
        """What is due by the own or another version; nothing once it has ended."""
        if self.enrolment.state != "active":
            return []
        skipped = {(d.stage, d.place) for d in self.dues if d.state in {"missed", "declined"}}
        return planning.plan(
            programme or self.programme, self.basis(), self.made(), today, skipped=skipped, held=self.held
        )


def load(ids: Collection[UUID], *, lock: bool = False, today: date) -> list[Working]:
    """The enrolments of these keys, in the order of their keys; ``lock`` holds the rows until the transaction ends."""
    rows = Enrolment.objects.filter(pk__in=ids).select_related("resident").order_by("id")
    if lock:
        rows = rows.select_for_update(of=("self",))
    found = {
        r.id: Working(r, version_of(r.programme, r.definition), r.resident.birth_date, r.resident.sex) for r in rows
    }
    for visit in Visit.objects.filter(enrolment_id__in=found, void_reason="").order_by("on", "recorded_at", "id"):
        found[visit.enrolment_id].visits.append(visit)
    for due in Due.objects.filter(enrolment_id__in=found).exclude(state__in=["cancelled", "done"]):
        found[due.enrolment_id].dues.append(due)
    for hold in Hold.objects.filter(enrolment_id__in=found, lifted_on__isnull=True):
        if hold.since <= today and (hold.until is None or hold.until >= today):
            found[hold.enrolment_id].held.add(hold.track)
    return list(found.values())


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
        "sex": sex,
        "stage": stage,
        "way": way,
    }
    if born:
        facts["born"] = born
        facts["months"] = months_between(born, on)
        facts["age"] = facts["months"] // 12
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


def judged(work: Working) -> None:
    """Grade the visits in order of their days, each under its own version; what a visit means depends on the graded one before it."""
    before: Visit | None = None
    for visit in work.visits:
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
