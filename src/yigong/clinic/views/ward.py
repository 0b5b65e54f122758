"""The ward: list, admission, one stay with its lines by day, transfer, discharge, beds."""

from itertools import groupby
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from yigong.access import api as access
from yigong.access.data import Subject
from yigong.clinic import api, policies
from yigong.clinic.data import Discharge, NewCharge, NewStay, StayData
from yigong.clinic.forms import AdmitForm, BedsForm, DischargeForm, TransferForm
from yigong.clinic.models import FrontPage, Visit
from yigong.clinic.queries import ward as queries
from yigong.clinic.queries.bills import bill as bill_of
from yigong.clinic.rules import definitions, lists
from yigong.clinic.rules.workflow import STAY
from yigong.clinic.views.common import TONES, departments_of, number_of, reasoned, refused
from yigong.core.asked import key_of
from yigong.core.clock import SHANGHAI
from yigong.core.errors import DomainError, InvalidInput
from yigong.core.paging import number_of as page_number
from yigong.core.rights import guarded
from yigong.core.states.api import history
from yigong.core.ui import forms
from yigong.core.ui.forms import MomentField
from yigong.network import api as network
from yigong.records import api as records
from yigong.residents import api as residents


@guarded(policies.READ)
def ward(request: HttpRequest) -> HttpResponse:
    """Who lies on the wards, or who went home."""
    actor: Any = request.actor
    state = "discharged" if request.GET.get("state") == "discharged" else "inside"
    chosen = {"department": request.GET.get("department", ""), "text": request.GET.get("text", "").strip()[:40]}
    found = queries.stays_of(
        actor.institution_id, state=state, department_id=key_of(chosen["department"]), text=chosen["text"],
        page=page_number(request.GET.get("page")),
    )  # fmt: skip
    tabs = [(_("在院"), "?", state == "inside", None), (_("已出院"), "?state=discharged", state == "discharged", None)]
    values = {
        "page": found,
        "chosen": chosen,
        "tabs": tabs,
        "state": state,
        "departments": departments_of(request),
        "tones": TONES,
    }
    return render(request, "clinic/ward.html", values)


@require_POST
@guarded(policies.CHARGE)
def charge_ward(request: HttpRequest) -> HttpResponse:
    """The daily lines of all who lie here; what is there already stays as it is."""
    actor: Any = request.actor
    try:
        people, lines = api.charge_ward(
            institution_id=actor.institution_id, department_id=key_of(request.POST.get("department")), actor=actor
        )
        text = _("已为 %(people)s 位患者记入 %(lines)s 项每日费用。") % {"people": people, "lines": lines}
        messages.success(request, text if lines else _("每日费用已全部记入，没有新增。"))
    except DomainError as refusal:
        refused(request, refusal)
    return redirect("clinic:ward")


@guarded(policies.ADMIT)
def admit(request: HttpRequest) -> HttpResponse:
    """Admit somebody."""
    actor: Any = request.actor
    form = AdmitForm(
        request.POST or None, departments=departments_of(request), beds=queries.free_beds(actor.institution_id), doctors=_doctors(actor),
        nursing=_nursing(),
        initial={"department_id": actor.department_id, "nursing_code": "HL-2", "doctor_id": actor.staff_id} | _origin(request),
    )  # fmt: skip
    if request.method == "POST" and form.is_valid():
        key = forms.idempotency_key(request)
        try:
            return forms.once(request, lambda: _admitted(request, form, key))
        except DomainError as refusal:
            forms.refuse(form, refusal)
    return forms.page(request, "clinic/admit.html", {"form": form}, form=form)


def _origin(request: HttpRequest) -> dict[str, Any]:
    """What is known of who comes from a visit here, or with a referral: the person, the diagnosis, the way in."""
    visit_id, resident_id = key_of(request.GET.get("visit", "")), key_of(request.GET.get("resident", ""))
    if visit_id is not None:
        access.require(request.actor, "read_detail", Subject("visit", visit_id))
        row = Visit.objects.get(pk=visit_id)
        main = row.diagnoses.order_by("place").first()
        return {
            "visit_id": row.id, "resident_id": row.resident_id, "resident_id__text": row.patient_name, "diagnosis_code": main.code if main else "",
            "diagnosis_code__text": main.name if main else "", "way_in": "1" if row.manner == "emergency" else "2",
        }  # fmt: skip
    if resident_id is not None:
        person = residents.access_resident(resident_id, actor=request.actor, purpose=_("办理入院"))
        code = request.GET.get("diagnosis", "")[:20]
        return {
            "referral_id": key_of(request.GET.get("referral", "")), "resident_id": person.id, "resident_id__text": person.name, "way_in": "3",
            "diagnosis_code": code, "diagnosis_code__text": records.diagnosis_name(code) if code else "",
        }  # fmt: skip
    return {}


def _admitted(request: HttpRequest, form: AdmitForm, key: UUID) -> str:
    given = form.cleaned_data
    code = given["diagnosis_code"]
    name = records.diagnosis_name(code) or request.POST.get("diagnosis_code__text", "").strip()
    stay = api.admit(
        given=NewStay(
            resident_id=given["resident_id"], department_id=UUID(given["department_id"]), diagnosis=name, diagnosis_code=code,
            way_in=given["way_in"], bed_id=key_of(given["bed_id"]), doctor_id=key_of(given["doctor_id"]),
            nursing_code=given["nursing_code"], admitted_at=given["admitted_at"],
            visit_id=given["visit_id"], referral_id=given["referral_id"],
        ),
        actor=request.actor, request_key=key,
    )  # fmt: skip
    messages.success(
        request, _("%(name)s 已办理入院，住院号 %(number)s。") % {"name": stay.patient_name, "number": stay.number}
    )
    return reverse("clinic:stay", args=[stay.id])


def _doctors(actor: Any) -> list[tuple[str, str]]:
    posts = [p for role in ("specialist", "gp") for p in network.posts_at(actor.institution_id, role)]
    return sorted({(str(p.staff_id), p.staff_name) for p in posts}, key=lambda pair: pair[1])


def _nursing() -> list[tuple[str, str]]:
    return [(code, definitions.item(code, "2").name) for code in definitions.parameters().ward.nursing_items]


@guarded(policies.READ, about="resident")
def stay(request: HttpRequest, stay_id: UUID) -> HttpResponse:
    """One stay: facts, lines by day, what may be done now."""
    return _page(request, api.access_stay(stay_id, actor=request.actor), {})


def _page(request: HttpRequest, found: StayData, errors: dict[str, str]) -> HttpResponse:
    bill = bill_of(found.bill_id) if found.bill_id else None
    lines = sorted(bill.lines, key=lambda line: line.performed_at, reverse=True) if bill else []
    by_day = [
        (day, list(group))
        for day, group in groupby(lines, key=lambda line: line.performed_at.astimezone(SHANGHAI).date())
    ]
    values = {
        "stay": found, "bill": bill, "by_day": by_day, "tones": TONES, "errors": errors, "department": network.department(found.department_id),
        "way_in": lists.WAY_IN.get(found.way_in, ""), "way_out": lists.WAY_OUT.get(found.way_out, ""), "nursing": _nursing(),
        "has_page": FrontPage.objects.filter(stay_id=found.id).exists(), "steps": history(found.id), "step_label": _step_label,
        "typed": {name: request.POST.get(name, "") for name in ("item", "item__text", "quantity", "performed_at", "line_note")},
    }  # fmt: skip
    return render(request, "clinic/stay.html", values, status=422 if errors else 200)


def _step_label(action: str) -> str:
    return next((_(step.label) for step in STAY.steps if step.action == action), _("入院"))


@require_POST
@guarded(policies.CHARGE, about="resident")
def stay_line(request: HttpRequest, stay_id: UUID) -> HttpResponse:
    """One more line of a day."""
    found = api.access_stay(stay_id, actor=request.actor)
    try:
        return forms.once(request, lambda: _line_added(request, found))
    except DomainError as refusal:
        errors = refusal.errors if isinstance(refusal, InvalidInput) and refusal.errors else {"": str(refusal)}
        return _page(request, found, errors)


def _line_added(request: HttpRequest, found: StayData) -> str:
    code = request.POST.get("item", "")
    if not code or found.bill_id is None:
        raise InvalidInput(errors={"item": _("请从列表中选择收费项目或药品。")})
    at = MomentField(required=False).clean(request.POST.get("performed_at") or None)
    line = NewCharge(
        code,
        number_of(request.POST.get("quantity", ""), "quantity"),
        performed_at=at,
        note=request.POST.get("line_note", ""),
    )
    api.charge(bill_id=found.bill_id, lines=[line], actor=request.actor)
    return reverse("clinic:stay", args=[found.id]) + "#lines"


@require_POST
@guarded(policies.CHARGE, about="resident")
def nursing(request: HttpRequest, stay_id: UUID) -> HttpResponse:
    """Another level of nursing from today on."""
    api.access_stay(stay_id, actor=request.actor)
    try:
        code, name = request.POST.get("nursing_code", ""), request.POST.get("nurse_name", "")
        api.set_nursing(stay_id=stay_id, nursing_code=code, nurse_name=name, actor=request.actor)
        messages.success(request, _("护理级别已更改，从今天起按新级别记账。"))
    except DomainError as refusal:
        refused(request, refusal)
    return redirect("clinic:stay", stay_id)


@guarded(policies.ADMIT, about="resident")
def transfer(request: HttpRequest, stay_id: UUID) -> HttpResponse:
    """Into another department or bed."""
    found = api.access_stay(stay_id, actor=request.actor)
    form = TransferForm(
        request.POST or None, departments=departments_of(request), beds=queries.free_beds(found.institution_id),
        initial={"department_id": found.department_id},
    )  # fmt: skip
    if done := forms.sent(request, form, lambda: _moved(request, found, form)):
        return done
    return forms.page(request, "clinic/step.html", {"form": form, "stay": found, "title": _("转科换床")}, form=form)


def _moved(request: HttpRequest, found: StayData, form: TransferForm) -> str:
    given = form.cleaned_data
    api.transfer_stay(
        stay_id=found.id, department_id=UUID(given["department_id"]), bed_id=key_of(given["bed_id"]), reason=given["reason"],
        actor=request.actor,
    )  # fmt: skip
    messages.success(request, _("已转科或换床。"))
    return reverse("clinic:stay", args=[found.id])


@require_POST
@guarded(policies.DISCHARGE, about="resident")
def order_discharge(request: HttpRequest, stay_id: UUID) -> HttpResponse:
    """The doctor's order."""
    api.access_stay(stay_id, actor=request.actor)
    try:
        api.order_discharge(stay_id=stay_id, actor=request.actor)
        messages.success(request, _("已开出院医嘱，病案首页已建立，可以开始填写。"))
    except DomainError as refusal:
        refused(request, refusal)
    return redirect("clinic:stay", stay_id)


@guarded(policies.DISCHARGE, about="resident")
def keep(request: HttpRequest, stay_id: UUID) -> HttpResponse:
    """The order is taken back."""
    found = api.access_stay(stay_id, actor=request.actor)

    def act(reason: str) -> None:
        api.keep_stay(stay_id=stay_id, reason=reason, actor=request.actor)

    return reasoned(request, _("撤销出院医嘱"), act, reverse("clinic:stay", args=[stay_id]), found.patient_name)


@guarded(policies.ADMIT, about="resident")
def cancel(request: HttpRequest, stay_id: UUID) -> HttpResponse:
    """An admission by mistake."""
    found = api.access_stay(stay_id, actor=request.actor)

    def act(reason: str) -> None:
        api.cancel_stay(stay_id=stay_id, reason=reason, actor=request.actor)

    return reasoned(request, _("取消入院"), act, reverse("clinic:ward"), found.patient_name)


@guarded(policies.DISCHARGE, about="resident")
def discharge(request: HttpRequest, stay_id: UUID) -> HttpResponse:
    """The patient leaves."""
    found = api.access_stay(stay_id, actor=request.actor)
    form = DischargeForm(request.POST or None)
    if done := forms.sent(request, form, lambda: _left(request, found, form)):
        return done
    return forms.page(request, "clinic/step.html", {"form": form, "stay": found, "title": _("办理出院")}, form=form)


def _left(request: HttpRequest, found: StayData, form: DischargeForm) -> str:
    api.discharge(stay_id=found.id, given=Discharge(**form.cleaned_data), actor=request.actor)
    messages.success(request, _("%(name)s 已办理出院，账单已送收费窗口。") % {"name": found.patient_name})
    return reverse("clinic:stay", args=[found.id])


@guarded(policies.ADMIT)
def beds(request: HttpRequest) -> HttpResponse:
    """Beds with who lies there; more beds."""
    actor: Any = request.actor
    kinds = [(i.code, f"{i.name} {i.unit_price.normalize():f}") for i in api.charge_items() if i.category == "bed"]
    form = BedsForm(request.POST or None, departments=departments_of(request), items=kinds)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            return forms.once(request, lambda: _bedded(request, given))
        except DomainError as refusal:
            forms.refuse(form, refusal)
    return forms.page(
        request, "clinic/beds.html", {"form": form, "beds": queries.beds_of(actor.institution_id)}, form=form
    )


def _bedded(request: HttpRequest, given: dict[str, Any]) -> str:
    new = api.add_beds(
        department_id=UUID(given["department_id"]),
        numbers=given["numbers"].split(),
        item_code=given["item_code"],
        actor=request.actor,
    )
    messages.success(request, _("新增 %(n)s 张床位。") % {"n": new})
    return reverse("clinic:beds")
