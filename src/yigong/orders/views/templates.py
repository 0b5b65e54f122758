"""Report templates: the list of packs, centre and one's own, one template with its versions, and files."""

from typing import Any
from uuid import UUID

from django import forms as django_forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from yigong.access.api import guarded
from yigong.core.errors import Forbidden, InvalidInput
from yigong.core.paging import number_of
from yigong.core.states.api import history
from yigong.core.ui import forms
from yigong.orders.commands import templates as commands
from yigong.orders.data import ServiceDefinition, TemplateText
from yigong.orders.models import TextTemplate
from yigong.orders.queries import templates as queries
from yigong.orders.rules import service, services
from yigong.orders.rules.templates import TEMPLATE, in_file, may_write, with_units

TONES = {"own": "info", "proposed": "warn", "centre": "good", "pack": "neutral", "retired": "muted"}
MOST_BYTES = 1_000_000


class TemplateForm(django_forms.Form):
    """Title, short code, where it is offered, and a field for every part of the service's report."""

    title = django_forms.CharField(label=gettext_lazy("标题"), max_length=60)
    short_code = django_forms.CharField(
        label=gettext_lazy("短码"), max_length=20, required=False,
        help_text=gettext_lazy("小写字母、数字和连字符。书写报告时输入 / 和短码再按空格即填入。"),
    )  # fmt: skip
    groups = django_forms.MultipleChoiceField(
        label=gettext_lazy("适用类别"), required=False, widget=django_forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("不选表示都适用。"),
    )  # fmt: skip
    parts = django_forms.CharField(
        label=gettext_lazy("适用部位"), max_length=200, required=False, help_text=gettext_lazy("多个用顿号分开。")
    )
    positive = django_forms.BooleanField(label=gettext_lazy("阳性"), required=False)

    def __init__(self, *given: Any, definition: ServiceDefinition, head: bool = False, **more: Any) -> None:
        super().__init__(*given, **more)
        groups = sorted({item.group for item in definition.catalogue() if item.group})
        self.fields["groups"].choices = [(g, definition.word(f"group_{g}", g)) for g in groups]  # type: ignore[attr-defined]
        texts = [(s.code, s.label) for s in definition.sections if not s.columns and not s.is_number]
        for code, label in [*texts, ("impression", definition.words.get("impression", _("诊断意见")))]:
            self.fields[f"s_{code}"] = django_forms.CharField(
                label=label, required=False, max_length=20_000, widget=django_forms.Textarea(attrs={"rows": 3})
            )
        if head:
            self.fields["shared"] = django_forms.BooleanField(label=_("直接作为中心模板"), required=False)

    def text(self) -> TemplateText:
        """What was typed."""
        given = self.cleaned_data
        sections = {name.removeprefix("s_"): value for name, value in given.items() if name.startswith("s_") and value}
        parts = frozenset(p.strip() for p in given["parts"].replace("，", "、").split("、") if p.strip())
        return TemplateText(
            given["title"], given["short_code"], sections, frozenset(given["groups"]), parts, given["positive"]
        )


@guarded("signed_in")
def overview(request: HttpRequest) -> HttpResponse:
    """The list of one service; a file is taken in here."""
    mine, definition = _services(request)
    done, refused = forms.tried(request, lambda: _imported(request, definition))
    if done:
        return done
    given = request.GET
    page = queries.searched(
        definition.code,
        request.actor,
        text=given.get("q", ""),
        origin=given.get("origin", ""),
        page=number_of(given.get("page")),
    )
    context = {
        "definition": definition, "page": page, "text": given.get("q", ""), "origin": given.get("origin", ""), "tones": TONES,
        "services": [(one.label, f"?service={code}", code == definition.code) for code, one in mine.items()], "refused": refused,
        "origins": [(code, _origin(code)) for code in queries.ORIGINS], "label": _origin,
    }  # fmt: skip
    return render(request, "orders/templates.html", context, status=422 if refused else 200)


@guarded("signed_in")
def new(request: HttpRequest) -> HttpResponse:
    """Write a template; from another one with ``from``."""
    _mine, definition = _services(request)
    head = request.actor.has(definition.rights.review)
    form = TemplateForm(request.POST or None, definition=definition, head=head, initial=_from(request, definition))
    if done := forms.sent(request, form, lambda: _written(request, form, definition.code)):
        return done
    context = {"form": form, "definition": definition, "row": None}
    return forms.page(request, "orders/template.html", context, form=form)


@guarded("signed_in")
def one(request: HttpRequest, template_id: UUID) -> HttpResponse:
    """One template: its newest wording to be changed by who may, and all versions."""
    row, versions = queries.template_of(template_id, request.actor)
    definition = service(row.service)
    _need(request, definition)
    last, writes = versions[0], may_write(row, request.actor)
    first = {
        "title": row.title, "short_code": row.short_code, "groups": last.groups, "parts": "、".join(last.parts), "positive": last.positive,
        **{f"s_{code}": text for code, text in last.sections.items()},
    }  # fmt: skip
    form = TemplateForm(request.POST or None, definition=definition, initial=first)
    if done := forms.sent(request, form, lambda: _written(request, form, row.service, row)):
        return done
    labels = {s.code: s.label for s in definition.sections} | {
        "impression": definition.words.get("impression", _("诊断意见"))
    }
    context = {
        "form": form, "definition": definition, "row": row, "versions": versions, "writes": writes, "labels": labels, "tones": TONES,
        "state_label": TEMPLATE.label(row.state), "actions": TEMPLATE.actions_for(row, request.actor),
        "used": queries.uses(row.service).get(str(row.pk), 0), "preview": with_units,
        "history": [{"at": c.at, "title": TEMPLATE.label(c.to_state), "text": c.reason, "by": c.actor_name} for c in reversed(history(row.pk))],
    }  # fmt: skip
    return forms.page(request, "orders/template.html", context, form=form)


@guarded("signed_in")
@require_POST
def act(request: HttpRequest, template_id: UUID) -> HttpResponse:
    """One step: propose, share, decline, retire, restore."""
    row, _versions = queries.template_of(template_id, request.actor)
    action = request.POST.get("action", "")
    if not any(step.action == action for step in TEMPLATE.steps):
        raise InvalidInput(_("没有这项操作。"))

    def moved() -> str:
        moved = commands.move_template(
            template_id=row.pk, action=action, reason=request.POST.get("reason", ""), actor=request.actor
        )
        return _("模板现在为“%(state)s”。") % {"state": TEMPLATE.label(moved.state)}

    return forms.clicked(request, moved, reverse("orders:template", args=[row.pk]))


@guarded("signed_in")
def export(request: HttpRequest) -> HttpResponse:
    """What the actor may use of one origin, as a file of the packs' kind."""
    _mine, definition = _services(request)
    origin = request.GET.get("origin", "")
    rows = [row for row in queries.templates_for(definition.code, request.actor) if origin in ("", row.origin)]
    text = in_file(rows, definition.code, _("%(name)s报告模板") % {"name": definition.label})
    head = {"Content-Disposition": f'attachment; filename="templates-{definition.code}.toml"'}
    return HttpResponse(text, content_type="application/toml; charset=utf-8", headers=head)


def _services(request: HttpRequest) -> tuple[dict[str, ServiceDefinition], ServiceDefinition]:
    """The services whose reports the actor writes with free text, and the one asked for."""
    mine = {
        code: one
        for code, one in services().items()
        if request.actor.has(one.rights.report) and any(not s.columns for s in one.sections)
    }
    if not mine:
        raise Forbidden(_("报告模板供诊断中心的医师使用。"))
    code = request.GET.get("service") or next(iter(mine))
    if code not in mine:
        raise Forbidden(_("您的岗位不书写这项报告。"))
    return mine, mine[code]


def _need(request: HttpRequest, definition: ServiceDefinition) -> None:
    if not request.actor.has(definition.rights.report):
        raise Forbidden(_("您的岗位不书写这项报告。"))


def _origin(code: str) -> str:
    return _("定义包") if code == "pack" else TEMPLATE.label(code)


def _from(request: HttpRequest, definition: ServiceDefinition) -> dict[str, Any] | None:
    key = request.GET.get("from", "")
    found = next((t for t in queries.templates_for(definition.code, request.actor) if key and t.key == key), None)
    if found is None:
        return None
    return {
        "title": found.title, "groups": sorted(found.groups), "parts": "、".join(sorted(found.parts)), "positive": found.positive,
        **{f"s_{code}": text for code, text in found.sections.items()},
    }  # fmt: skip


def _written(request: HttpRequest, form: TemplateForm, service_code: str, row: TextTemplate | None = None) -> str:
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
