"""Issuing a card and replacing one."""

from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from yigong.access import api as access
from yigong.access.data import Subject
from yigong.core import clock
from yigong.core.actor import Actor
from yigong.core.audit.api import acting
from yigong.core.commands import one_at_a_time, racing
from yigong.core.constraints import refusing
from yigong.core.errors import Forbidden, InvalidInput
from yigong.core.events.api import record
from yigong.core.numbers.api import dated_number
from yigong.core.states.api import start, transition
from yigong.residents import api as residents
from yigong.residents.cards import policies, queries
from yigong.residents.cards.data import CardData, NewCard
from yigong.residents.cards.errors import HasOne, NumberHeld
from yigong.residents.cards.events import CardIssued, CardReplaced
from yigong.residents.cards.models import Card
from yigong.residents.cards.rules.parameters import parameters
from yigong.residents.cards.rules.states import ACTIVE, CARD, IN_FORCE, LOST

HEALTH_CARD = "99H"


@racing("cards.issue")
@transaction.atomic
def issue_card(*, resident_id: UUID, given: NewCard, actor: Actor) -> CardData:
    """Issue a card, or bind one that another office has issued. InvalidInput by field, HasOne, NumberHeld."""
    person = _may_keep(resident_id, actor)
    checked = _checked(given, person)
    one_at_a_time("card.holder", person)
    _refuse_second(person, checked.kind)
    return _write(person, checked, actor, None, "")


@racing("cards.replace")
@transaction.atomic
def replace_card(
    *, card_id: UUID, given: NewCard, reason: str, actor: Actor, expected_version: int | None = None
) -> CardData:
    """A new card for one that is lost or broken: the old one is dead from this moment, its number too. ``given.kind`` is ignored."""
    old = queries.card(card_id)
    person = _may_keep(old.resident_id, actor)
    checked = _checked(
        NewCard(old.kind, given.number, given.medium, given.issuer, given.issued_on, given.valid_until), person
    )
    one_at_a_time("card.holder", person)
    row = Card(id=card_id)
    with acting(actor, reason=reason.strip()):
        dead = transition(CARD, row, "replace", actor=actor, reason=reason, expected_version=expected_version)
        residents.release_document(identifier_id=dead.identifier_id, actor=actor)
        new = _write(person, checked, actor, dead, reason)
    record(CardReplaced(card_id, new.id, person))
    return new


def _may_keep(resident_id: UUID, actor: Actor) -> UUID:
    if not actor.has(policies.KEEP):
        raise Forbidden(_("您没有办理居民卡的权限，请联系本机构管理员。"))
    person = residents.identity(resident_id)
    access.require(actor, "write", Subject("resident", person.id))
    if person.status != "active":
        raise residents.Closed(status=person.status_label, reason=person.closed_reason)
    return person.id


def _checked(given: NewCard, person: UUID) -> NewCard:
    today = clock.today()
    errors = {}
    if given.kind not in parameters().kinds:
        errors["kind"] = _("请从列表中选择卡的种类。")
    if given.medium not in Card.Medium.values:
        errors["medium"] = _("请选择实体卡还是电子卡。")
    issued = given.issued_on or today
    if issued > today:
        errors["issued_on"] = _("发卡日期不能晚于今天。")
    if given.valid_until and given.valid_until < today:
        errors["valid_until"] = _("这张卡已过有效期，请核对卡面日期。")
    number = given.number.strip()
    if not number and (given.medium, given.kind) == (Card.Medium.ELECTRONIC, HEALTH_CARD):
        number = dated_number("health_card", "JK", digits=6)
    elif not number:
        errors["number"] = _("请填写卡面上的卡号，或用读卡器读入。")
    if len(given.issuer) > 80:
        errors["issuer"] = _("发卡单位最多 80 个字。")
    if errors:
        raise InvalidInput(errors=errors)
    _refuse_held(number, given.kind, person)
    return NewCard(given.kind, number, given.medium, given.issuer.strip(), issued, given.valid_until)


def _refuse_held(number: str, kind: str, person: UUID) -> None:
    """A number says one thing: not a citizen number, not another kind's number, not another person's."""
    for use in residents.document_uses(number):
        if not use.is_active or not use.is_unique:
            continue
        mine = residents.resolve([use.resident_id]).get(use.resident_id) == person
        holder = _("本人") if mine else residents.resident_names([use.resident_id])[use.resident_id].name
        if use.kind != kind:
            raise NumberHeld(
                _("这个号码是%(who)s的%(label)s号码，不是%(kind)s的卡号，请对照卡面重新填写。")
                % {"who": holder, "label": use.kind_label, "kind": residents.document_kinds()[kind]}
            )
        if not mine:
            raise NumberHeld(
                _("这个%(kind)s号码已登记在“%(who)s”名下，请核对卡号；确是同一人的，请先由主索引管理员合并档案。")
                % {"kind": use.kind_label, "who": holder}
            )
    _refuse_citizen_number(number)


def _refuse_citizen_number(number: str) -> None:
    try:
        residents.check_citizen_number(number)
    except residents.BadNumber:
        return
    raise InvalidInput(errors={"number": _("这是身份证号码，不是卡号；卡号印在卡的正面或背面，请重新填写。")})


def _refuse_second(person: UUID, kind: str) -> None:
    held = next((c for c in queries.cards_of(person) if c.kind == kind and c.state in IN_FORCE), None)
    if held:
        state = _("已挂失") if held.state == LOST else _("有效")
        raise HasOne(state=state, kind=held.kind_label, number=held.masked)


def _write(person: UUID, given: NewCard, actor: Actor, replaces: Card | None, reason: str) -> CardData:
    identifier = residents.bind_document(
        resident_id=person, kind=given.kind, value=given.number, issuer=given.issuer, actor=actor
    )
    card = Card(
        resident_id=person,
        identifier_id=identifier,
        kind=given.kind,
        medium=given.medium,
        issuer=given.issuer,
        issued_on=given.issued_on or clock.today(),
        valid_until=given.valid_until,
        replaces=replaces,
    )
    second = HasOne(state=_("有效"), kind=residents.document_kinds()[given.kind], number="…")
    with refusing(one_card_of_a_kind_in_force=second), acting(actor, reason=reason.strip()):
        start(CARD, card, ACTIVE, actor=actor, reason=reason)
    record(CardIssued(card.id, person, given.kind))
    return queries.card(card.id)
