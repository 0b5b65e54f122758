"""Keeping accounts, and the table of roles and permissions."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from yigong.access import commands, otp, queries
from yigong.access.forms import AccountForm, ReasonForm
from yigong.access.policies import ACCOUNTS, MATRIX
from yigong.core import rights
from yigong.core.errors import DomainError
from yigong.core.paging import page_of
from yigong.core.rights import guarded
from yigong.core.ui import forms
from yigong.network import api as network


@guarded(ACCOUNTS)
def listing(request: HttpRequest) -> HttpResponse:
    """All accounts with search."""
    text, state = request.GET.get("q", "").strip()[:60], request.GET.get("state", "")
    rows = queries.matching_accounts(text, state)
    found = page_of(rows, page=queries.page_number(request.GET.get("page")), limit=50)
    posts = queries.posts_by_staff([row.staff_id for row in found.items])
    page = {"page": found, "q": text, "state": state, "posts": posts, "roles": rights.ROLES}
    return render(request, "access/accounts.html", page)


@guarded(ACCOUNTS)
def staff_options(request: HttpRequest) -> HttpResponse:
    """Staff for the picker."""
    found = network.search_staff(request.GET.get("q", "")[:60])
    return render(request, "ui/options.html", {"items": [(row.id, row.name, row.code) for row in found], "total": None})


@guarded(ACCOUNTS)
@never_cache
def new(request: HttpRequest) -> HttpResponse:
    """A login for a staff member; its first password is shown once."""
    form = AccountForm(request.POST or None, initial=_picked(request))
    if request.method == "POST" and form.is_valid():
        try:
            account, secret = commands.open_account(**form.cleaned_data, actor=request.actor)
            return _secret(request, account.username, secret)
        except DomainError as refusal:
            forms.refuse(form, refusal)
    return forms.page(request, "access/new_account.html", {"form": form}, form=form)


@guarded(ACCOUNTS)
def detail(request: HttpRequest, account_id: UUID) -> HttpResponse:
    """One account: its owner's posts, sessions, waits."""
    account = queries.account(account_id)
    page = {
        "account": account,
        "staff": network.staff(account.staff_id) if account.staff_id else None,
        "posts": network.posts_of(account.staff_id) if account.staff_id else [],
        "roles": rights.ROLES,
        "sessions": queries.sessions_of(account_id),
        "waits": queries.waits_of(account.username),
        "changes": account.changes.order_by("-at")[:50],
    }
    return render(request, "access/account.html", page)


@guarded(ACCOUNTS)
@never_cache
def reset(request: HttpRequest, account_id: UUID) -> HttpResponse:
    """A one-time secret for someone who forgot the password or lost the phone."""
    account, form = queries.account(account_id), ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        actor = request.actor
        secret = commands.reset_password(account_id=account_id, actor=actor, **form.cleaned_data)
        if request.POST.get("lost_phone"):
            otp.clear(account_id=account_id)
        return _secret(request, account.username, secret)
    return forms.page(request, "access/reset.html", {"form": form, "account": account}, form=form)


@guarded(ACCOUNTS)
def lock(request: HttpRequest, account_id: UUID) -> HttpResponse:
    """Stop an account, or let it in again."""
    account, form = queries.account(account_id), ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        act = commands.lock_account if account.is_active else commands.unlock_account
        try:
            act(account_id=account_id, actor=request.actor, **form.cleaned_data)
            messages.success(request, _("账号已停用。") if account.is_active else _("账号已恢复。"))
            return redirect("access:account", account_id=account_id)
        except DomainError as refusal:
            forms.refuse(form, refusal)
    return forms.page(request, "access/lock.html", {"form": form, "account": account}, form=form)


@guarded(MATRIX)
def roles(request: HttpRequest) -> HttpResponse:
    """Which role carries which permission; read-only, for print."""
    groups: dict[str, list[rights.Permission]] = {}
    for permission in sorted(rights.permissions().values(), key=lambda item: item.code):
        groups.setdefault(permission.code.split(".")[0], []).append(permission)
    return render(request, "access/roles.html", {"roles": rights.ROLES, "groups": groups})


def _picked(request: HttpRequest) -> dict[str, str]:
    try:
        person = network.staff(UUID(request.GET.get("staff", "")))
    except (ValueError, DomainError):
        return {}
    return {"staff_id": str(person.id), "staff_id__text": person.name}


def _secret(request: HttpRequest, username: str, secret: str) -> HttpResponse:
    return render(
        request, "access/secret.html", {"username": username, "secret": secret, "back": reverse("access:accounts")}
    )
