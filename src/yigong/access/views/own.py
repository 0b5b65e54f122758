"""Pages about oneself: posts, password, codes, sessions, own reads."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from yigong.access import commands, otp, queries, signin
from yigong.access.forms import CodeForm, OwnPasswordForm, PasswordForm
from yigong.access.models import Account
from yigong.core.errors import DomainError, InvalidInput
from yigong.core.paging import page_of
from yigong.core.rights import guarded, role_label
from yigong.core.ui import forms
from yigong.core.ui.shell import PostChoice

_SECRET = "otp_secret"


@guarded("signed_in")
def posts(request: HttpRequest) -> HttpResponse:
    """Choose the post to act at, after signing in with several."""
    return render(request, "access/posts.html", {"posts": post_choices(request)})


def post_choices(request: HttpRequest) -> list[PostChoice]:
    """The posts of the signed-in person for the shell's switcher and the page above; the session carries them."""
    here = str(request.actor.post_id)
    held = request.session.get("posts", [])
    return [PostChoice(key, institution, role_label(role), key == here) for key, institution, role in held]


@guarded("signed_in")
@require_POST
def switch_post(request: HttpRequest) -> HttpResponse:
    """Act at another of one's posts."""
    try:
        post_id = UUID(request.POST.get("post", ""))
    except ValueError:
        raise InvalidInput(errors={"post": _("请选择岗位。")}) from None
    signin.switch_post(request, request.actor.account_id, post_id)
    return redirect("/")


@guarded("signed_in")
@never_cache
def password(request: HttpRequest) -> HttpResponse:
    """Change one's password; other browsers are signed out."""
    form = PasswordForm(request.POST or None)
    standing = request.session.standing  # type: ignore[attr-defined]
    if request.method == "POST" and form.is_valid():
        known = {"account_id": request.actor.account_id, "keep_session": request.session.session_key}
        try:
            commands.change_password(old=form.cleaned_data["old"], new=form.cleaned_data["new"], **known)
            messages.success(request, _("密码已修改，您在其他电脑上的登录已退出。"))
            return redirect("/")
        except DomainError as refusal:
            forms.refuse(form, refusal)
    page = {"form": form, "first": bool(standing and standing.must_change_password)}
    return forms.page(request, "access/password.html", page, form=form)


@guarded("signed_in")
@never_cache
def security(request: HttpRequest) -> HttpResponse:
    """One's sessions and one-time codes."""
    account = Account.objects.get(pk=request.actor.account_id)
    page = {
        "account": account,
        "sessions": queries.sessions_of(account.id),
        "here": request.session.session_key,
        "codes_left": account.recovery_codes.filter(used_at__isnull=True).count(),
        "off": OwnPasswordForm(),
    }
    return render(request, "access/security.html", page)


@guarded("signed_in")
@require_POST
def end_session(request: HttpRequest) -> HttpResponse:
    """Sign out another browser."""
    key = request.POST.get("session", "")
    commands.end_session(account_id=request.actor.account_id, session_digest=key)
    messages.success(request, _("那台电脑上的登录已退出。"))
    return redirect("access:security")


@guarded("signed_in")
@never_cache
def codes_on(request: HttpRequest) -> HttpResponse:
    """Show the QR code, take the first code, show the recovery codes once."""
    plain = request.session.setdefault(_SECRET, otp.fresh_secret())
    form = CodeForm(request.POST or None)
    account_id = request.actor.account_id
    if request.method == "POST" and form.is_valid():
        try:
            codes = otp.switch_on(account_id=account_id, plain=plain, code=form.cleaned_data["code"].strip())
            del request.session[_SECRET]
            return render(request, "access/recovery_codes.html", {"codes": codes})
        except DomainError as refusal:
            forms.refuse(form, refusal)
    account = Account.objects.get(pk=account_id)
    page = {"form": form, "plain": plain, "picture": otp.picture(plain, account.username)}
    return forms.page(request, "access/codes_on.html", page, form=form)


@guarded("signed_in")
def codes_off(request: HttpRequest) -> HttpResponse:
    """Stop asking for codes, with the password."""
    form = OwnPasswordForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        actor = request.actor
        try:
            otp.switch_off(account_id=actor.account_id, password=form.cleaned_data["password"], actor=actor)
            messages.success(request, _("已关闭动态验证码。"))
            return redirect("access:security")
        except DomainError as refusal:
            forms.refuse(form, refusal)
    return forms.page(request, "access/codes_off.html", {"form": form}, form=form)


@guarded("signed_in")
def my_reads(request: HttpRequest) -> HttpResponse:
    """What one has looked at oneself: the log is no secret from those in it."""
    rows = queries.reads_by(request.actor.staff_id)
    found = page_of(rows, page=queries.page_number(request.GET.get("page")), limit=50)
    page = {
        "page": found,
        "words": queries.words(),
        "places": queries.places_of(found.items),
        "people": queries.names_of(found.items),
    }
    return render(request, "access/my_reads.html", page)
