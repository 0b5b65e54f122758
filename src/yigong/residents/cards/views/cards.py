"""Cards within the resident's file, and the code to show."""

from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from yigong.core.errors import NotFound
from yigong.core.rights import guarded
from yigong.core.ui import forms
from yigong.core.ui.shell import address
from yigong.residents import api as residents
from yigong.residents.cards import api, policies, queries
from yigong.residents.cards.data import CardData, NewCard
from yigong.residents.cards.forms import IssueForm, ReplaceForm, StepForm
from yigong.residents.proxies import api as proxies


@guarded("signed_in", about="resident")
def of(request: HttpRequest, resident_id: UUID) -> HttpResponse:
    """A person's cards with what happened to each."""
    person = residents.access_resident(resident_id, actor=request.actor)
    cards = queries.cards_of(person.id, with_history=True)
    kinds = [c.kind for c in cards if c.state in ("active", "lost")]
    values = {
        "cards": cards,
        "twice": len(kinds) != len(set(kinds)),
        "has_health_card": queries.HEALTH_CARD in kinds,
        "may_show": any(c.kind == queries.HEALTH_CARD and c.state == "active" for c in cards),
        "may_keep": request.actor.has(policies.KEEP) and person.status == "active",
    }
    frame = residents.file_context(person, actor=request.actor, active="cards", cards=False)
    return render(request, "cards/of.html", frame | values)


@guarded(policies.KEEP, about="resident")
def issue(request: HttpRequest, resident_id: UUID) -> HttpResponse:
    """Issue or bind a card."""
    person = residents.access_resident(resident_id, actor=request.actor, action="write")
    form = IssueForm(request.POST or None)
    if done := forms.sent(request, form, lambda: _issue(request, person.id, form.given())):
        return done
    values = {"form": form, "resident": person, "card": None, "title": _("登记卡"), "label": _("登记")}
    return forms.page(request, "cards/form.html", values, form=form)


@guarded(policies.KEEP, about="resident")
@require_POST
def issue_code(request: HttpRequest, resident_id: UUID) -> HttpResponse:
    """An electronic health card with a number of ours, in one click."""
    person = residents.access_resident(resident_id, actor=request.actor, action="write")
    given = NewCard(kind=queries.HEALTH_CARD, medium="electronic")
    try:
        return forms.once(request, lambda: _issue(request, person.id, given))
    except api.HasOne as refusal:
        messages.warning(request, str(refusal))
        return redirect("cards:of", person.id)


def _issue(request: HttpRequest, resident_id: UUID, given: NewCard) -> str:
    card = api.issue_card(resident_id=resident_id, given=given, actor=request.actor)
    messages.success(request, _("已登记%(kind)s %(number)s。") % {"kind": card.kind_label, "number": card.masked})
    return address("cards:of", card.resident_id)


@guarded(policies.KEEP, about="resident")
def replace(request: HttpRequest, card_id: UUID) -> HttpResponse:
    """A new card for a lost or broken one."""
    card, person = _card(request, card_id)
    form = ReplaceForm(
        request.POST or None, initial={"version": card.version, "medium": card.medium, "issuer": card.issuer}
    )
    if done := forms.sent(request, form, lambda: _replace(request, card, form)):
        return done
    title = _("补换%(kind)s") % {"kind": card.kind_label}
    values = {"form": form, "resident": person, "card": card, "title": title, "label": _("补换")}
    return forms.page(request, "cards/form.html", values, form=form)


def _replace(request: HttpRequest, card: CardData, form: ReplaceForm) -> str:
    typed = form.cleaned_data
    new = api.replace_card(
        card_id=card.id,
        given=form.given(card.kind),
        reason=typed["reason"],
        expected_version=typed["version"],
        actor=request.actor,
    )
    messages.success(request, _("已补换%(kind)s，旧卡从现在起作废。") % {"kind": new.kind_label})
    return address("cards:of", new.resident_id)


@guarded(policies.KEEP, about="resident")
def step(request: HttpRequest, card_id: UUID, action: str) -> HttpResponse:
    """Loss, lifting, cancelling, with a reason."""
    steps: dict[str, tuple[str, str, Callable[..., CardData]]] = {
        "loss": (_("挂失"), _("例如“本人来院挂失”“电话挂失，已核对身份”。"), api.report_loss),
        "lift": (_("解除挂失"), _("例如“卡已找回，本人持证办理”。"), api.lift_loss),
        "cancel": (_("注销"), _("例如“不再使用”“重复发卡”。"), api.cancel_card),
    }
    if action not in steps:
        raise NotFound()
    card, person = _card(request, card_id)
    label, example, run = steps[action]
    form = StepForm(request.POST or None, initial={"version": card.version})
    form.fields["reason"].help_text = example
    if done := forms.sent(request, form, lambda: _step(request, card, label, run, form)):
        return done
    title = _("%(step)s：%(kind)s") % {"step": label, "kind": card.kind_label}
    values = {"form": form, "resident": person, "card": card, "title": title, "label": label}
    return forms.page(request, "cards/form.html", values, form=form)


def _step(request: HttpRequest, card: CardData, label: str, run: Callable[..., CardData], form: StepForm) -> str:
    typed = form.cleaned_data
    done = run(card_id=card.id, reason=typed["reason"], expected_version=typed["version"], actor=request.actor)
    messages.success(
        request,
        _("已办理%(step)s：%(kind)s %(number)s。") % {"step": label, "kind": done.kind_label, "number": done.masked},
    )
    return address("cards:of", done.resident_id)


def _card(request: HttpRequest, card_id: UUID) -> tuple[CardData, residents.ResidentData]:
    card = queries.card(card_id)
    return card, residents.access_resident(card.resident_id, actor=request.actor, action="write")


@never_cache
@guarded(policies.KEEP, about="resident")
def code(request: HttpRequest, resident_id: UUID) -> HttpResponse:
    """The code on a large screen or a phone; draws itself anew before it is out of date. The bearer may show those acted for."""
    try:
        shown = api.code_of(resident_id, actor=request.actor)
    except (api.NoCode, residents.Closed) as refusal:
        messages.warning(request, str(refusal))
        return redirect("cards:of", resident_id)
    person = residents.identity(resident_id)
    values = {"code": shown, "resident": person, "wards": proxies.acting_for(person.id)}
    return render(request, "cards/_code.html" if request.htmx else "cards/code.html", values)  # type: ignore[attr-defined]
