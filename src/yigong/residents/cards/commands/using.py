"""A card or a code is used: what it means at this moment, and that it was used."""

from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from yigong.core import clock
from yigong.core.actor import Actor
from yigong.core.errors import Forbidden
from yigong.network import api as network
from yigong.residents import api as residents
from yigong.residents.cards import policies, queries
from yigong.residents.cards.data import Scanned
from yigong.residents.cards.models import Card, CardUse
from yigong.residents.cards.rules import codes
from yigong.residents.cards.rules.parameters import parameters
from yigong.residents.cards.rules.states import ACTIVE, CANCELLED, LOST, REPLACED


@transaction.atomic
def scan(*, text: str, actor: Actor, preview: bool = False) -> Scanned | None:
    """What was scanned or typed: a code of ours or the number of a card that this room keeps; None when it is neither.

    A good one is written down as used, under a lock on the card: after a loss report no use comes through any more. No decision about the
    person is made here: whoever opens the file decides and logs. A ``preview`` (a list under the search box) writes nothing down.
    """
    if not actor.has(policies.SCAN):
        raise Forbidden(_("您没有扫码识别居民的权限，请联系本机构管理员。"))
    word = queries.squeezed(text)
    if codes.is_like_code(word):
        return _scan_code(word, actor, preview)
    card_id = queries.card_by_number(word)
    return _use(card_id, actor, None, preview) if card_id else None


def _scan_code(word: str, actor: Actor, preview: bool) -> Scanned:
    try:
        code = codes.read_code(word)
    except codes.Incomplete:
        return Scanned("incomplete", _("码没有扫完整，请重新扫一次。"))
    except codes.NotOurs:
        return Scanned("forged", _("这个码不是本平台签发的，或内容被改动过，不能使用。请让居民重新出示。"))
    limits, now = parameters(), clock.now()
    age = (now - code.made_at).total_seconds()
    if age > limits.code_seconds:
        told = _("这个码已过期（%(n)s 前生成，%(limit)s 秒内有效）。请让居民刷新后重新出示，不要使用截图。")
        return Scanned("expired", told % {"n": _ago(int(age)), "limit": limits.code_seconds})
    if age < -limits.ahead_seconds:
        return Scanned("forged", _("这个码的生成时间晚于现在，不能使用。请核对本机和出示设备的时间。"))
    return _use(code.card_id, actor, code.body, preview)


def _ago(seconds: int) -> str:
    if seconds < 120:
        return _("%(n)s 秒") % {"n": seconds}
    if seconds < 7200:
        return _("%(n)s 分钟") % {"n": seconds // 60}
    return _("%(n)s 小时") % {"n": seconds // 3600}


def _use(card_id: UUID, actor: Actor, code: bytes | None, preview: bool) -> Scanned:
    card = (
        Card.objects.select_for_update(of=("self",), no_key=True)
        .select_related("identifier")
        .filter(pk=card_id)
        .first()
    )
    if card is None:
        return Scanned("forged", _("这个码指向的卡不存在，不能使用。"))
    if card.state != ACTIVE:
        return _dead(card)
    if card.valid_until and card.valid_until < clock.today():
        told = _("这张%(kind)s已过有效期（%(day)s），请办理换发。")
        return Scanned("out_of_date", told % {"kind": _kind(card), "day": card.valid_until}, None, card.id)
    person = residents.identity(card.identifier.resident_id)
    if person.status != "active":
        on = person.closed_on.isoformat() if person.closed_on else ""
        told = _("持卡人的档案%(status)s（%(on)s），这张卡不能再使用；确有就诊需要的，请先核对身份并恢复档案。")
        return Scanned("closed", told % {"status": person.status_label, "on": on}, person.id, card.id)
    if code and (elsewhere := _used_elsewhere(card, code, actor, preview)):
        return Scanned("elsewhere", elsewhere, None, card.id)
    if code is None and not preview:
        _note(card, None, actor)
    merged = card.resident_id != person.id and residents.resolve([card.resident_id]) == {card.resident_id: person.id}
    told = _("持卡人原来的档案已并入这份档案，以下为现在的档案。") if merged else ""
    return Scanned("ok", told, person.id, card.id, merged)


def _dead(card: Card) -> Scanned:
    day = card.state_since.astimezone(clock.SHANGHAI).strftime("%Y-%m-%d %H:%M")
    told = {
        LOST: _("这张%(kind)s已于 %(day)s 挂失，不能使用。请核对持卡人身份；找回的，先办理解除挂失。"),
        REPLACED: _("这张%(kind)s已于 %(day)s 换发，旧卡作废，请出示新卡。"),
        CANCELLED: _("这张%(kind)s已于 %(day)s 注销，不能使用。"),
    }[card.state]
    return Scanned(card.state, told % {"kind": _kind(card), "day": day}, None, card.id)


def _kind(card: Card) -> str:
    return residents.document_kinds()[card.kind]


def _note(card: Card, code: bytes | None, actor: Actor) -> None:
    CardUse.objects.create(
        card=card,
        code=code,
        institution_id=actor.institution_id,
        staff_id=actor.staff_id,
        actor_name=actor.name,
        at=clock.now(),
    )


def _used_elsewhere(card: Card, code: bytes, actor: Actor, preview: bool) -> str:
    """One code is one use: sent again by the same desk it is the same use, at another institution it is a copied picture."""
    earlier = CardUse.objects.filter(code=code).first()
    if earlier is None and not preview:
        _note(card, code, actor)
    if earlier is None or earlier.institution_id == actor.institution_id:
        return ""
    place = network.institution(earlier.institution_id).name if earlier.institution_id else _("别处")
    told = _("这个码刚在%(place)s用过（%(at)s），可能是截图。请当面核对身份，让居民刷新后重新出示。")
    return told % {"place": place, "at": earlier.at.astimezone(clock.SHANGHAI).strftime("%H:%M:%S")}
