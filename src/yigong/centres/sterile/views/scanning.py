"""One box for the hand scanner: each step a tab, what stands beside the box stays as it was."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from yigong.access.api import guarded
from yigong.centres.sterile import forms, queries
from yigong.centres.sterile.commands import moving, processing, supplying, undoing
from yigong.centres.sterile.data import Context, Scanned
from yigong.centres.sterile.policies import PROCESS, READ, RECEIVE
from yigong.centres.sterile.queries import work
from yigong.centres.sterile.rules import definitions
from yigong.centres.sterile.rules.workflow import JOURNEY, PACK
from yigong.centres.sterile.views.common import TONES, filled
from yigong.core.errors import DomainError, Forbidden, InvalidInput, NotFound

# The tabs of the centre in the order of the journey; “rework” takes what fails, “receive” is the client's.
TABS = ("collect", "sort", "clean", "disinfect", "inspect", "pack", "load", "issue", "rework")
# Which extra fields a step shows.
FIELDS = {
    "collect": ("second", "infection", "reason"), "clean": ("load_id", "method"), "disinfect": ("method",),
    "pack": ("second", "material", "reason"), "load": ("load_id",), "issue": ("delivery_id", "second"), "rework": ("reason",),
    "receive": ("second",),
}  # fmt: skip


@guarded(READ)
def scan(request: HttpRequest, step: str) -> HttpResponse:
    """The box. A script sends each code and gets one line back; without it the page comes back whole."""
    _may(request, step)
    form, line = forms.ScanForm(request.POST or None), None
    if request.method == "POST":
        line = _line(request, step, form)
        if request.headers.get("X-Scan"):
            return render(request, "sterile/_line.html", {"line": line}, status=422 if line.get("refused") else 200)
    context = {
        "step": step, "form": form, "line": line, "tabs": _tabs(request, step), "shown": FIELDS.get(step, ()), "tones": TONES,
        "label": _label(step), "recent": queries.recent(request.actor.institution_id, _actions(step)), "hint": _hint(step),
        **_choices(request, step),
    }  # fmt: skip
    return render(request, "sterile/scan.html", context)


@guarded(PROCESS)
def count(request: HttpRequest, pack_id: UUID) -> HttpResponse:
    """Count a returned pack against its contents, piece by piece."""
    pack = queries.visible(request.actor).filter(pk=pack_id).first()
    if pack is None:
        raise NotFound()
    known = definitions.instrument_set(pack.set_code, pack.set_version)
    form = forms.CountForm(known, request.POST or None)

    def act() -> str:
        given = form.cleaned_data
        context = Context(
            second=given["second"], infection=given["infection"], reason=given["reason"], counted=form.counted()
        )
        processing.collect(code=pack.number, actor=request.actor, context=context)
        return reverse("sterile:pack", args=[pack.pk])

    return filled(
        request, form, act, title=_("回收清点 %(pack)s") % {"pack": pack.number}, lead=pack.set_name,
        back=reverse("sterile:scan", args=["collect"]), crumbs=[(_("扫码作业"), reverse("sterile:scan", args=["collect"]))],
    )  # fmt: skip


@guarded(READ)
def undo(request: HttpRequest, pack_id: UUID) -> HttpResponse:
    """Take back the last scan of a pack, with the reason."""
    pack = queries.visible(request.actor).filter(pk=pack_id).first()
    if pack is None:
        raise NotFound()
    form = forms.ReasonForm(request.POST or None)

    def act() -> str:
        undoing.undo_last(code=pack.number, reason=form.cleaned_data["reason"], actor=request.actor)
        return reverse("sterile:pack", args=[pack.pk])

    return filled(
        request, form, act, title=_("撤销上一次扫描"), lead=f"{moving.round_of(pack).label} {pack.set_name}",
        back=reverse("sterile:pack", args=[pack.pk]), crumbs=[(pack.number, reverse("sterile:pack", args=[pack.pk]))],
    )  # fmt: skip


def _line(request: HttpRequest, step: str, form: forms.ScanForm) -> dict[str, Any]:
    """One scan as a line: what was done, or the sentence of the refusal."""
    if not form.is_valid():
        return {"refused": _("没有读到编码，请再扫一次。"), "code": request.POST.get("code", "")[:60]}
    code = form.cleaned_data["code"]
    if found := _machine_load(request, step, code):
        return {"selected": found.pk, "code": code, "sentence": _("已选择锅次 %(load)s") % {"load": found.number}}
    try:
        return {"done": _act(request, step, code, Context(**form.context())), "code": code}
    except DomainError as refusal:
        return {"refused": _sentence(refusal), "code": code}


def _act(request: HttpRequest, step: str, code: str, context: Context) -> Scanned:
    if step == "issue":
        return supplying.issue(code=code, actor=request.actor, context=context)
    if step == "receive":
        return supplying.receive(code=code, actor=request.actor, context=context)
    if step == "rework":
        return processing.reject(code=code, reason=context.reason, actor=request.actor)
    return processing.STEPS[step](code=code, actor=request.actor, context=context)


def _sentence(refusal: DomainError) -> str:
    parts = refusal.errors.values() if isinstance(refusal, InvalidInput) else ()
    return " ".join(map(str, parts)) or str(refusal)


def _machine_load(request: HttpRequest, step: str, code: str) -> Any:
    """The code on a machine chooses its open load."""
    kind = {"clean": "wash", "load": "sterilise"}.get(step)
    wanted = moving.clean_code(code)
    return next((one for one in work.open_loads(request.actor, kind) if one.machine.code == wanted or one.number == wanted), None) if kind else None  # fmt: skip


def _may(request: HttpRequest, step: str) -> None:
    if step not in {*TABS, "receive"}:
        raise NotFound()
    if not request.actor.has(RECEIVE if step == "receive" else PROCESS):
        raise Forbidden(_("您的岗位不做这一步。如工作需要，请联系本机构管理员。"))


def _tabs(request: HttpRequest, step: str) -> list[tuple[str, str, bool, int | None]]:
    if step == "receive":
        return []
    waiting = queries.counts(request.actor)
    # How many packs wait for a step: those in the state it starts from.
    before = {
        one.action: sum(waiting.get(s, 0) for s in one.sources) for one in PACK.steps if one.action in JOURNEY and one.action != "collect"
    }  # fmt: skip
    return [(_label(one), reverse("sterile:scan", args=[one]), one == step, before.get(one)) for one in TABS]


def _label(step: str) -> str:
    return _(next(one.label for one in PACK.steps if one.action == step))


def _actions(step: str) -> tuple[str, ...]:
    return ("collect", "take_back") if step == "collect" else (step,)


def _hint(step: str) -> str:
    return {
        "collect": _("清点齐全直接扫；有短少的包，在包的页面点“逐件清点回收”。"),
        "clean": _("先选锅次（或扫设备编号），再逐包扫；手工清洗选方式。"),
        "disinfect": _("清洗消毒器的锅次判定合格后自动登记，这里只登记手工消毒。"),
        "pack": _("包装人是您，核对人要另一位。完成后打印标签。"),
        "load": _("先选锅次（或扫设备编号），再逐包扫入。"),
        "issue": _("先选发放单，再逐包扫；过期、召回的包会拦下。"),
        "rework": _("清洗不净、损坏、湿包等，写明原因后扫，退回清洗。"),
        "receive": _("逐包扫标签签收；发错机构、过期、召回的包会拦下。"),
    }.get(step, _("扫一包记一步，人和时间自动记下。"))


def _choices(request: HttpRequest, step: str) -> dict[str, Any]:
    kind = {"clean": "wash", "load": "sterilise"}.get(step)
    found = work.open_loads(request.actor, kind) if kind else []
    return {
        "loads": [(one.pk, f"{one.number} {one.machine.name} · {one.programme_label}") for one in found],
        "chosen_load": request.POST.get("load_id") or request.GET.get("load") or (str(found[0].pk) if len(found) == 1 else ""),
        "deliveries": [
            (one.pk, f"{one.institution.short_name or one.institution.name} {one.number}")
            for one in (work.deliveries(request.actor, state="open")[:50] if step == "issue" else [])
        ],
        "chosen_delivery": request.POST.get("delivery_id") or request.GET.get("delivery", ""),
        "materials": [("", _("按器械包定义"))] + [(m.code, f"{m.label} · {m.days} {_('天')}") for m in definitions.parameters().material],
        "infections": [("", _("无"))] + [(one.code, one.label) for one in definitions.parameters().infection],
        "washing": [("", _("用清洗消毒器"))] + [(code, _(label)) for code, label in processing.MANUAL_WASHING.items()],
    }  # fmt: skip
