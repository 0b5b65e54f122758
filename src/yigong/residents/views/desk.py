"""The review desk: the queue of pairs, one comparison, decisions."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from yigong.core.errors import DomainError
from yigong.core.paging import number_of
from yigong.core.rights import guarded
from yigong.core.ui import forms
from yigong.residents import api, policies
from yigong.residents.data import PairData, ResidentData
from yigong.residents.forms import DecisionForm
from yigong.residents.holdings import holdings_of
from yigong.residents.queries import pairs
from yigong.residents.queries.people import resident_data
from yigong.residents.views.links import key_of, look, place_names
from yigong.residents.views.waterfall import bars_of


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
    messages.success(request, _("已合并 %(n)s 对;每一对都可以单独撤销。") % {"n": done})
    return redirect(f"{request.path.removesuffix('batch/')}?state=safe")


@guarded(policies.LINK, about="resident")
def pair(request: HttpRequest, pair_id: UUID) -> HttpResponse:
    """Two people side by side, why they may be one, and the decision."""
    chosen = pairs.pair(pair_id)
    look(request.actor, chosen.left.id, chosen.right.id)
    form = DecisionForm(request.POST or None, initial={"survivor_id": _fuller(chosen)})
    form.fields["survivor_id"].choices = [  # type: ignore[attr-defined]
        (str(r.id), _("留存%(name)s(%(what)s)") % {"name": r.name, "what": side})
        for r, side in ((chosen.left, _("左")), (chosen.right, _("右")))
    ]
    if request.method == "POST" and form.is_valid():
        try:
            return forms.once(request, lambda: _decide(request, chosen, form))
        except DomainError as error:
            forms.refuse(form, error)
    values = _compared(chosen) | {"pair": chosen, "form": form, "beside": pairs.beside(chosen)}
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


def _compared(chosen: PairData) -> dict[str, Any]:
    sides = [resident_data(r.id) for r in (chosen.left, chosen.right)]
    places = place_names(s.managing_institution_id for s in sides)
    mothers = [", ".join(c.name for c in s.contacts if c.relation == "52") for s in sides]
    held = ["、".join(f"{h.label} {h.rows}" for h in holdings_of(api.identities(s.id))) for s in sides]
    lines: list[tuple[str, str, str]] = [
        (_("姓名"), sides[0].name, sides[1].name),
        (_("性别"), sides[0].sex_label, sides[1].sex_label),
        (_("出生日期"), _born(sides[0]), _born(sides[1])),
        (_("证件和卡"), _numbers(sides[0]), _numbers(sides[1])),
        (_("电话"), sides[0].masked_phone, sides[1].masked_phone),
        (_("住址"), sides[0].place, sides[1].place),
        (_("母亲"), mothers[0], mothers[1]),
        (_("健康档案编号"), sides[0].archive_number, sides[1].archive_number),
        (_("建档管理机构"), _place(sides[0], places), _place(sides[1], places)),
        (_("状态"), sides[0].status_label, sides[1].status_label),
        (_("业务记录"), held[0], held[1]),
    ]
    scored = pairs.score(chosen.left.id, chosen.right.id)
    marked = [
        (label, a, b, "differs" if a and b and a != b else ("half" if a != b else "same")) for label, a, b in lines
    ]
    return {"lines": marked, "scored": scored, "bars": bars_of(scored)}


def _place(one: ResidentData, places: dict[UUID, str]) -> str:
    return places.get(one.managing_institution_id, "") if one.managing_institution_id else ""


def _born(one: ResidentData) -> str:
    text = one.birth_date.isoformat() if one.birth_date else ""
    return text if one.birth_precision == "day" else text + _("(估计)")


def _numbers(one: ResidentData) -> str:
    return "、".join(f"{n.kind_label} {n.masked}" for n in one.numbers)
