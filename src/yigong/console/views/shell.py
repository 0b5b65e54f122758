"""Home and language."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from yigong.core.rights import guarded, role_label
from yigong.core.ui.home import cards_for


@guarded("signed_in")
def home(request: HttpRequest) -> HttpResponse:
    """What is to be done now, then the cards of the actor's rooms."""
    actor = request.actor
    page = {"role": role_label(actor.role), "cards": cards_for(actor)}
    return render(request, "console/home.html", page)


@require_POST
@guarded("public")
def language(request: HttpRequest) -> HttpResponse:
    """Keep the chosen language in a cookie for a year and go back."""
    target = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(target, allowed_hosts={request.get_host()}):
        target = "/"
    response = redirect(target)
    if request.POST.get("language") in dict(settings.LANGUAGES):
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME, request.POST["language"], max_age=365 * 86400, samesite="Lax"
        )
    return response
