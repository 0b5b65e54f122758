"""A page per definition that a public-health doctor can review: tables, sentences, a drawing, versions and the effect of another version."""

from functools import partial
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as N_

from yigong.access.api import decide_many
from yigong.core import clock
from yigong.core.errors import NotFound
from yigong.core.jobs import api as jobs
from yigong.core.paging import number_of, page_of
from yigong.core.rights import guarded, note_decision
from yigong.programmes import policies
from yigong.programmes.commands.trying import behind
from yigong.programmes.models import Enrolment, Trial, TrialRow
from yigong.programmes.rules import growth, judging, planning
from yigong.programmes.rules.definition import FACTS, STANDING, Programme, Score
from yigong.programmes.rules.packs import programmes, versions
from yigong.programmes.rules.sites import definitions as outreach
from yigong.programmes.rules.wording import Words, in_words
from yigong.programmes.views import drawing
from yigong.residents import api as residents

CERTAINTY = {"found": N_("有公开原文"), "general": N_("行业通行"), "uncertain": N_("待核实")}


@guarded(policies.DEFINE)
def definitions(request: HttpRequest) -> HttpResponse:
    """All programmes in force."""
    return render(
        request,
        "programmes/definitions.html",
        {"rows": list(programmes().values()), "others": list(outreach().values()), "certainty": CERTAINTY},
    )


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
        "standards": _standards(programme), "forms": judging.forms_of(programme), "words": _words(programme), "say": partial(in_words, words=wording(programme)),
        "enrolled": Enrolment.objects.filter(programme=code, state="active").count(),
    }  # fmt: skip
    return render(request, "programmes/definition.html", values)


def _standards(programme: Programme) -> list[tuple[Score, str, growth.GrowthTable]]:
    """The growth tables a programme scores by, each with the measured item."""
    labels = {i.code: i.label for f in judging.forms_of(programme).values() for i in f.items}
    found = (
        (s, _(labels.get(s.item, s.item)), growth.table(s.table, programme.effective_from)) for s in programme.scores
    )
    return [(s, label, table) for s, label, table in found if table is not None]


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
    meanings = wording(programme).names
    return sorted((n, meanings[n]) for n in names if n in meanings)


def wording(programme: Programme) -> Words:
    """What the names and answers in a definition's conditions mean."""
    items = {i.code: i for f in judging.forms_of(programme).values() for i in f.items}
    meanings = {n: text for n, (_kind, text) in {**STANDING, **FACTS}.items()}
    meanings |= {code: item.label for code, item in items.items()}
    meanings |= {s.code: s.title + _("（标准差）") for s in programme.scores}
    meanings |= {r.code: r.title for r in programme.rules}
    meanings |= {f"previous_{r.code}": _("上次：") + r.title for r in programme.rules}
    meanings |= {f"last_{r.code}": _("最近一次：") + r.title for r in programme.rules}
    meanings |= {f"visits_{s.code}": _("“%(what)s”次数") % {"what": s.title} for s in programme.stages}
    meanings |= {f"day_{s.code}": _("从基准日到“%(what)s”的天数") % {"what": s.title} for s in programme.stages}
    options = {code: {o.code: _(o.label) for o in item.options} for code, item in items.items() if item.options}
    options["stage"] = {s.code: _(s.title) for s in programme.stages}
    options["last_grade"] = {g.code: _(g.title) for g in programme.grades}
    options["ending"] = {e.code: _(e.title) for e in programme.endings}
    return Words({n: _(text) for n, text in meanings.items()}, options)


@guarded(policies.DEFINE, about="resident")
def preview(request: HttpRequest, code: str) -> HttpResponse:
    """What another version would change for the people under management, as last reckoned; reckoning and taking over are jobs with progress."""
    programme, known = _version(code, request.GET.get("version", ""))
    if request.method == "POST":
        return _started(request, programme)
    note_decision()
    trial = Trial.objects.filter(programme=code, definition=programme.version, is_whole=True).first()
    page: Any = None
    names: dict[Any, Any] = {}
    if trial:
        rows = TrialRow.objects.filter(trial=trial).select_related("enrolment").order_by("id")
        page = page_of(rows, page=number_of(request.GET.get("page")))
        names = _names({r.enrolment.resident_id for r in page.items}, request.actor)
    in_force = programme.version == programmes()[code].version if code in programmes() else False
    values = {
        "p": programme, "versions": known, "trial": trial, "page": page, "names": names, "today": clock.today(),
        "behind": behind(code, programme.version) if in_force else 0,
    }  # fmt: skip
    return render(request, "programmes/effect.html", values)


def _started(request: HttpRequest, programme: Programme) -> HttpResponse:
    words = {"title": _(programme.short), "v": programme.version}
    if request.POST.get("do") == "adopt":
        job = jobs.start_job(
            "programmes.adopt", _("%(title)s换用 %(v)s 版") % words, request.actor, code=programme.code
        )
    else:
        title = _("%(title)s %(v)s 版试算") % words
        job = jobs.start_job("programmes.try", title, request.actor, code=programme.code, version=programme.version)
    note_decision()
    return redirect("jobs:page", job_id=job.id)


def _names(ids: set[Any], actor: Any) -> dict[Any, Any]:
    """The names of those whom the actor may see, each decided and logged."""
    if not ids or not actor.has(policies.READ):
        return {}
    decided = decide_many(actor, "read_detail", "resident", ids)
    return residents.resident_names({key for key in ids if decided[key].allowed})
