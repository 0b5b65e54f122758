"""Templates of reports and of requests: the list of packs, shared ones and one's own, one template with its versions, two versions side by side, files."""

from typing import Any
from uuid import UUID

from django import forms as django_forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from yigong.access.api import guarded
from yigong.core.errors import Forbidden, InvalidInput
from yigong.core.paging import number_of
from yigong.core.states.api import history
from yigong.core.ui import forms
from yigong.orders import queries as orders
from yigong.orders.commands import templates as commands
from yigong.orders.data import ServiceDefinition
from yigong.orders.models import TextTemplate
from yigong.orders.queries import templates as queries
from yigong.orders.rules import requests, service, services
from yigong.orders.rules.templates import TEMPLATE, in_file, may_write, pool, with_units
from yigong.orders.views.placing import chosen
from yigong.orders.views.template_forms import RequestTemplateForm, TemplateForm, initial_of

TONES = {
    "own": "info",
    "proposed": "warn",
    "centre": "good",
    "pack": "neutral",
    "retired": "muted",
    "withdrawn": "muted",
}
MOST_BYTES = 1_000_000
FORMS: dict[str, type[TemplateForm | RequestTemplateForm]] = {"report": TemplateForm, "request": RequestTemplateForm}


@guarded("signed_in")
def overview(request: HttpRequest) -> HttpResponse:
    """The list of one service, of its reports or of requests for it (``kind``); a file of report templates is taken in here."""
    kind = _kind(request)
    mine, definition = _services(request, kind)
    done, refused = forms.tried(request, lambda: _imported(request, definition))
    if done:
        return done
    given = request.GET
    page = queries.searched(
        definition.code, request.actor, kind=kind, text=given.get("q", ""), origin=given.get("origin", ""),
        page=number_of(given.get("page")),
    )  # fmt: skip
    context = {
        "definition": definition, "kind": kind, "page": page, "text": given.get("q", ""), "origin": given.get("origin", ""), "tones": TONES,
        "services": [(one.label, f"?kind={kind}&service={code}", code == definition.code) for code, one in mine.items()], "refused": refused,
        "origins": [(code, _origin(kind, code)) for code in queries.ORIGINS if kind == "report" or code != "proposed"],
        "label": lambda code: _origin(kind, code), "back": _back(kind, definition),
        "names": {item.code: item.name for item in definition.catalogue()},
    }  # fmt: skip
    return render(request, "orders/templates.html", context, status=422 if refused else 200)


@guarded("signed_in")
def new(request: HttpRequest) -> HttpResponse:
    """Write a template; from another one with ``from``, a request template also from an order with ``order``."""
    kind = _kind(request)
    _mine, definition = _services(request, kind)
    head = kind == "request" or request.actor.has(definition.rights.review)
    form = FORMS[kind](request.POST or None, definition=definition, head=head, initial=_from(request, definition, kind))
    if done := forms.sent(request, form, lambda: _written(request, form, definition.code)):
        return done
    context = {"form": form, "definition": definition, "row": None, "kind": kind, **_items(form, definition)}
    return forms.page(request, "orders/template.html", context, form=form)


@guarded("signed_in")
def one(request: HttpRequest, template_id: UUID) -> HttpResponse:
    """One template: its newest wording to be changed by who may, and all versions. Whoever writes on an older version than the newest sees that one
    beside what he typed and may save again."""
    row, versions = queries.template_of(template_id, request.actor)
    definition = service(row.service)
    _need(request, definition, row.kind)
    first = initial_of(row.title, row.short_code, versions[0], queries.part_of(versions[0]))
    form = FORMS[row.kind](request.POST or None, definition=definition, initial=first)
    if done := forms.sent(request, form, lambda: _written(request, form, row.service, row)):
        return done
    row, versions = queries.template_of(template_id, request.actor)  # somebody may have written a version meanwhile
    steps, base = TEMPLATE.actions_for(row, request.actor), request.POST.get("base", "")
    context = {
        "form": form, "definition": definition, "row": row, "kind": row.kind, "writes": may_write(row, request.actor), "tones": TONES,
        "versions": [(v, requests.shown(v.sections, queries.part_of(v), definition)) for v in versions],
        "overtaken": versions[0] if base.isdecimal() and int(base) < row.versions_count else None,
        "state_label": _origin(row.kind, row.state, row.department.name if row.department else ""), "actions": steps,
        "used": queries.uses(row.service, row.kind).get(str(row.pk), 0), "preview": with_units, "back": _back(row.kind, definition),
        "history": [{"at": c.at, "title": _origin(row.kind, c.to_state), "text": c.reason, "by": c.actor_name} for c in reversed(history(row.pk))],
        **_items(form, definition),
    }  # fmt: skip
    return forms.page(request, "orders/template.html", context, form=form)


@guarded("signed_in")
def compare(request: HttpRequest, template_id: UUID) -> HttpResponse:
    """Two versions of one template side by side, what differs marked; the newest two when none are named."""
    row, versions = queries.template_of(template_id, request.actor)
    definition = service(row.service)
    _need(request, definition, row.kind)
    by_number = {v.number: v for v in versions}
    newest = row.versions_count
    new_one = _number(request.GET.get("new"), by_number, newest)
    old_one = _number(request.GET.get("old"), by_number, max(new_one - 1, 1))
    words = [
        requests.shown(by_number[n].sections, queries.part_of(by_number[n]), definition) for n in (old_one, new_one)
    ]
    titles = [[(_("标题"), by_number[n].title or row.title)] for n in (old_one, new_one)]
    context = {
        "row": row, "definition": definition, "kind": row.kind, "back": _back(row.kind, definition), "versions": versions,
        "old": by_number[old_one], "new": by_number[new_one], "lines": requests.beside(titles[0] + words[0], titles[1] + words[1]),
    }  # fmt: skip
    return render(request, "orders/template_compare.html", context)


@guarded("signed_in")
@require_POST
def act(request: HttpRequest, template_id: UUID) -> HttpResponse:
    """One step: propose, share, give, decline, retire, restore."""
    row, _versions = queries.template_of(template_id, request.actor)
    action = request.POST.get("action", "")
    if not any(step.action == action for step in TEMPLATE.steps):
        raise InvalidInput(_("没有这项操作。"))

    def moved() -> str:
        moved = commands.move_template(
            template_id=row.pk, action=action, reason=request.POST.get("reason", ""), actor=request.actor
        )
        return _("模板现在为“%(state)s”。") % {"state": _origin(moved.kind, moved.state)}

    return forms.clicked(request, moved, reverse("orders:template", args=[row.pk]))


@guarded("signed_in")
def export(request: HttpRequest) -> HttpResponse:
    """What the actor may use of one origin, as a file of the packs' kind."""
    _mine, definition = _services(request, "report")
    origin = request.GET.get("origin", "")
    rows = [row for row in queries.templates_for(definition.code, request.actor) if origin in ("", row.origin)]
    text = in_file(rows, definition.code, _("%(name)s报告模板") % {"name": definition.label})
    head = {"Content-Disposition": f'attachment; filename="templates-{definition.code}.toml"'}
    return HttpResponse(text, content_type="application/toml; charset=utf-8", headers=head)


def _kind(request: HttpRequest) -> str:
    return "request" if request.GET.get("kind") == "request" else "report"


def _services(request: HttpRequest, kind: str) -> tuple[dict[str, ServiceDefinition], ServiceDefinition]:
    """The services whose reports the actor writes with free text, or which he may ask for, and the one that is looked at."""
    mine = {code: one for code, one in services().items() if _may(request, one, kind)}
    if not mine:
        raise Forbidden(
            _("申请模板供可开检查申请的医师使用。") if kind == "request" else _("报告模板供诊断中心的医师使用。")
        )
    code = request.GET.get("service") or next(iter(mine))
    if code not in mine:
        raise Forbidden(_refused(kind))
    return mine, mine[code]


def _may(request: HttpRequest, definition: ServiceDefinition, kind: str) -> bool:
    if kind == "request":
        return request.actor.has(definition.rights.request)
    return request.actor.has(definition.rights.report) and any(not s.columns for s in definition.sections)


def _need(request: HttpRequest, definition: ServiceDefinition, kind: str) -> None:
    if not _may(request, definition, kind):
        raise Forbidden(_refused(kind))


def _refused(kind: str) -> str:
    return _("您的岗位不开这项申请。") if kind == "request" else _("您的岗位不书写这项报告。")


def _origin(kind: str, code: str, department: str = "") -> str:
    """Where a template comes from, in words."""
    if code == "pack":
        return _("医共体通用") if kind == "request" else _("定义包")
    return pool(kind, department) if code == "centre" else TEMPLATE.label(code)


def _back(kind: str, definition: ServiceDefinition) -> tuple[str, str]:
    if kind == "request":
        return _("检查申请"), reverse("orders:list")
    return definition.word("center", definition.label), reverse("orders:worklist", args=[definition.code])


def _items(form: django_forms.Form, definition: ServiceDefinition) -> dict[str, Any]:
    """The chosen items of a request template, for the picker."""
    return {"chosen": chosen(definition, str(form["items"].value() or "")) if "items" in form.fields else []}


def _number(text: str | None, known: dict[int, Any], otherwise: int) -> int:
    number = int(text) if text and text.isdecimal() and len(text) < 6 else otherwise
    return number if number in known else otherwise


def _from(request: HttpRequest, definition: ServiceDefinition, kind: str) -> dict[str, Any] | None:
    if kind == "request" and (order := request.GET.get("order")):
        return _from_order(request, order, definition)
    key = request.GET.get("from", "")
    offered = queries.templates_for(definition.code, request.actor, kind=kind) if key else []
    found = next((t for t in offered if t.key == key), None)
    return initial_of(found.title, "", found, found.request) if found else None


def _from_order(request: HttpRequest, key: str, definition: ServiceDefinition) -> dict[str, Any] | None:
    """What somebody asked for, to be asked for again about others."""
    try:
        order = orders.order(UUID(key), actor=request.actor)
    except ValueError:
        return None
    if order.service != definition.code:
        return None
    return {
        "items": ",".join(item.code for item in order.items), "priority": order.priority, "s_purpose": order.clinical.purpose,
        "s_symptoms": order.clinical.symptoms, "title": order.item_names[:60],
    }  # fmt: skip


def _written(
    request: HttpRequest, form: TemplateForm | RequestTemplateForm, service_code: str, row: TextTemplate | None = None
) -> str:
    base = request.POST.get("base", "")
    made = commands.write_template(
        service_code=service_code, given=form.text(), actor=request.actor, template_id=row.pk if row else None,
        base=int(base) if base.isdecimal() and len(base) < 6 else 0, shared=bool(form.cleaned_data.get("shared")),
    )  # fmt: skip
    messages.success(request, _("已保存为第 %(n)s 版。") % {"n": made.versions_count})
    return reverse("orders:template", args=[made.pk])


def _imported(request: HttpRequest, definition: ServiceDefinition) -> str:
    given = request.FILES.get("file")
    if given is None or (given.size or 0) > MOST_BYTES:
        raise InvalidInput(errors={"file": _("请选择不超过 1 MB 的模板文件。")})
    new, again = commands.import_templates(service_code=definition.code, content=given.read(), actor=request.actor)
    messages.success(request, _("已导入：新模板 %(a)s 个，新版本 %(b)s 个。") % {"a": new, "b": again})
    return f"{reverse('orders:templates')}?service={definition.code}&origin=own"
