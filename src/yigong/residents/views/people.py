"""Pages of residents: search, registration, particulars, corrections, closing."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from yigong.core import clock
from yigong.core.errors import DomainError
from yigong.core.paging import number_of
from yigong.core.rights import guarded
from yigong.core.ui import forms
from yigong.core.ui.shell import address
from yigong.residents import api, policies, queries
from yigong.residents.data import GivenNumber, NearMatch, ResidentData, ScanAnswer
from yigong.residents.file import file_address
from yigong.residents.forms import EDITED, ChangeForm, CloseForm, RegisterForm, ReopenForm
from yigong.residents.rules import numbers
from yigong.residents.rules import search as box
from yigong.residents.views.links import SYSTEMS

_LIMIT = 20


@guarded(policies.SEARCH)
def search(request: HttpRequest) -> HttpResponse:
    """The one search box: a page with paging, or the first few hits under the shell's box. A scanned code or card opens its person."""
    text = request.GET.get("q", "")[:100]
    if (answer := api.read_scan(text, request.actor, preview=bool(request.htmx))) is not None:  # type: ignore[attr-defined]
        return _scanned(request, text, answer)
    number = number_of(request.GET.get("page", 1))
    limit = 8 if request.htmx else _LIMIT  # type: ignore[attr-defined]
    found = api.search_residents(text, actor=request.actor, limit=limit, offset=(number - 1) * limit)
    values = {
        "page": found,
        "q": text,
        "answer": None,
        "file_address": file_address,
        "too_short": box.parse(text).too_short,
    }
    return render(request, "residents/found.html" if request.htmx else "residents/search.html", values)  # type: ignore[attr-defined]


def _scanned(request: HttpRequest, text: str, answer: ScanAnswer) -> HttpResponse:
    if answer.goes_on and not request.htmx:  # type: ignore[attr-defined]
        if answer.sentence:
            messages.info(request, answer.sentence)
        return redirect(answer.url)
    values = {"q": "" if answer.goes_on else text, "answer": answer, "page": None}
    return render(request, "residents/found.html" if request.htmx else "residents/search.html", values)  # type: ignore[attr-defined]


@guarded(policies.SEARCH)
def options(request: HttpRequest) -> HttpResponse:
    """What a picker of residents shows: name, sex, age, masked number, place."""
    found = api.search_residents(request.GET.get("q", ""), actor=request.actor, limit=8, include_closed=False)
    items = [
        (r.id, r.name, " · ".join(filter(None, (r.sex_label, r.age_text, r.masked_number, r.place)))) for r in found
    ]
    return render(request, "ui/options.html", {"items": items, "total": found.total})


@guarded(policies.REGISTER)
def new(request: HttpRequest) -> HttpResponse:
    """Registration with the search for doubles on the same page."""
    form = RegisterForm(request.POST or None, initial={"name": request.GET.get("name", "")[:60]})
    similar: list[NearMatch] = []
    holder: NearMatch | None = None
    if request.method == "POST" and form.is_valid():
        key = forms.idempotency_key(request)
        try:
            return forms.once(request, lambda: _register(request, form, key))
        except api.SimilarPeople as warning:
            similar = warning.matches
            forms.refuse(form, warning)
        except api.NumberTaken as refusal:
            holder = refusal.holder
            forms.refuse(form, refusal)
        except DomainError as error:
            forms.refuse(form, error)
    values = {"form": form, "similar": similar, "holder": holder, "file_address": file_address}
    return forms.page(request, "residents/new.html", values, form=form)


def _register(request: HttpRequest, form: RegisterForm, key: UUID) -> str:
    if (known := request.POST.get("link_to", "")) and _is_key(known):
        linked = api.link_registration(
            resident_id=UUID(known), given=form.given(), actor=request.actor, request_key=key
        )
        messages.success(
            request, _("这次登记已关联到“%(name)s”的档案，没有重复建档。") % {"name": linked.resident.name}
        )
        return file_address(linked.resident.id)
    confirmed = [UUID(k) for k in request.POST.getlist("confirmed") if _is_key(k)]
    done = api.register_resident(given=form.given(), actor=request.actor, request_key=key, confirmed=confirmed)
    messages.success(request, _("已为“%(name)s”建档。") % {"name": done.resident.name})
    return file_address(done.resident.id)


def _is_key(text: str) -> bool:
    try:
        return bool(UUID(text))
    except ValueError:
        return False


@guarded(policies.REGISTER)
@require_POST
def near(request: HttpRequest) -> HttpResponse:
    """While typing: what the number says, and people who may be the same. A post, so that no number lands in an address."""
    form = RegisterForm(request.POST)
    form.is_valid()
    v = form.cleaned_data
    told, problem = _number_says(v.get("number_kind") or "01", v.get("number") or "")
    born = v.get("birth_date") or (told.birth_date if told else None)
    sex = told.sex if told and told.sex else v.get("sex") or "0"
    typed = (GivenNumber(v.get("number_kind") or "01", v["number"]),) if v.get("number") else ()
    asks = bool(typed or v.get("phone") or (v.get("name") and born))
    found = (
        api.check_duplicates(
            name=v.get("name") or "",
            birth_date=born,
            sex=sex,
            numbers=typed,
            phone=v.get("phone") or "",
            township=v.get("township") or "",
            village=v.get("village") or "",
            address=v.get("address") or "",
            actor=request.actor,
        )
        if asks
        else []
    )
    if not asks and len(v.get("name") or "") > 1:
        found = _same_name(v["name"], request)
    values = {
        "told": told,
        "problem": problem,
        "found": found[:6],
        "more": max(len(found) - 6, 0),
        "file_address": file_address,
    }
    return render(request, "residents/near.html", values)


def _same_name(name: str, request: HttpRequest) -> list[NearMatch]:
    page = api.search_residents(name, actor=request.actor, limit=6)
    return [NearMatch(row, "possible", (_("姓名相近"),), row.name == name) for row in page]


def _number_says(kind: str, typed: str) -> tuple[api.CheckedNumber | None, str]:
    # Complain only when the number looks finished; half a number is not a mistake yet.
    if len(typed) < 15 and kind == "01":
        return None, ""
    try:
        return (numbers.check_number(kind, typed, clock.today()), "") if typed else (None, "")
    except api.BadNumber as bad:
        return None, str(bad)


@guarded("signed_in", about="resident")
def detail(request: HttpRequest, resident_id: UUID) -> HttpResponse:
    """Particulars, numbers, contacts, where they came from."""
    resident = api.access_resident(resident_id, actor=request.actor)
    if resident.id != resident_id:
        return redirect("residents:detail", resident.id)
    sources = api.sources_of(resident.id)
    values = _frame(request, resident) | {
        "sources": sources,
        "places": _places(resident),
        "systems": SYSTEMS,
        "origins": queries.origins_of(resident.id),
        "order": {s.id: place for place, s in enumerate(sources, 1)},
    }
    return render(request, "residents/detail.html", values)


def _frame(request: HttpRequest, resident: ResidentData) -> dict[str, Any]:
    return api.file_context(resident, actor=request.actor, active="particulars")


def _places(resident: ResidentData) -> dict[UUID, str]:
    from yigong.network import api as network

    wanted = {s.institution_id for s in api.sources_of(resident.id)} | {resident.managing_institution_id}
    return {key: place.name for key, place in network.institutions({w for w in wanted if w}).items()}


@guarded(policies.REVEAL, about="resident")
@require_POST
def reveal(request: HttpRequest, resident_id: UUID) -> HttpResponse:
    """Full numbers and phone, logged with purpose."""
    shown = api.reveal_numbers(resident_id, actor=request.actor)
    return render(request, "residents/revealed.html", {"shown": shown})


@guarded(policies.CHANGE, about="resident")
def change(request: HttpRequest, resident_id: UUID) -> HttpResponse:
    """Correct or complete particulars, with a reason."""
    resident = api.access_resident(resident_id, actor=request.actor, action="write")
    before = {n: getattr(resident, n) for n in EDITED}
    form = ChangeForm(request.POST or None, initial=before | {"version": resident.version})
    holder: NearMatch | None = None
    if request.method == "POST" and form.is_valid():
        try:
            return forms.once(request, lambda: _change(request, resident, form, before))
        except api.NumberTaken as refusal:
            holder = refusal.holder
            forms.refuse(form, refusal)
        except DomainError as error:
            forms.refuse(form, error)
    values = {"form": form, "resident": resident, "holder": holder, "file_address": file_address}
    return forms.page(request, "residents/change.html", values, form=form)


def _change(request: HttpRequest, resident: ResidentData, form: ChangeForm, before: dict[str, Any]) -> str:
    v = form.cleaned_data
    api.change_resident(
        resident_id=resident.id,
        changes=form.changes(before),
        reason=v["reason"],
        version=v["version"],
        actor=request.actor,
    )
    messages.success(request, _("已保存修改。"))
    return address("residents:detail", resident.id)


@guarded(policies.CLOSE, about="resident")
def close(request: HttpRequest, resident_id: UUID) -> HttpResponse:
    """Close an identity, or take a closed one into use again."""
    resident = api.access_resident(resident_id, actor=request.actor, action="write")
    kind = CloseForm if resident.status == "active" else ReopenForm
    form = kind(request.POST or None, initial={"on": clock.today()})
    if request.method == "POST" and form.is_valid():
        command = api.close_resident if resident.status == "active" else api.reopen_resident
        try:
            command(resident_id=resident.id, actor=request.actor, **form.cleaned_data)
            messages.success(request, _("已办理。"))
            return redirect("residents:detail", resident.id)
        except DomainError as error:
            forms.refuse(form, error)
    return forms.page(request, "residents/close.html", {"form": form, "resident": resident}, form=form)
