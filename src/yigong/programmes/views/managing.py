"""The manager's side: rates that open their rows, visits that may not be true, the check by telephone."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from yigong.access.api import decide_many
from yigong.core import clock
from yigong.core.actor import Actor
from yigong.core.asked import day_of, key_of
from yigong.core.errors import InvalidInput, NotFound
from yigong.core.paging import number_of, page_of, page_of_list
from yigong.core.rights import guarded, note_decision
from yigong.network import api as network
from yigong.programmes import api, policies
from yigong.programmes import forms as own
from yigong.programmes.models import Check, Enrolment
from yigong.programmes.queries import screening, standing
from yigong.programmes.rules.packs import programmes
from yigong.programmes.views import common
from yigong.residents import api as residents


def year_of(request: HttpRequest) -> int:
    """The year that was asked for, this one when none or none that can be."""
    text, this = request.GET.get("year", ""), clock.today().year
    return int(text) if text.isdigit() and 2017 <= int(text) <= this else this


def places_of(actor: Actor) -> set[UUID] | None:
    """Whose figures an actor sees."""
    return policies.places(actor)


@guarded(policies.FIGURES)
def rates(request: HttpRequest) -> HttpResponse:
    """Coverage, management and control by village and township; each figure opens its rows."""
    actor, year, today = request.actor, year_of(request), clock.today()
    known = programmes()
    code = request.GET.get("programme", "")
    places = places_of(actor)
    shown = [known[code]] if code in known else list(known.values())
    tables = []
    for p in shown:
        for rate in p.rates:
            found = standing.figures(p, rate, year, today, places)
            if code or found[0].of:
                tables.append((p, rate, found[0], found[1:] if code else []))
    values = {
        "tables": tables, "code": code, "year": year, "years": [(y, str(y)) for y in range(today.year, today.year - 4, -1)], "today": today,
        "choices": [("", _("全部方案")), *((c, _(p.short)) for c, p in known.items() if p.rates)],
        "lost": _lost(places) if not code else [],
    }  # fmt: skip
    return render(request, "programmes/rates.html", values)


def _lost(places: set[UUID] | None) -> list[tuple[str, int, int]]:
    """(programme, lost, not reached once or more) of the places."""
    from django.db.models import Count, Q

    rows = Enrolment.objects.all() if places is None else Enrolment.objects.filter(institution_id__in=places)
    found = rows.values("programme").annotate(
        lost=Count("id", filter=Q(ending="lost")), tried=Count("id", filter=Q(state="active", attempts__gte=1))
    )
    known = programmes()
    return [
        (_(known[r["programme"]].short), r["lost"], r["tried"])
        for r in found
        if r["programme"] in known and (r["lost"] or r["tried"])
    ]


@guarded(policies.FIGURES, about="resident")
def rate_rows(request: HttpRequest, code: str, rate: str) -> HttpResponse:
    """The people behind a figure: counted, not counted, or all of the denominator."""
    programme = programmes().get(code)
    found = next((r for r in programme.rates if r.code == rate), None) if programme else None
    if programme is None or found is None:
        raise NotFound()
    actor, year, today = request.actor, year_of(request), clock.today()
    places = places_of(actor)
    place = key_of(request.GET.get("place", ""))
    if place:
        below = network.descendants(place)
        places = below if places is None else below & places
    side = request.GET.get("side", "all")
    rows = standing.rows_of(programme, found, year, places)
    page: Any
    if found.base == "population" and side != "counted":
        counted = rows.filter(counts=True).values("enrolment__resident_id")
        people = standing.population_of(programme, year, today, places)
        people = people.exclude(pk__in=counted) if side == "not" else people
        page = page_of(
            people.order_by("pinyin", "id"),
            page=number_of(request.GET.get("page")),
            convert=lambda r: [(x.id, x.managing_institution_id, None) for x in r],
        )
    else:
        rows = rows.filter(counts=True) if side == "counted" else rows.filter(counts=False) if side == "not" else rows
        ordered = rows.select_related("enrolment").order_by("institution_id", "enrolment__resident__pinyin", "id")
        page = page_of(
            ordered,
            page=number_of(request.GET.get("page")),
            convert=lambda r: [(x.enrolment.resident_id, x.institution_id, x.counts) for x in r],
        )
    values = {
        "p": programme, "rate": found, "page": page, "side": side, "year": year, "place": network.institution(place) if place else None,
        "names": names_of_people(actor, [r[0] for r in page.items]), "places": common.names_of(r[1] for r in page.items),
    }  # fmt: skip
    return render(request, "programmes/rate_rows.html", values)


def names_of_people(actor: Actor, ids: list[UUID]) -> dict[UUID, Any]:
    """Names of those the actor may read about in detail; others stay without a name."""
    if not ids or not actor.has("access.read_detail"):
        note_decision()
        return {}
    decided = decide_many(actor, "read_detail", "resident", set(ids))
    return residents.resident_names({key for key, one in decided.items() if one.allowed})


@guarded(policies.CHECK, about="resident")
def screen(request: HttpRequest) -> HttpResponse:
    """Visits that may not have taken place."""
    actor = request.actor
    until = day_of(request.GET.get("until", "")) or clock.today()
    since = day_of(request.GET.get("since", "")) or until - timedelta(days=90)
    found = screening.hits(since, until, places_of(actor))
    page = page_of_list(found, page=number_of(request.GET.get("page")))
    counts: dict[str, int] = {}
    for hit in found:
        counts[hit.screen] = counts.get(hit.screen, 0) + 1
    values = {
        "page": page, "since": since, "until": until, "definition": screening.definition(), "counts": counts,
        "names": names_of_people(actor, [h.resident_id for h in page.items if h.resident_id]),
        "places": common.names_of(h.institution_id for h in page.items),
        "staff": network.staff_many({h.staff_id for h in page.items if h.staff_id}),
    }  # fmt: skip
    return render(request, "programmes/screening.html", values)


@guarded(policies.CHECK, about="resident")
def sample(request: HttpRequest) -> HttpResponse:
    """The visits drawn for the check by telephone; posting draws more."""
    actor, today = request.actor, clock.today()
    form = own.SampleForm(request.POST or None, initial={"since": today - timedelta(days=30), "until": today})
    if request.method == "POST" and form.is_valid():
        drawn = api.draw_sample(since=form.cleaned_data["since"], until=form.cleaned_data["until"], actor=actor)
        messages.success(request, _("已抽取 %(n)s 次随访。") % {"n": drawn})
        return redirect("programmes:sample")
    places, state = places_of(actor), request.GET.get("state", "")
    rows = Check.objects.filter(outcome=state if state in {"real", "not", "unreached"} else "").select_related(
        "visit__enrolment"
    )
    if places is not None:
        rows = rows.filter(visit__institution_id__in=places)
    page = page_of(rows.order_by("-drawn_on", "id"), page=number_of(request.GET.get("page")))
    values = {
        "form": form, "page": page, "state": state, "states": [("", _("待核查")), ("real", _("属实")), ("not", _("不属实")), ("unreached", _("未联系上"))],
        "names": names_of_people(actor, [c.visit.enrolment.resident_id for c in page.items]), "titles": {c: _(p.short) for c, p in programmes().items()},
        "places": common.names_of(c.visit.institution_id for c in page.items), "outcomes": dict(Check.Outcome.choices),
    }  # fmt: skip
    return render(request, "programmes/sample.html", values)


@guarded(policies.CHECK, about="resident")
@require_POST
def note(request: HttpRequest, check_id: UUID) -> HttpResponse:
    """What the person said."""
    row = Check.objects.filter(pk=check_id).select_related("visit__enrolment").first()
    if row is None:
        raise NotFound()
    residents.access_resident(row.visit.enrolment.resident_id, actor=request.actor, purpose=_("随访真实性核查"))
    form = own.CheckForm(request.POST)
    if not form.is_valid():
        raise InvalidInput(_("请选择核查结果。"))
    api.note_check(check_id=check_id, actor=request.actor, **form.cleaned_data)
    messages.success(request, _("核查结果已记录。"))
    return redirect(request.POST.get("next") or "programmes:sample")


_ON_HOME = 3  # rates on the home page: those about most people


def figures_card(actor: Actor) -> dict[str, Any] | None:
    """Three rates for the home page of those who answer for them, in one statement; nothing where nobody is under management."""
    if actor.role == "gp":
        return None
    found = standing.totals(clock.today().year, places_of(actor))
    rates = [
        (p, rate)
        for p in programmes().values()
        for rate in p.rates
        if rate.base == "enrolled" and rate.certainty != "uncertain"
    ]
    rows = [(p.code, rate, found[p.code, rate.code]) for p, rate in rates if found.get((p.code, rate.code), (0, 0))[1]]
    rows.sort(key=lambda row: -row[2][1])
    return {"rows": rows[:_ON_HOME]} if rows else None
