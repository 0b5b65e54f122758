"""The coding desk: a stay's group with other codes, and the questions its record raises."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from yigong.clinic import api as clinic
from yigong.clinic.data import MEDICINES, BillData, FrontPageData
from yigong.core import clock
from yigong.core.actor import Actor
from yigong.core.clock import SHANGHAI
from yigong.core.errors import Forbidden
from yigong.insurance.claims import groupers
from yigong.insurance.claims.data import Grouping, Question
from yigong.insurance.claims.grouping import case_of, group
from yigong.insurance.claims.models import CodingQuestion
from yigong.insurance.claims.rules.questions import Charged, Stay, Value, questions
from yigong.records import api as records


@dataclass(frozen=True, slots=True)
class Desk:
    """What the coder sees. ``results_hidden`` says why laboratory values could not be read, empty when they were."""

    page: FrontPageData
    grouping: Grouping
    questions: tuple[Question, ...]
    asked: dict[str, CodingQuestion]
    results_hidden: str = ""
    values: tuple[Value, ...] = ()

    @property
    def balance(self) -> int | None:
        """Expected payment minus cost, in fen."""
        return None if self.grouping.expected is None else self.grouping.expected - self.grouping.cost


def look(
    stay_id: UUID,
    *,
    actor: Actor,
    diagnoses: Sequence[str] | None = None,
    procedures: Sequence[str] | None = None,
    values: Sequence[Value] | None = None,
) -> Desk:
    """Group and questions of a stay, with its own codes or with those that are being typed. Decides and logs.

    ``values`` are laboratory values that this actor was given a moment ago (the page carries them), so that typing does not read the record
    again at each key.
    """
    clinic.access_stay(stay_id, actor=actor)
    page = clinic.front_page(stay_id)
    dx = list(diagnoses) if diagnoses is not None else [one.code for one in page.diagnoses]
    px = list(procedures) if procedures is not None else [one.code for one in page.procedures]
    on = day_of(page)
    bill = clinic.bill(page.stay.bill_id) if page.stay.bill_id else None
    level = {"P": "1"}.get(bill.institution_level, bill.institution_level) if bill else ""
    grouping = group(case_of(page, dx, px, page.total), page.total, on, level=level)
    read, hidden = _values(page, actor) if values is None else (list(values), "")
    scheme = groupers.grouper(grouping.scheme).scheme if grouping.scheme else None
    names = scheme.diagnosis_names if scheme else {}
    operations = scheme.procedure_names if scheme else {}
    written = {one.code: one.name for one in page.diagnoses} | {one.code: one.name for one in page.procedures}
    stay = Stay(
        diagnoses=[(code, written.get(code) or names.get(code, code)) for code in dx],
        procedures=[(code, written.get(code) or operations.get(code, code)) for code in px],
        values=read, charges=_charges(bill), misfit=grouping.ambiguous, known_codes=frozenset(names),
    )  # fmt: skip
    asked = {row.key: row for row in CodingQuestion.objects.filter(stay_id=stay_id).exclude(state="withdrawn")}
    return Desk(page, grouping, tuple(questions(stay, on)), asked, hidden, tuple(read))


def day_of(page: FrontPageData) -> date:
    """The day by which the scheme is chosen: discharge, or today while the patient is there."""
    return (page.stay.discharged_at or clock.now()).astimezone(SHANGHAI).date()


def _charges(bill: BillData | None) -> list[Charged]:
    lines = [line for line in bill.lines if line.net_amount] if bill else []
    found = {
        line.item_code: Charged(
            line.item_code,
            line.item_name,
            f"{line.performed_at.astimezone(SHANGHAI):%m-%d}",
            line.category in MEDICINES,
        )
        for line in reversed(lines)
    }
    return list(found.values())


def _values(page: FrontPageData, actor: Actor) -> tuple[list[Value], str]:
    """The newest value of each code within the stay."""
    try:
        known = records.summary(page.resident_id, actor=actor)
    except Forbidden as refusal:
        return [], str(refusal)
    begin = page.stay.admitted_at
    end = page.stay.discharged_at or clock.now()
    inside = [one for one in known.results if begin - timedelta(hours=24) <= one.occurred_at <= end]
    return [
        Value(one.code, one.name, one.value, one.shown, f"{one.occurred_at.astimezone(SHANGHAI):%m-%d}")
        for one in inside
    ], ""
