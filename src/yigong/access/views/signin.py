"""Name and password, then the code, then out again."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import auth
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from yigong.access import signin
from yigong.access.forms import CodeForm
from yigong.access.models import Account
from yigong.core import clock
from yigong.core.errors import DomainError
from yigong.core.rights import guarded
from yigong.core.ui import forms
from yigong.network import api as network

_WAITING = "waiting_account"
_PATIENCE = timedelta(minutes=5)


@guarded("public")
@never_cache
def login(request: HttpRequest) -> HttpResponse:
    """Name and password; with one-time codes switched on, the code comes next."""
    page: dict[str, Any] = {"username": request.POST.get("username", "")[:64], "refusal": "", "next": _next(request)}
    page["demo"] = not settings.PRODUCTION
    if request.method != "POST":
        return render(request, "access/login.html", page)
    try:
        address = request.META.get("REMOTE_ADDR", "")
        account = signin.check_password(page["username"], request.POST.get("password", "")[:1000], address)
        if account.otp_secret:
            request.session[_WAITING] = {"id": str(account.id), "at": clock.now().isoformat(), "next": page["next"]}
            return redirect("access:code")
        return _enter(request, account, page["next"])
    except DomainError as refusal:
        return render(request, "access/login.html", page | {"refusal": str(refusal)}, status=refusal.status)


@guarded("public")
@never_cache
def code(request: HttpRequest) -> HttpResponse:
    """The one-time code, within five minutes of the password."""
    waiting = request.session.get(_WAITING)
    if not waiting or clock.now() - datetime.fromisoformat(waiting["at"]) > _PATIENCE:
        return redirect("access:login")
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        account = Account.objects.get(pk=UUID(waiting["id"]))
        try:
            signin.check_code(account, form.cleaned_data["code"], request.META.get("REMOTE_ADDR", ""))
            del request.session[_WAITING]
            return _enter(request, account, waiting["next"])
        except DomainError as refusal:
            forms.refuse(form, refusal)
    return forms.page(request, "access/code.html", {"form": form}, form=form)


@guarded("public")
@require_POST
def logout(request: HttpRequest) -> HttpResponse:
    """End the session."""
    auth.logout(request)
    return redirect("access:login")


def _enter(request: HttpRequest, account: Account, target: str) -> HttpResponse:
    signin.start_session(request, account)
    several = account.staff_id is not None and len(network.posts_of(account.staff_id)) > 1
    return redirect(reverse("access:posts") if several and target == "/" else target)


def _next(request: HttpRequest) -> str:
    target = request.POST.get("next") or request.GET.get("next") or "/"
    return target if url_has_allowed_host_and_scheme(target, {request.get_host()}, request.is_secure()) else "/"
