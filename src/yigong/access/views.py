"""Pages of sign-in."""

from uuid import UUID

from django.contrib import auth
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache

from yigong.access import commands, signin
from yigong.core.errors import DomainError, InvalidInput
from yigong.core.rights import ROLES, guarded
from yigong.network import api as network


@guarded("public")
@never_cache
def login(request: HttpRequest) -> HttpResponse:
    """Name and password."""
    page = {"username": request.POST.get("username", ""), "refusal": "", "next": _next(request)}
    if request.method != "POST":
        return render(request, "access/login.html", page)
    try:
        address = request.META.get("REMOTE_ADDR", "")
        account = signin.check_password(page["username"], request.POST.get("password", ""), address)
        signin.start_session(request, account)
    except DomainError as refusal:
        return render(request, "access/login.html", page | {"refusal": str(refusal)}, status=refusal.status)
    return redirect(page["next"])


@guarded("public")
def logout(request: HttpRequest) -> HttpResponse:
    """End the session."""
    if request.method == "POST":
        auth.logout(request)
    return redirect("access:login")


@guarded("signed_in")
def password(request: HttpRequest) -> HttpResponse:
    """Change one's password."""
    page: dict = {"errors": {}}
    if request.method == "POST":
        old, new = request.POST.get("old", ""), request.POST.get("new", "")
        try:
            if new != request.POST.get("again", ""):
                raise InvalidInput(errors={"again": "两次输入的新密码不一致。"})
            key = request.session.session_key
            commands.change_password(account_id=request.actor.account_id, old=old, new=new, keep_session=key)
            return redirect("/")
        except InvalidInput as refusal:
            return render(request, "access/password.html", {"errors": refusal.errors}, status=refusal.status)
    return render(request, "access/password.html", page)


@guarded("signed_in")
def post(request: HttpRequest) -> HttpResponse:
    """Choose which of one's posts to act at."""
    actor = request.actor
    if request.method == "POST":
        signin.switch_post(request, actor.account_id, UUID(request.POST["post"]))
        return redirect("/")
    return render(request, "access/post.html", {"posts": network.posts_of(actor.staff_id), "labels": ROLES})


def _next(request: HttpRequest) -> str:
    target = request.POST.get("next") or request.GET.get("next") or "/"
    return target if url_has_allowed_host_and_scheme(target, {request.get_host()}, request.is_secure()) else "/"
