"""A page per definition that a public-health doctor can review: tables, sentences, a drawing, versions and the effect of another version."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as N_

from yigong.access.api import decide_many
from yigong.core import clock
from yigong.core.errors import NotFound
from yigong.core.rights import guarded, note_decision
from yigong.programmes import policies
from yigong.programmes.models import Enrolment
from yigong.programmes.queries.effects import effect
from yigong.programmes.rules import judging, planning
from yigong.programmes.rules.definition import FACTS, STANDING, Programme
from yigong.programmes.rules.packs import programmes, versions
from yigong.programmes.views import drawing
from yigong.residents import api as residents

CERTAINTY = {"found": N_("有公开原文"), "general": N_("行业通行"), "uncertain": N_("待核实")}


@guarded(policies.DEFINE)
def definitions(request: HttpRequest) -> HttpResponse:
    """All programmes in force."""
    return render(request, "programmes/definitions.html", {"rows": list(programmes().values()), "certainty": CERTAINTY})


def _version(code: str, wanted: str) -> tuple[Programme, list[Programme]]:
    known = versions(code)
    if not known:
        raise NotFound(_("没有这个公卫方案。"))
    today = clock.today()
    current = next((p for p in known if p.effective_from <= today), known[-1])
    return next((p for p in known if p.version == wanted), current), known


@guarded(policies.DEFINE)
def definition(request: HttpRequest, code: str) -> HttpResponse:
    """One definition in one version."""
    programme, known = _version(code, request.GET.get("version", ""))
    values = {
        "p": programme, "versions": known, "today": clock.today(), "certainty": CERTAINTY, "diagram": drawing.diagram(programme),
        "stages": [(s, drawing.when(s), planning.track_of(s)) for s in programme.stages], "does": {g.code: drawing.does(programme, g) for g in programme.grades},
        "forms": judging.forms_of(programme), "words": _words(programme),
        "enrolled": Enrolment.objects.filter(programme=code, state="active").count(),
    }  # fmt: skip
    return render(request, "programmes/definition.html", values)


def _words(programme: Programme) -> list[tuple[str, str]]:
    """What the names in the conditions mean, those that are used."""
    texts = " ".join(
        [
            *(r.value + " " + r.otherwise for r in programme.rules),
            *(g.when for g in programme.grades),
            *(s.when for s in programme.stages),
        ]
    )
    names = judging.names_in(texts + " " + " ".join(r.counts + " " + r.of for r in programme.rates))
    meanings = {n: text for n, (_kind, text) in {**STANDING, **FACTS}.items()}
    meanings |= {i.code: i.label for f in judging.forms_of(programme).values() for i in f.items}
    meanings |= {r.code: r.title for r in programme.rules}
    meanings |= {f"previous_{r.code}": _("上次:") + r.title for r in programme.rules}
    return sorted((n, _(meanings[n])) for n in names if n in meanings)


@guarded(policies.DEFINE, about="resident")
def preview(request: HttpRequest, code: str) -> HttpResponse:
    """What another version would change for the people under management now."""
    programme, known = _version(code, request.GET.get("version", ""))
    found = effect(programme, clock.today())
    rows: list[Any] = []
    if found.rows and request.actor.has(policies.READ):
        decided = decide_many(request.actor, "read_detail", "resident", {r[0] for r in found.rows})
        seen = [r for r in found.rows if decided[r[0]].allowed]
        names = residents.resident_names({r[0] for r in seen})
        rows = [(names[r[0]], *r[1:]) for r in seen]
    else:
        note_decision()
    values = {"p": programme, "versions": known, "effect": found, "rows": rows, "today": clock.today()}
    return render(request, "programmes/effect.html", values)
