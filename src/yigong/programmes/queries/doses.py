"""The vaccinations of one person as the certificate lists them: what was given, when, of which lot, where."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from yigong.core.forms import api as forms
from yigong.network import api as network
from yigong.programmes.models import Enrolment, Visit
from yigong.programmes.rules.definition import Programme
from yigong.programmes.rules.packs import Stock, version_of


@dataclass(frozen=True, slots=True)
class DoseLine:
    """One dose: its title in the schedule, what was given (in the words of the form), at which house and by whom."""

    title: str
    on: date
    product: str = ""
    manufacturer: str = ""
    lot: str = ""
    expires: str = ""
    site: str = ""
    place: str = ""
    staff: str = ""


def given(row: Enrolment, stock: Stock) -> list[DoseLine]:
    """The doses of a management in the order of the schedule, those taken back left out."""
    visits = list(Visit.objects.filter(enrolment=row, void_reason="").order_by("on", "recorded_at"))
    answers = forms.answers_of([v.response_id for v in visits])
    places = network.institutions({v.institution_id for v in visits})
    staff = network.staff_many({v.staff_id for v in visits if v.staff_id})
    order = {s.code: n for n, s in enumerate(version_of(row.programme, row.definition).stages)}
    visits.sort(key=lambda v: (order.get(v.stage, len(order)), v.on))
    found = []
    for visit in visits:
        programme = version_of(row.programme, visit.definition)
        stage = programme.stage(visit.stage)
        words = _words(programme, visit.stage, answers.get(visit.response_id, {}))
        found.append(
            DoseLine(
                title=stage.title if stage else visit.stage, on=visit.on, product=words.get(stock.product, ""), manufacturer=words.get(stock.manufacturer, ""),
                lot=words.get(stock.lot, ""), expires=words.get(stock.expires, ""), site=words.get(stock.site, ""),
                place=places[visit.institution_id].name if visit.institution_id in places else "",
                staff=staff[visit.staff_id].name if visit.staff_id in staff else "",
            )
        )  # fmt: skip
    return found


def _words(programme: Programme, stage_code: str, answers: Any) -> dict[str, str]:
    """The answers as the form words them, by item."""
    stage = programme.stage(stage_code)
    if stage is None:
        return {}
    form = forms.form(stage.form, programme.effective_from)
    found: dict[str, str] = {}
    for item in form.items:
        if item.code in answers:
            found[item.code] = forms.sheet(form, {item.code: answers[item.code]})[0][2]
    return found
