"""The people behind a day of a syndrome, and for whom a report is due."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from yigong.programmes.models import Enrolment
from yigong.programmes.rules.notifiable import Notifiable, disease_of
from yigong.programmes.rules.warning import Surveillance, Syndrome
from yigong.records import api as records

# A case is registered a little before or after the contact in which it was seen.
_AROUND = timedelta(days=10)


@dataclass(frozen=True, slots=True)
class Case:
    """One contact of the day: the ``disease`` that its diagnosis asks to report (None: none), ``report_due`` where nobody has registered it yet."""

    encounter_id: UUID
    resident_id: UUID
    at: datetime
    code: str
    diagnosis: str
    disease: Notifiable | None
    reported: bool

    @property
    def report_due(self) -> bool:
        """Whether somebody has to register it."""
        return self.disease is not None and not self.reported


def cases_of(definition: Surveillance, syndrome: Syndrome, place: UUID, day: date) -> list[Case]:
    """The contacts that were counted, in the order of the day. No decision about the people: the page decides and logs."""
    found = records.cases_of(syndrome.codes, place, day)
    done = _reported(definition.report, {row[1] for row in found}, day)
    return [Case(e, who, at, code, text, disease_of(code), who in done) for e, who, at, _kind, code, text in found]


def _reported(programme: str, people: Collection[UUID], day: date) -> set[UUID]:
    rows = Enrolment.objects.filter(programme=programme, resident_id__in=people).exclude(ending="wrong")
    return set(rows.filter(started_on__range=(day - _AROUND, day + _AROUND)).values_list("resident_id", flat=True))
