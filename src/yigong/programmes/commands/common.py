"""What every command does first: right, enrolment, definition."""

from datetime import date
from typing import TypeVar
from uuid import UUID

from django.db.models import Model
from django.utils.translation import gettext as _

from yigong.core.actor import Actor
from yigong.core.errors import Conflict, Forbidden, InvalidInput, NotFound
from yigong.programmes import policies
from yigong.programmes.models import Enrolment
from yigong.programmes.queries import working
from yigong.programmes.queries.working import Working

_Row = TypeVar("_Row", bound=Model)


def required(text: str, field: str, sentence: str) -> str:
    """A reason that was given, or the refusal that asks for it."""
    if not text.strip():
        raise InvalidInput(errors={field: sentence})
    return text.strip()[:200]


def locked(enrolment_id: UUID, actor: Actor, today: date, permission: str = policies.WORK) -> Working:
    """The enrolment with all that belongs to it, its row locked; for who manages it."""
    policies.require(actor, permission)
    found = working.load([enrolment_id], lock=True, today=today)
    if not found:
        raise NotFound()
    allowed(found[0].enrolment, actor)
    return found[0]


def managed(model: type[_Row], key: UUID, permission: str, sentence: str, actor: Actor) -> _Row:
    """A row of a managing institution, for who works there or above; ``sentence`` tells the others."""
    policies.require(actor, permission)
    row = model._default_manager.filter(pk=key).first()
    if row is None:
        raise NotFound()
    if not policies.manages(actor, row.institution_id):  # type: ignore[attr-defined]
        raise Forbidden(sentence)
    return row


def allowed(row: Enrolment, actor: Actor) -> None:
    """Refuse who neither works where the person is managed nor above."""
    if not policies.may_see(actor, institution_id=row.institution_id, staff_id=row.staff_id, restricted=row.restricted):
        raise Forbidden(_("这名管理对象由其他机构或人员负责；如需接管，请联系现管理机构转出。"))


def active(row: Enrolment) -> None:
    """Refuse an enrolment that has ended."""
    if row.state != "active":
        raise Conflict(_("管理已于 %(day)s 结案；如需继续，请先恢复管理。") % {"day": row.ended_on})
