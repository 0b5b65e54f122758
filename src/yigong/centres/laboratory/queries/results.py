"""The lines of the results page."""

from yigong.centres.laboratory.commands.results import shown
from yigong.centres.laboratory.commands.reviewing import interval
from yigong.centres.laboratory.data import ResultRow
from yigong.centres.laboratory.models import Instrument, TestResult
from yigong.centres.laboratory.rules import catalogue, judging
from yigong.core.actor import Actor
from yigong.core.packs import api as packs
from yigong.orders.data import OrderData
from yigong.residents import api as residents


def rows_of(order: OrderData) -> list[ResultRow]:
    """Every analyte that the order asks for, with its value where there is one."""
    known = {r.analyte: r for r in TestResult.objects.filter(order_id=order.id).select_related("instrument")}
    person = residents.identity(order.resident_id)
    ranges = packs.rows(catalogue.RANGES).values()
    found = []
    for analyte in catalogue.measured([item.code for item in order.items]):
        row = known.get(analyte.code)
        fit = judging.reference(analyte, ranges, sex=person.sex, age=person.age_years)
        reference = interval(fit.low, fit.high) if fit else analyte.normal
        previous = f"{row.previous:.{analyte.decimals}f}" if row and row.previous is not None else ""
        source = (row.instrument.name if row.instrument else row.get_source_display()) if row else ""
        found.append(
            ResultRow(
                analyte=analyte.code, name=analyte.name, unit=analyte.unit, is_number=analyte.is_number,
                shown=shown(row) if row else "", flag=row.flag if row else "", reference=reference, method=analyte.method,
                previous=previous, change=row.change_percent if row else None, source=source, held=bool(row and row.held_by_id),
                entered_by=row.entered_by if row else "", entered_at=row.entered_at if row else None, runs=row.runs if row else 0,
            )
        )  # fmt: skip
    return found


def instruments(actor: Actor) -> list[Instrument]:
    """Analysers at the actor's institutions."""
    return list(Instrument.objects.filter(institution_id__in=actor.places, is_active=True).order_by("name"))
