"""What a scan means for the page: where to go on, or the sentence that says why not."""

from uuid import UUID

from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from yigong.core.actor import Actor
from yigong.residents import api as residents
from yigong.residents.cards import policies
from yigong.residents.cards.commands import scan
from yigong.residents.cards.data import Scanned
from yigong.residents.proxies import api as proxies


def read(text: str, actor: Actor, preview: bool) -> residents.ScanAnswer | None:
    """The reader for the search box."""
    if not actor.has(policies.SCAN):
        return None
    found = scan(text=text, actor=actor, preview=preview)
    return answer(found, text, preview) if found else None


def answer(found: Scanned, text: str, preview: bool = False) -> residents.ScanAnswer:
    """A good scan goes on to the file, or to the choice where its bearer acts for others too."""
    if not found.is_good:
        url = residents.file_address(found.resident_id) if found.resident_id else ""
        return residents.ScanAnswer(found.sentence, url, _("打开档案") if url else "")
    assert found.resident_id is not None, "a good scan has its person"
    if preview:
        onward = reverse("residents:search") + "?" + urlencode({"q": text.strip()})
        return residents.ScanAnswer(found.sentence, onward, _("扫到居民卡（码），按回车打开"), is_good=True)
    return residents.ScanAnswer(found.sentence, _onward(found.resident_id), _("打开档案"), is_good=True, goes_on=True)


def _onward(resident_id: UUID) -> str:
    if proxies.acting_for(resident_id):
        return reverse("cards:choose", args=[resident_id])
    return residents.file_address(resident_id)
