"""What the pages of this room share: pickers, reading what was posted, a page that asks for a reason."""

from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from yigong.clinic import policies
from yigong.clinic.queries.places import level_of
from yigong.clinic.rules import definitions
from yigong.core.errors import DomainError, InvalidInput
from yigong.core.rights import guarded
from yigong.network import api as network

TONES = {
    "waiting": "info", "called": "warn", "seeing": "warn", "finished": "good", "cancelled": "muted", "on_ward": "info", "leaving": "warn",
    "discharged": "good", "open": "info", "presented": "warn", "settled": "good", "draft": "info", "completed": "warn", "coded": "good",
}  # fmt: skip


@guarded(policies.CHARGE)
def items(request: HttpRequest) -> HttpResponse:
    """The picker of the price list, with unit, price and fee type."""
    level = level_of(request.actor.institution_id) if request.actor.institution_id else "2"
    found = definitions.find_items(request.GET.get("q", "")[:40], level)
    shown = [(i.code, i.name, f"{i.category_label} · {i.unit_price.normalize():f} 元/{i.unit}") for i in found]
    return render(request, "ui/options.html", {"items": shown, "total": len(shown)})


def number_of(text: str, field: str) -> Decimal:
    """A quantity as typed; InvalidInput names the field."""
    try:
        value = Decimal(text.strip() or "1")
    except InvalidOperation:
        value = Decimal("NaN")
    if not value.is_finite():
        raise InvalidInput(errors={field: _("数量请填写数字。")})
    return value


def day_count(text: str) -> int | None:
    """Days of a course as typed."""
    if not text.strip():
        return None
    if not text.strip().isdigit():
        raise InvalidInput(errors={"days": _("天数请填写整数。")})
    return int(text.strip()[:6])


def departments_of(request: HttpRequest) -> list[tuple[str, str]]:
    """The clinical departments of the actor's institution as options."""
    place = request.actor.institution_id
    return [(str(d.id), d.name) for d in network.departments(place) if d.specialty] if place else []


def reasoned(
    request: HttpRequest, title: str, act: Callable[[str], Any], back: str, lead: str = "", label: str = ""
) -> HttpResponse:
    """A step that asks for its reason: the page, and what is posted from it."""
    errors: Mapping[str, str] = {}
    if request.method == "POST":
        try:
            act(request.POST.get("reason", ""))
            messages.success(request, _("%(what)s：已办理。") % {"what": title})
            return redirect(back)
        except InvalidInput as refusal:
            errors = refusal.errors or {"reason": str(refusal)}
        except DomainError as refusal:
            errors = {"reason": str(refusal)}
    values = {
        "title": title,
        "lead": lead,
        "label": label or title,
        "back": back,
        "errors": errors,
        "reason": request.POST.get("reason", ""),
    }
    return render(request, "clinic/reason.html", values, status=422 if errors else 200)


def refused(request: HttpRequest, refusal: DomainError) -> None:
    """A refusal of a one-click step becomes a notice on the page it came from."""
    messages.error(
        request,
        str(refusal) if not isinstance(refusal, InvalidInput) else "".join(refusal.errors.values()) or str(refusal),
    )
