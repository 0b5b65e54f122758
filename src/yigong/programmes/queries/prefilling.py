"""What the record and earlier visits know of the answers of a form that is being opened."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.utils.translation import gettext as _

from yigong.core import clock
from yigong.core.actor import Actor
from yigong.core.forms import api as forms
from yigong.core.forms.models import FormResponse
from yigong.programmes.models import Enrolment, Visit
from yigong.programmes.queries import people
from yigong.programmes.rules import entries, judging
from yigong.programmes.rules.packs import version_of
from yigong.records import api as records
from yigong.records.data import ResultData
from yigong.residents import api as residents

_LOOKED_AT = 40  # visits of a person in which the same form is looked for
_PARENTS = {"51": "father_name", "52": "mother_name"}  # relation of a contact (GB/T 4761)
_STEADY, _GROWN = {"8302-2", "29463-7"}, 18  # height and weight, years


@dataclass(frozen=True)
class Start:
    """``values`` of a page's items as text, ``notes`` where a value comes from, ``facts`` of the person for the form's conditions."""

    values: Mapping[str, list[str]]
    facts: Mapping[str, Any]
    notes: Mapping[str, str] = field(default_factory=dict)


def start_of(sheet: forms.FormDefinition, row: Enrolment, stage: str, *, actor: Actor, known: Mapping[str, Any] | None = None) -> Start:  # fmt: skip
    """What a visit's page begins with: what the enrolment said, results of the record and medicines, habits of the last time. ``known`` are answers that stand: they stay.

    What is measured at the visit itself (pressure, pulse) is taken over from today only: measured a moment ago at the consultation, it need not be typed
    again; height and weight of an adult are older, too.
    """
    resident = residents.identity(row.resident_id)
    facts = judging.person_facts(resident.birth_date, resident.sex, clock.today(), stage)
    summary = records.summary(row.resident_id, actor=actor)
    values: dict[str, list[str]] = {}
    notes: dict[str, str] = {}
    if known is None:
        values |= forms.typed_again(
            {i.code: row.facts[i.code] for i in sheet.items if row.facts.get(i.code) is not None}
        )
        notes |= dict.fromkeys(values, _("取自登记信息"))
        before = forms.carried(sheet, _before(sheet, row, actor))
        values |= before
        notes |= dict.fromkeys(before, _("与上次相同"))
        parents = {_PARENTS[c.relation]: c.name for c in resident.contacts if c.relation in _PARENTS}
        values |= forms.prefilled(sheet, {"medicines": summary.medicines_text or None, **parents})
        held = entries.start(sheet.code, summary, values)
        values |= held
        notes |= dict.fromkeys(held, _("档案里已登记的已填好"))
    signs = records.signs()
    measured = {m.item: signs[m.sign].loinc for m in version_of(row.programme, row.definition).measures if m.sign}
    grown = facts.get("age", 0) >= _GROWN
    for item in sheet.items:
        if known is not None and (item.code in measured or known.get(item.code) is not None):
            continue
        code = item.prefill or measured.get(item.code, "")
        at_hand = item.code in measured and not (grown and code in _STEADY)
        found = summary.result(code) if code else None
        if found is not None and _is_fresh(found, 0 if at_hand else item.prefill_days):
            values[item.code] = [_text(found)]
            notes[item.code] = _("取自 %(day)s 的结果") % {"day": _day(found)}
    return Start(forms.typed_again(known or {}) | values, facts, notes)


def _before(sheet: forms.FormDefinition, row: Enrolment, actor: Actor) -> Mapping[str, Any]:
    """The newest answers to the same form among the person's visits that the actor may see."""
    mine = people.of_resident(row.resident_id, actor=actor)
    visits = Visit.objects.filter(enrolment__in=mine, void_reason="").order_by("-on", "-recorded_at")
    keys = list(visits.values_list("response_id", flat=True)[:_LOOKED_AT])
    found = FormResponse.objects.filter(pk__in=keys, form_code=sheet.code).order_by("-answered_at").first()
    return found.answers if found else {}


def _is_fresh(found: ResultData, days: int) -> bool:
    return found.value is not None and _day(found) >= clock.today() - timedelta(days=days)


def _day(found: ResultData) -> date:
    return found.occurred_at.astimezone(clock.SHANGHAI).date()


def _text(found: ResultData) -> str:
    return f"{found.value.normalize():f}" if found.value is not None else ""
