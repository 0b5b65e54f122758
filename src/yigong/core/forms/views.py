"""Which conditional questions apply to what is typed so far."""

from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_POST

from yigong.core.forms import api
from yigong.core.rights import guarded


@guarded("signed_in")
@require_POST
def shown(request: HttpRequest, code: str, version: str) -> JsonResponse:
    """The codes of the items to show; nothing is stored."""
    form = api.form_version(code, version)
    return JsonResponse({"items": api.shown_items(form, request.POST)})
