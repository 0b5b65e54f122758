"""The review desk: the queue of pairs, one comparison, decisions."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from yigong.core.asked import key_of
from yigong.core.paging import number_of
from yigong.core.rights import guarded
from yigong.core.ui import forms
from yigong.core.ui.shell import address
from yigong.residents import api, policies
from yigong.residents.data import PairData, ResidentData
from yigong.residents.desk_forms import GroupForm
from yigong.residents.forms import DecisionForm
from yigong.residents.holdings import holdings_of
from yigong.residents.queries import lessons, pairs
from yigong.residents.queries.frequencies import counted_at
from yigong.residents.queries.people import resident_data
from yigong.residents.views.links import look, place_names
from yigong.residents.views.waterfall import bars_of, effects_of


@guarded(policies.LINK)
def desk(request: HttpRequest) -> HttpResponse:
    """The queue by clusters, most gain first."""
    state = request.GET.get("state", "open")
    page = pairs.queue(state, number_of(request.GET.get("page", 1)))
    return render(request, "residents/desk.html", {"page": page, "state": state, "figures": pairs.statistics()})


@guarded(policies.LINK)
@require_POST
def search_all(request: HttpRequest) -> HttpResponse:
    """Look for pairs among all residents."""
    return redirect("jobs:page", job_id=api.start_search(actor=request.actor).id)


@guarded(policies.LINK)
@require_POST
def batch(request: HttpRequest) -> HttpResponse:
    """Merge the ticked pairs that are safe."""
    chosen = [k for k in map(key_of, request.POST.getlist("pair")) if k]
    done = api.decide_safe(pair_ids=chosen, actor=request.actor)
    messages.success(request, _("已合并 %(n)s 对；每一对都可以单独撤销。") % {"n": done})
    return redirect(f"{request.path.removesuffix('batch/')}?state=safe")


@guarded(policies.LINK, about="resident")
def pair(request: HttpRequest, pair_id: UUID) -> HttpResponse:
    """Two people side by side, why they may be one, and the decision."""
    chosen = pairs.pair(pair_id)
    look(request.actor, chosen.left.id, chosen.right.id)
    form = DecisionForm(request.POST or None, initial={"survivor_id": _fuller(chosen)})
    form.fields["survivor_id"].choices = [  # type: ignore[attr-defined]
        (str(r.id), _("留存%(name)s（%(what)s）") % {"name": r.name, "what": side})
        for r, side in ((chosen.left, _("左")), (chosen.right, _("右")))
    ]
    if done := forms.sent(request, form, lambda: _decide(request, chosen, form)):
        return done
    sides = [resident_data(chosen.left.id), resident_data(chosen.right.id)]
    scored = pairs.score(chosen.left.id, chosen.right.id)
    values = {"lines": _lines(sides), "scored": scored, "bars": bars_of(scored), "beside": pairs.beside(chosen)}
    values |= {"pair": chosen, "form": form}
    return forms.page(request, "residents/pair.html", values, form=form)


def _decide(request: HttpRequest, chosen: PairData, form: DecisionForm) -> str:
    v = form.cleaned_data
    done = api.decide_pair(
        pair_id=chosen.id,
        decision=v["decision"],
        reason=v["reason"],
        survivor_id=UUID(v["survivor_id"]),
        actor=request.actor,
    )
    messages.success(request, _("已判定“%(state)s”。") % {"state": done.state_label})
    following = pairs.next_pair()
    return f"{request.path.rsplit('/', 2)[0]}/{following}/" if following else request.path.rsplit("/", 2)[0] + "/"


def _fuller(chosen: PairData) -> str:
    """The file with more behind it goes on unless the clerk says otherwise."""
    rows = {r.id: sum(h.rows for h in holdings_of(api.identities(r.id))) for r in (chosen.left, chosen.right)}
    return str(max(rows, key=lambda key: rows[key]))


@guarded(policies.LINK, about="resident")
def group(request: HttpRequest, pair_id: UUID) -> HttpResponse:
    """Several identities that hang together, decided as one."""
    found = pairs.group_of(pair_id)
    if not found:
        return redirect("residents:pair", pair_id)
    members = list({r.id: r for p in found for r in (p.left, p.right)}.values())
    look(request.actor, *(m.id for m in members))
    form = GroupForm(request.POST or None, members=members)
    if done := forms.sent(request, form, lambda: _decide_group(request, form)):
        return done
    values = {"members": members, "lines": _lines([resident_data(m.id) for m in members]), "found": found, "form": form}
    return forms.page(request, "residents/group.html", values, form=form)


def _decide_group(request: HttpRequest, form: GroupForm) -> str:
    v = form.cleaned_data
    done = api.decide_group(
        member_ids=[UUID(key) for key, _label in form.fields["same"].choices],  # type: ignore[attr-defined]
        same_ids=[UUID(key) for key in v["same"]],
        survivor_id=UUID(v["survivor_id"]) if v["survivor_id"] else None,
        reason=v["reason"],
        actor=request.actor,
    )
    text = _("已合并 %(n)s 份档案；每一次合并都可以单独撤销。") if done else _("已判定这一组都不是同一人。")
    messages.success(request, text % {"n": done} if done else text)
    return address("residents:desk")


@guarded(policies.LINK)
def statistics(request: HttpRequest) -> HttpResponse:
    """How right the score was, by band."""
    bands = lessons.bands()
    chart = {
        "grid": {"bottom": 36, "left": 48, "right": 16, "top": 40},
        "xAxis": {"type": "category", "data": [b.label for b in bands]},
        "yAxis": {"type": "value", "minInterval": 1},
        "legend": {"data": [_("同一人"), _("不是同一人")]},
        "series": [
            {"type": "bar", "stack": "n", "name": _("同一人"), "data": [b.same for b in bands]},
            {"type": "bar", "stack": "n", "name": _("不是同一人"), "data": [b.different for b in bands]},
        ],
    }
    values = {"bands": bands, "chart": chart, "figures": pairs.statistics(), "decided": lessons.decided_count()}
    return render(request, "residents/desk_statistics.html", values | {"counted": counted_at()})


@guarded(policies.LINK)
def estimates(request: HttpRequest) -> HttpResponse:
    """New weights from the decisions beside those in force, and what they would change."""
    made = lessons.proposal()
    rows = [e for e in made.estimates if e.seen or e.u != e.u_defined]
    labels = {c.code: c.label for c in made.definition.comparison}
    values = {
        "rows": rows,
        "labels": labels,
        "proposal": made,
        "effects": effects_of(made),
        "decided": lessons.decided_count(),
    }
    return render(request, "residents/desk_estimates.html", values)


@guarded(policies.LINK)
def proposed(request: HttpRequest) -> HttpResponse:
    """The proposal as the file of a new version."""
    name, text = lessons.proposed_file()
    answer = HttpResponse(text, content_type="application/toml; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _lines(sides: list[ResidentData]) -> list[tuple[str, list[str], str]]:
    """Particulars side by side, each line with whether all say the same, some say nothing, or they differ."""
    places = place_names(s.managing_institution_id for s in sides)
    told: list[tuple[str, list[str]]] = [
        (_("姓名"), [s.name for s in sides]),
        (_("性别"), [s.sex_label for s in sides]),
        (_("出生日期"), [_born(s) for s in sides]),
        (_("证件和卡"), [_numbers(s) for s in sides]),
        (_("电话"), [s.masked_phone for s in sides]),
        (_("住址"), [s.place for s in sides]),
        (_("母亲"), [", ".join(c.name for c in s.contacts if c.relation == "52") for s in sides]),
        (_("健康档案编号"), [s.archive_number for s in sides]),
        (_("建档管理机构"), [_place(s, places) for s in sides]),
        (_("状态"), [s.status_label for s in sides]),
        (_("业务记录"), ["、".join(f"{h.label} {h.rows}" for h in holdings_of(api.identities(s.id))) for s in sides]),
    ]
    return [(label, texts, _mark(texts)) for label, texts in told]


def _mark(texts: list[str]) -> str:
    if len({text for text in texts if text}) > 1:
        return "differs"
    return "same" if len(set(texts)) == 1 else "half"


def _place(one: ResidentData, places: dict[UUID, str]) -> str:
    return places.get(one.managing_institution_id, "") if one.managing_institution_id else ""


def _born(one: ResidentData) -> str:
    text = one.birth_date.isoformat() if one.birth_date else ""
    return text if one.birth_precision == "day" else text + _("（估计）")


def _numbers(one: ResidentData) -> str:
    return "、".join(f"{n.kind_label} {n.masked}" for n in one.numbers)
