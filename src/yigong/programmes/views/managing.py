"""The manager's side: rates that open their rows, visits that may not be true, the check by telephone."""

from collections import Counter
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import Count, Q, QuerySet
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
from yigong.core.ui import forms as ui_forms
from yigong.core.ui.shell import address
from yigong.network import api as network
from yigong.programmes import api, policies
from yigong.programmes import forms as own
from yigong.programmes.models import Check, Enrolment, SampleDraw, Visit
from yigong.programmes.queries import draws, screening, stages, standing
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
        "coverage": standing.coverage(code, places) if code in known and known[code].who.find else [],
        "stages": stages.figures(known[code], year, today, places) if code in known else [],
        "lost": _lost(places) if not code else [], "teams": _by_team(actor, code),
    }  # fmt: skip
    return render(request, "programmes/rates.html", values)


def _by_team(actor: Actor, code: str) -> str:
    """Where the same rates are shown by family-doctor team, if that room is there and open to the actor."""
    at = address("contracts:team_rates") if actor.has("contracts.figures") else ""
    return f"{at}?programme={code}" if at and code else at


def _lost(places: set[UUID] | None) -> list[tuple[str, str, int, int]]:
    """(programme, its name, lost, under management and not reached once or more) of the places."""
    rows = Enrolment.objects.all() if places is None else Enrolment.objects.filter(institution_id__in=places)
    found = rows.values("programme").annotate(
        lost=Count("id", filter=Q(ending="lost")), tried=Count("id", filter=Q(state="active", attempts__gte=1))
    )
    known = programmes()
    return [
        (r["programme"], _(known[r["programme"]].short), r["lost"], r["tried"])
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
        people = standing.population_of(programme, year, today, places, found.months_to)
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


@guarded(policies.FIGURES, about="resident")
def stage_rows(request: HttpRequest, code: str, stage: str) -> HttpResponse:
    """The people behind one visit of a schedule: who had it in the year, whose last day went by without it."""
    programme = programmes().get(code)
    found = programme.stage(stage) if programme else None
    if programme is None or found is None:
        raise NotFound()
    actor, year, today, side = request.actor, year_of(request), clock.today(), request.GET.get("side", "all")
    rows = stages.people(programme, stage, year, today, places_of(actor), side)
    page = page_of(
        rows,
        page=number_of(request.GET.get("page")),
        convert=lambda r: [(x.id, x.resident_id, x.institution_id) for x in r],
    )
    values = {
        "p": programme, "stage": found, "page": page, "side": side, "year": year, "names": names_of_people(actor, [r[1] for r in page.items]),
        "places": common.names_of(r[2] for r in page.items),
    }  # fmt: skip
    return render(request, "programmes/stage_rows.html", values)


def names_of_people(actor: Actor, ids: list[UUID]) -> dict[UUID, Any]:
    """Names of those the actor may read about in detail; others stay without a name."""
    if not ids or not actor.has("access.read_detail"):
        note_decision()
        return {}
    decided = decide_many(actor, "read_detail", "resident", set(ids))
    return residents.resident_names({key for key, one in decided.items() if one.allowed})


def _span(request: HttpRequest, days: int = 90) -> tuple[date, date]:
    until = day_of(request.GET.get("until", "")) or clock.today()
    return day_of(request.GET.get("since", "")) or until - timedelta(days=days), until


@guarded(policies.CHECK, about="resident")
def screen(request: HttpRequest) -> HttpResponse:
    """Visits that may not have taken place: all hits, or one screen's; what it shows can be put onto the list for the check."""
    actor, (since, until) = request.actor, _span(request)
    every, definition = screening.hits(since, until, places_of(actor)), screening.definition()
    only = next((s for s in definition.screens if s.code == request.GET.get("screen")), None)
    page = page_of_list(
        [h for h in every if not only or h.screen == only.code], page=number_of(request.GET.get("page"))
    )
    values = {
        "page": page, "since": since, "until": until, "definition": definition, "counts": Counter(h.screen for h in every), "only": only,
        "names": names_of_people(actor, [h.resident_id for h in page.items if h.resident_id]),
        "places": common.names_of(h.institution_id for h in page.items),
        "staff": network.staff_many({h.staff_id for h in page.items if h.staff_id}),
    }  # fmt: skip
    return render(request, "programmes/screening.html", values)


@guarded(policies.CHECK)
@require_POST
def draw_hits(request: HttpRequest) -> HttpResponse:
    """What a screen points at goes onto the list for the check by telephone."""
    since, until = day_of(request.POST.get("since", "")), day_of(request.POST.get("until", ""))
    code = request.POST.get("screen", "")
    if since is None or until is None or code not in {s.code for s in screening.definition().screens}:
        raise NotFound()

    def drawn() -> str:
        n = api.draw_hits(screen=code, since=since, until=until, actor=request.actor)
        return _("已加入电话抽查 %(n)s 次随访。") % {"n": n}

    return ui_forms.clicked(request, drawn, address("programmes:sample"))


@guarded(policies.CHECK, about="resident")
def staff_visits(request: HttpRequest, staff_id: UUID) -> HttpResponse:
    """The visits of one member of staff between two days: what stands behind a hit about his work as a whole."""
    actor, (since, until) = request.actor, _span(request)
    places = places_of(actor)
    rows = Visit.objects.filter(staff_id=staff_id, on__range=(since, until), void_reason="").select_related("enrolment")
    if places is not None:
        rows = rows.filter(institution_id__in=places)
    page = page_of(rows.order_by("-recorded_at", "id"), page=number_of(request.GET.get("page")))
    titles = {(p.code, s.code): f"{_(p.short)} {_(s.title)}" for p in programmes().values() for s in p.stages}
    values = {
        "page": page, "since": since, "until": until, "who": network.staff_many({staff_id}).get(staff_id), "titles": titles,
        "ways": dict(Visit.Way.choices), "names": names_of_people(actor, [v.enrolment.resident_id for v in page.items]),
        "places": common.names_of(v.institution_id for v in page.items),
    }  # fmt: skip
    return render(request, "programmes/staff_visits.html", values)


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
    people = [c.visit.enrolment.resident_id for c in page.items]
    values = {
        "form": form, "page": page, "draws": _draws(places)[:5], "state": state, "states": [("", _("待核查")), ("real", _("属实")), ("not", _("不属实")), ("unreached", _("未联系上"))],
        "names": names_of_people(actor, people), "phones": residents.phones_to_ring(people, actor=actor) if people else {},
        "titles": {c: _(p.short) for c, p in programmes().items()}, "screens": {s.code: s.title for s in screening.definition().screens},
        "places": common.names_of(c.visit.institution_id for c in page.items), "outcomes": dict(Check.Outcome.choices),
    }  # fmt: skip
    return render(request, "programmes/sample.html", values)


def _draws(places: set[UUID] | None) -> QuerySet[SampleDraw]:
    """The draws of the institutions that the actor sees, newest first; without the population."""
    rows = SampleDraw.objects.defer("population", "strata").order_by("-drawn_at", "id")
    return rows if places is None else rows.filter(institution_id__in=places)


@guarded(policies.CHECK)
def draw(request: HttpRequest, draw_id: UUID) -> HttpResponse:
    """One draw: seed, population and strata as they were kept, and whether drawing again gives the same."""
    row = _draws(places_of(request.actor)).defer(None).filter(pk=draw_id).first()
    if row is None:
        raise NotFound()
    strata = [(UUID(key), size, wanted) for key, size, wanted in row.strata]
    names: dict[UUID, str] = dict(common.names_of(key for key, _size, _wanted in strata))
    names |= {key: who.name for key, who in network.staff_many({key for key, _s, _w in strata}).items()}
    values = {
        "row": row, "repeated": draws.drawn_again(row), "strata": strata, "names": names,
        "screen": next((s.title for s in screening.definition().screens if s.code == row.screen), ""),
    }  # fmt: skip
    return render(request, "programmes/draw.html", values)


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


@guarded(policies.CHECK)
@require_POST
def settle(request: HttpRequest, check_id: UUID) -> HttpResponse:
    """What was done about a visit that was not real."""

    def settled() -> str:
        api.settle_check(check_id=check_id, text=request.POST.get("text", ""), actor=request.actor)
        return _("处理情况已记录。")

    return ui_forms.clicked(request, settled, f"{address('programmes:sample')}?state=not")


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
