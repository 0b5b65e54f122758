"""Pages of referrals."""

from django.http import HttpRequest, HttpResponse

from yigong.access.api import guarded


@guarded("public")
def _todo(request: HttpRequest, **_key: object) -> HttpResponse:
    return HttpResponse("")


inbox = new = new_parts = diagnoses = institutions = desk = slot_page = stop_slot = statistics = detail = edit = _todo
print_form = refer_down = act = _todo
