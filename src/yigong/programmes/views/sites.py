"""Places under watch and activities for the public: list, one place, recording, figures that open their rows, the definition."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from yigong.core import clock
from yigong.core.asked import key_of
from yigong.core.errors import DomainError, Forbidden, InvalidInput, NotFound
from yigong.core.forms import api as form_api
from yigong.core.paging import number_of, page_of
from yigong.core.pictures import api as pictures
from yigong.core.printing import api as printing
from yigong.core.rights import guarded
from yigong.core.ui import forms as ui_forms
from yigong.core.ui.shell import address
from yigong.network import api as network
from yigong.programmes import forms as own
from yigong.programmes import policies
from yigong.programmes.commands import sites as commands
from yigong.programmes.models import Site, SiteDue, SitePicture, SiteRecord, VaccineLot
from yigong.programmes.queries import plans as plan_queries
from yigong.programmes.queries import sites as queries
from yigong.programmes.rules import paper
from yigong.programmes.rules import sites as rules
from yigong.programmes.views import common
from yigong.programmes.views import vaccines as lots
from yigong.programmes.views.defining import CERTAINTY
from yigong.programmes.views.managing import year_of


def _definition(code: str) -> rules.Outreach:
    found = rules.definitions().get(code)
    if found is None:
        raise NotFound(_("没有这个方案。"))
    return found


@guarded(policies.SITES)
def listed(request: HttpRequest) -> HttpResponse:
    """The places of a definition, the most pressing first, and what the institution itself does."""
    known, today = rules.definitions(), clock.today()
    p = known.get(request.GET.get("of", "")) or next(iter(known.values()))
    filters = {"text": request.GET.get("text", "")[:60], "state": request.GET.get("state", "")}
    rows = queries.sites(p, policies.places(request.actor), today=today, **filters)
    page: Any = page_of(rows, page=number_of(request.GET.get("page"))) if p.sites else None
    values = {
        "p": p, "tabs": [(_(d.short), f"?of={c}", c == p.code) for c, d in known.items()], "page": page, "filters": filters, "today": today,
        "places": common.names_of(r.institution_id for r in page.items) if page else {},
        "states": [("", _("在管")), ("overdue", _("逾期未查")), ("soon", _("14天内应查")), ("closed", _("已停管"))],
        "own": [a for a in p.activities if a.at == "self"], "behind": plan_queries.behind([p.code], request.actor.institution_id, today).get(p.code, 0),
        "recent": [] if p.sites else list(queries.records(p, policies.places(request.actor), today.year)[:30]),
        "titles": {a.code: _(a.title) for a in p.activities},
    }  # fmt: skip
    return render(request, "programmes/sites.html", values)


@guarded(policies.SITES)
def add(request: HttpRequest, code: str) -> HttpResponse:
    """A new place."""
    p = _definition(code)
    form = own.SiteForm(
        request.POST or None, kinds=[(k.code, _(k.title)) for k in p.sites], initial={"since": clock.today()}
    )
    if request.method == "POST" and form.is_valid():
        try:
            return ui_forms.once(request, lambda: _added(request, code, form.cleaned_data))
        except DomainError as refusal:
            ui_forms.refuse(form, refusal)
    return ui_forms.page(request, "programmes/site_new.html", {"form": form, "p": p}, form=form)


def _added(request: HttpRequest, code: str, cleaned: dict[str, Any]) -> str:
    row = commands.add_site(programme=code, actor=request.actor, **cleaned)
    messages.success(request, _("已登记，巡查计划已生成。"))
    return address("programmes:site", row.id)


def _own_site(request: HttpRequest, site_id: UUID) -> Site:
    row = Site.objects.select_related("institution").filter(pk=site_id).first()
    if row is None:
        raise NotFound()
    if not policies.manages(request.actor, row.institution_id):
        raise Forbidden(_("这个单位由其他机构负责。"))
    return row


@guarded(policies.SITES_READ)
def site(request: HttpRequest, site_id: UUID) -> HttpResponse:
    """One place: what is due, what was found, its history."""
    row = _own_site(request, site_id)
    p, today = _definition(row.programme), clock.today()
    history = SiteRecord.objects.filter(site=row).order_by("-on", "-recorded_at")
    page: Any = page_of(history, page=number_of(request.GET.get("page")))
    values = {
        "site": row, "p": p, "today": today, "page": page, "may_record": request.actor.has(policies.SITES), "kind": _(p.kind_title(row.kind)),
        "dues": SiteDue.objects.filter(site=row, state="open").order_by("due_on"), "activities": [a for a in p.activities if a.at == "site"],
        "titles": {a.code: _(a.title) for a in p.activities}, "findings": {f.code: f for f in p.findings},
        "staff": network.staff_many({r.staff_id for r in page.items if r.staff_id}), **lots.words(),
        "lying": lots.with_steps(VaccineLot.objects.filter(stays__site=row, stays__until=None).exclude(state="discarded"), None) if p.stores_vaccine else [],
    }  # fmt: skip
    return render(request, "programmes/site.html", values)


@guarded(policies.SITES)
@require_POST
def site_act(request: HttpRequest, site_id: UUID, action: str) -> HttpResponse:
    """Close a place with a reason, or undo that."""
    if action == "close":
        commands.close_site(site_id=site_id, reason=request.POST.get("reason", ""), actor=request.actor)
        messages.success(request, _("已停管，未办的巡查任务已撤销。"))
    elif action == "reopen":
        commands.reopen_site(site_id=site_id, actor=request.actor)
        messages.success(request, _("已恢复，巡查计划已重新生成。"))
    else:
        raise NotFound()
    return redirect("programmes:site", site_id)


@guarded(policies.SITES)
def at_site(request: HttpRequest, site_id: UUID, activity: str) -> HttpResponse:
    """Record what was done at a place."""
    row = _own_site(request, site_id)
    return _record_page(request, _definition(row.programme), activity, row)


@guarded(policies.SITES)
def by_institution(request: HttpRequest, code: str, activity: str) -> HttpResponse:
    """Record what the institution itself did."""
    return _record_page(request, _definition(code), activity, None)


def _record_page(request: HttpRequest, p: rules.Outreach, activity: str, row: Site | None) -> HttpResponse:
    what = p.activity(activity)
    if what is None:
        raise NotFound()
    sheet = form_api.form(what.form, p.effective_from)
    head = own.RecordHead(request.POST or None, initial={"on": clock.today()})
    errors: dict[str, str] = {}
    if request.method == "POST" and head.is_valid():
        given = {
            "programme": p.code,
            "activity": activity,
            "site_id": row.id if row else None,
            "on": head.cleaned_data["on"],
            "plan_id": key_of(request.POST.get("plan", "")),
        }
        try:
            return ui_forms.once(request, _recorder(request, given))
        except InvalidInput as refusal:
            errors = {k: v for k, v in refusal.errors.items() if k not in head.fields}
            ui_forms.refuse(
                head, InvalidInput(str(refusal), errors={k: v for k, v in refusal.errors.items() if k in head.fields})
            )
        except DomainError as refusal:
            ui_forms.refuse(head, refusal)
    planned = plan_queries.open_of(p.code, activity, request.actor.institution_id) if p.is_planned and not row else []
    chosen = next((one for one in planned if str(one.id) == request.GET.get("plan", "")), None)
    typed = {k: request.POST.getlist(k) for k in request.POST} if request.method == "POST" else {}
    if chosen and what.thing and request.method == "GET":
        typed[what.thing] = [chosen.topic]
    choices = [("", _("计划外的活动")), *((str(one.id), f"{one.on:%m-%d} {one.topic}") for one in planned)]
    values = {
        "p": p, "what": what, "site": row, "sheet": sheet, "head": head, "typed": typed, "errors": errors,
        "limits": pictures.limits(rules.PICTURES), "planned": choices if planned else [],
        "plan": request.POST.get("plan", "") or (str(chosen.id) if chosen else ""),
    }  # fmt: skip
    return ui_forms.page(request, "programmes/site_record.html", values, form=head)


def _recorder(request: HttpRequest, given: dict[str, Any]) -> Callable[[], str]:
    def record_it() -> str:
        key = ui_forms.idempotency_key(request)
        row = commands.record_activity(
            answers=request.POST, actor=request.actor, idempotency_key=key, signature=request.POST.get("signature", ""),
            photos=[file.read() for file in request.FILES.getlist("photos")], **given,
        )  # fmt: skip
        return address("programmes:record", row.id)

    return record_it


def _seen(actor: Any, row: SiteRecord) -> bool:
    return policies.manages(actor, row.institution_id)


def _access_record(request: HttpRequest, record_id: UUID) -> SiteRecord:
    row = SiteRecord.objects.select_related("site", "institution").filter(pk=record_id).first()
    if row is None or not _seen(request.actor, row):
        raise NotFound()
    return row


@guarded(policies.SITES_READ)
def picture(request: HttpRequest, picture_id: UUID) -> HttpResponse:
    """One photograph or signature, for whoever may read its record."""
    row = SitePicture.objects.select_related("record").filter(pk=picture_id).first()
    if row is None or not _seen(request.actor, row.record):
        raise NotFound()
    return pictures.answer(row.kept_id)


@guarded(policies.SITES_READ)
def record(request: HttpRequest, record_id: UUID) -> HttpResponse:
    """One record: what was found, what follows, the answers, what was photographed."""
    row = _access_record(request, record_id)
    p = rules.version_of(row.programme, row.definition)
    what = p.activity(row.activity)
    answers = form_api.answers_of([row.response_id]).get(row.response_id, {})
    sheet = form_api.sheet(form_api.form(what.form, p.effective_from), answers) if what else []
    values = {
        "r": row, "p": p, "what": what, "finding": p.finding(row.finding), "sheet": sheet, "pictures": queries.pictures_of(row.id),
        "staff": network.staff_many([row.staff_id]) if row.staff_id else {},
        "due": SiteDue.objects.filter(site=row.site, activity=row.activity, state="open").first() if row.site else None,
        "held": lots.with_steps(VaccineLot.objects.filter(held_by=row), request.actor), **lots.words(),
    }  # fmt: skip
    return render(request, "programmes/site_done.html", values)


@guarded(policies.SITES_READ)
@require_GET
def print_record(request: HttpRequest, record_id: UUID) -> HttpResponse:
    """The filled sheet of a patrol, a sampling, a lecture … with its photographs and the signature."""
    row = _access_record(request, record_id)
    p = rules.version_of(row.programme, row.definition)
    what = p.activity(row.activity)
    if what is None:
        raise NotFound()
    form = form_api.form(what.form, p.effective_from)
    answers = form_api.answers_of([row.response_id]).get(row.response_id, {})
    shown, staff = queries.pictures_of(row.id), network.staff_many([row.staff_id]) if row.staff_id else {}
    jpegs, finding = pictures.contents([one.kept_id for one in shown]), p.finding(row.finding)
    photos = [one for one in shown if one.kind == SitePicture.Kind.PHOTO]
    signed = next((jpegs[one.kept_id] for one in shown if one.kind == SitePicture.Kind.SIGNATURE), b"")
    place = [[_("单位"), row.site.name], [_("地址"), row.site.address or "—"]] if row.site else []
    data = {
        "title": form.title, "subtitle": p.title,
        "facts": [*place, [_("机构"), row.institution.name], [_("日期"), row.on.isoformat()], [_("结果"), _(finding.title) if finding else "—"]],
        "sections": paper.laid_out(form, answers, {}), "blank": "—", "advice_label": _("处理意见"), "advice": _(finding.advice) if finding else "",
        "pictures_label": _("现场照片"), "pictures": [[_("照片 %(n)s") % {"n": n}, list(jpegs[one.kept_id])] for n, one in enumerate(photos, 1)],
        "signer_label": _("登记人"), "signer": staff[row.staff_id].name if row.staff_id in staff else "",
        "party_label": _("被检查方签名") if what.signature else _("负责人签字"), "party": list(signed),
        "note": _("作废：%(why)s") % {"why": row.void_reason} if row.void_reason else "",
    }  # fmt: skip
    about = printing.About("programme_site_record", row.id, "1")
    return printing.answer(
        printing.print_document("programme_site_record", "programmes/site", data, actor=request.actor, about=about, title=form.title)
    )  # fmt: skip


@guarded(policies.SITES)
@require_POST
def void(request: HttpRequest, record_id: UUID) -> HttpResponse:
    """A record entered by mistake is taken back."""
    commands.void_record(record_id=record_id, reason=request.POST.get("reason", ""), actor=request.actor)
    messages.success(request, _("记录已作废，计划和指标已更新。"))
    return redirect("programmes:record", record_id)


@guarded(policies.FIGURES)
def figures(request: HttpRequest, code: str) -> HttpResponse:
    """A year of a definition: rates and norms by institution, each opening its rows."""
    p, year, today = _definition(code), year_of(request), clock.today()
    places = policies.places(request.actor)
    values = {
        "p": p, "year": year, "years": [(y, str(y)) for y in range(today.year, today.year - 4, -1)], "rates": queries.rates(p, places, year),
        "norms": queries.norms(p, places, year)[:200], "reach": queries.reach_of(p, places, year),
        "tabs": [(_(d.short), address("programmes:outreach", c), c == code) for c, d in rules.definitions().items()],
    }  # fmt: skip
    return render(request, "programmes/outreach.html", values)


@guarded(policies.FIGURES)
def rows(request: HttpRequest, code: str) -> HttpResponse:
    """The records or places behind a figure."""
    p, year, places = _definition(code), year_of(request), policies.places(request.actor)
    asked = {name: request.GET.get(name, "")[:30] for name in ("rate", "activity", "side")}
    rate = next((r for r in p.rates if r.code == asked["rate"]), None)
    page: Any
    if rate is not None and rate.base == "sites":
        found = queries.watched_in(p, places, year)
        made = queries.reached(found, rate, year)
        found = (
            made
            if asked["side"] == "counted"
            else found.exclude(pk__in=made.values("pk"))
            if asked["side"] == "not"
            else found
        )
        page = page_of(found, page=number_of(request.GET.get("page")))
    else:
        page = page_of(
            queries.records(p, places, year, place=key_of(request.GET.get("place", "")), **asked),
            page=number_of(request.GET.get("page")),
        )
    what = p.activity(asked["activity"])
    values = {
        "p": p, "year": year, "page": page, "rate": rate, "side": asked["side"], "of_sites": bool(rate and rate.base == "sites"),
        "title": _(rate.title) if rate else _(what.title) if what else _(p.short), "titles": {a.code: _(a.title) for a in p.activities},
        "findings": {f.code: f for f in p.findings}, "places": common.names_of(r.institution_id for r in page.items),
    }  # fmt: skip
    return render(request, "programmes/outreach_rows.html", values)


@guarded(policies.DEFINE)
def definition(request: HttpRequest, code: str) -> HttpResponse:
    """The definition as a page that can be reviewed."""
    p = _definition(code)
    titles = {a.code: form_api.form(a.form, p.effective_from).title for a in p.activities}
    return render(request, "programmes/outreach_definition.html", {"p": p, "forms": titles, "certainty": CERTAINTY})
