"""What a page of a form shows for what is typed so far."""

from dataclasses import asdict

from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_POST

from yigong.core.forms import api
from yigong.core.forms.definition import FACTS
from yigong.core.rights import guarded


@guarded("signed_in")
@require_POST
def shown(request: HttpRequest, code: str, version: str) -> JsonResponse:
    """Which items to show and which must be answered, and what is reckoned; nothing is stored. The page says the facts about its person itself."""
    facts = {
        name: int(text) if kind == "int" else text
        for name, kind in FACTS.items()
        if (text := request.GET.get(name, "")) and (kind != "int" or text.isdecimal())
    }
    return JsonResponse(asdict(api.told(api.form_version(code, version), request.POST, facts)))
