"""Forms on pages: parsing, refusals beside the fields, one effect per click.

A view with a form reads::

    form = RequestForm(request.POST or None)
    if done := forms.sent(request, form, lambda: detail_url(request_referral(**form.cleaned_data, actor=request.actor))):
        return done
    return forms.page(request, "referrals/request.html", {"form": form}, form=form)
"""

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any, TypeVar
from uuid import UUID, uuid4

import msgspec
from django import forms as django_forms
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yigong.core.errors import DomainError, InvalidInput
from yigong.core.errors import sentence as in_words
from yigong.core.ui.models import FormReceipt

T = TypeVar("T")
KEY = "idempotency_key"
LONGEST_TEXT = 20_000


class Picker(django_forms.TextInput):
    """Picks one thing by typing its name, initials or number; the server at ``url`` answers with options."""

    def __init__(self, url_name: str, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs)
        self.url = reverse_lazy(url_name)


class PickerField(django_forms.UUIDField):
    """The key of something picked by name; see ``Picker``."""

    default_error_messages = {
        "required": gettext_lazy("请从列表中选择，输入姓名、首字母或编号即可查找。"),
        "invalid": gettext_lazy("请从列表中选择，不要只输入文字。"),
    }

    def __init__(self, url_name: str, **options: Any) -> None:
        super().__init__(widget=Picker(url_name), **options)


class CodePickerField(django_forms.CharField):
    """The code of something picked by name (diagnosis, drug, service)."""

    default_error_messages = {"required": gettext_lazy("请从列表中选择，输入名称、首字母或代码即可查找。")}

    def __init__(self, url_name: str, **options: Any) -> None:
        super().__init__(widget=Picker(url_name), max_length=options.pop("max_length", 64), **options)


class DateField(django_forms.DateField):
    """A day picked in the browser's calendar."""

    default_error_messages = {
        "required": gettext_lazy("请选择日期。"),
        "invalid": gettext_lazy("日期无法识别，请在日历中选择，如 2026-03-01。"),
    }

    def __init__(self, **options: Any) -> None:
        super().__init__(widget=django_forms.DateInput(attrs={"type": "date"}), **options)


class MomentField(django_forms.DateTimeField):
    """A day and a time of day, in China's time."""

    default_error_messages = {
        "required": gettext_lazy("请选择日期和时间。"),
        "invalid": gettext_lazy("时间无法识别，请在日历中选择，如 2026-03-01 09:30。"),
    }

    def __init__(self, **options: Any) -> None:
        super().__init__(widget=django_forms.DateTimeInput(attrs={"type": "datetime-local"}), **options)


def renew_key(request: HttpRequest) -> None:
    """The attempt under the form's key has ended without effect: the page that is shown again carries a fresh key for the next one."""
    given = request.POST.copy()
    given.pop(KEY, None)
    request.POST = given  # type: ignore[assignment]


def idempotency_key(request: HttpRequest) -> UUID:
    """The key that the form carried, the same for every repeat of one click; a fresh one where the form carried none."""
    try:
        return UUID(request.POST.get(KEY, ""))
    except ValueError:
        return uuid4()


def once(request: HttpRequest, act: Callable[[], str]) -> HttpResponse:
    """Run ``act`` at most once for the form's key and go to the address it returns; a repeat goes to the same address.

    The receipt is written in the transaction of the act: a refusal leaves none, a double click waits for the first.
    """
    account = getattr(request.actor, "account_id", None)
    with transaction.atomic():
        receipt, new = FormReceipt.objects.take(idempotency_key(request), account)
        if new:
            receipt.address = act()
            receipt.save(update_fields=["address"])
    return redirect(receipt.address)


def sent(request: HttpRequest, form: django_forms.BaseForm, act: Callable[[], str]) -> HttpResponse | None:
    """The way on from a form that was posted, in order, and carried out (``once``); None while there is something to fill in or to mend.

    What ``act`` refuses stands beside the fields, and the page is shown again with everything typed.
    """
    if request.method != "POST" or not form.is_valid():
        return None
    try:
        return once(request, act)
    except DomainError as refusal:
        refuse(form, refusal)
        return None


def filled(
    request: HttpRequest,
    form: django_forms.BaseForm,
    act: Callable[[], str],
    *,
    title: str,
    back: str,
    crumbs: list[tuple[str, str]],
    lead: str = "",
    label: str = "",
    danger: bool = False,
    files: bool = False,
    template: str = "ui/act.html",
    **more: Any,
) -> HttpResponse:
    """A page with one form and one effect: ``act`` returns where to go; a refusal stands beside the fields.

    A room with more to say on such pages extends ``ui/act.html`` and names its own template.
    """
    if done := sent(request, form, act):
        return done
    context = {
        "form": form, "title": title, "lead": lead, "label": label or title, "back": back, "crumbs": crumbs, "danger": danger,
        "files": files, **more,
    }  # fmt: skip
    return page(request, template, context, form=form)


def tried(request: HttpRequest, act: Callable[[], str]) -> tuple[HttpResponse | None, str]:
    """For a page with buttons and no form to carry a refusal: the way on after a POST that was carried out, else the sentence to show on the page."""
    if request.method != "POST":
        return None, ""
    try:
        return once(request, act), ""
    except DomainError as refusal:
        return None, in_words(refusal)


def clicked(request: HttpRequest, act: Callable[[], str], back: str) -> HttpResponse:
    """One click, one effect, and back: ``act`` returns the sentence to show (none where empty); a refusal is shown on the page it came from."""
    said: list[str] = []

    def acted() -> str:
        said.append(act())
        return back

    answer, refused = tried(request, acted)
    if answer is None:
        messages.error(request, refused)
        return redirect(back)
    for told in filter(None, said):
        messages.success(request, told)
    return answer


def refuse(form: django_forms.BaseForm, error: DomainError) -> django_forms.BaseForm:
    """Put a refusal beside the fields it is about; whatever names no field of the form goes on top."""
    field_errors = error.errors if isinstance(error, InvalidInput) else {}
    for name, sentence in field_errors.items():
        form.add_error(name if name in form.fields else None, str(sentence))
    if not field_errors:
        form.add_error(None, str(error))
    return form


def page(
    request: HttpRequest, template: str, context: dict[str, Any], *, form: django_forms.BaseForm | None = None
) -> HttpResponse:
    """Render a page with a form: 422 when the form holds refusals, so that scripts and interfaces can tell."""
    refused = form is not None and form.is_bound and bool(form.errors)
    return render(request, template, context, status=422 if refused else 200)


def parse(kind: type[T], data: Mapping[str, Any]) -> T:
    """A frozen dataclass from posted text, each field converted to its type; ``InvalidInput`` names every field at fault."""
    values, errors = {}, {}
    for field in dataclasses.fields(kind):  # type: ignore[arg-type]
        text = data.get(field.name)
        optional = field.default is not dataclasses.MISSING or field.default_factory is not dataclasses.MISSING
        if text in (None, ""):
            if not optional:
                errors[field.name] = _("请填写这一项。")
            continue
        if isinstance(text, str) and len(text) > LONGEST_TEXT:
            errors[field.name] = _("内容太长，最多 %(most)s 个字。") % {"most": LONGEST_TEXT}
            continue
        try:
            values[field.name] = msgspec.convert(text, field.type, strict=False)
        except msgspec.ValidationError:
            errors[field.name] = _remedy(str(field.type))
    if errors:
        raise InvalidInput(errors=errors)
    return kind(**values)


def _remedy(kind: str) -> str:
    if "datetime" in kind:
        return _("时间无法识别，请在日历中选择，如 2026-03-01 09:30。")
    if "date" in kind:
        return _("日期无法识别，请在日历中选择，如 2026-03-01。")
    if "int" in kind:
        return _("请填写整数。")
    if "float" in kind or "Decimal" in kind:
        return _("请填写数字。")
    if "UUID" in kind:
        return _("请从列表中选择，不要只输入文字。")
    return _("内容无法识别，请重新填写。")


def face_of(bound: django_forms.BoundField) -> dict[str, Any]:
    """What the page needs to draw a form field: its kind, value, options and sentences."""
    widget = bound.field.widget
    text = bound.form.data.get(f"{bound.html_name}__text", "") if bound.form.is_bound else ""
    return {
        "kind": _kind_of(widget),
        "name": bound.html_name,
        "label": bound.label,
        "value": _value_of(bound),
        "text": text or bound.form.initial.get(f"{bound.name}__text", ""),
        "help": bound.help_text,
        "errors": [str(e) for e in bound.errors],
        "required": bound.field.required,
        # A lazy translation is iterable; only a list of pairs is a group.
        "options": [(k, v if isinstance(v, list | tuple) else str(v)) for k, v in getattr(bound.field, "choices", [])],
        "attrs": widget.attrs,
        "url": str(getattr(widget, "url", "")),
        "longest": getattr(bound.field, "max_length", None),
    }


_KINDS: list[tuple[type, str]] = [
    (Picker, "picker"),
    (django_forms.HiddenInput, "hidden"),
    (django_forms.Textarea, "area"),
    (django_forms.CheckboxSelectMultiple, "checks"),
    (django_forms.RadioSelect, "radios"),
    (django_forms.CheckboxInput, "check"),
    (django_forms.Select, "select"),
    (django_forms.ClearableFileInput, "file"),
    (django_forms.FileInput, "file"),
]


def _kind_of(widget: django_forms.Widget) -> str:
    for kind, name in _KINDS:
        if isinstance(widget, kind):
            return name
    return str(widget.attrs.get("type") or getattr(widget, "input_type", "text"))


def _value_of(bound: django_forms.BoundField) -> Any:
    value = bound.value()
    if value is None:
        return ""
    if hasattr(value, "strftime"):
        return value.strftime("%Y-%m-%dT%H:%M") if hasattr(value, "hour") else value.strftime("%Y-%m-%d")
    return [str(v) for v in value] if isinstance(value, list | tuple) else value
