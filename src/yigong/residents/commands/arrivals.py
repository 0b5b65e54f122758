"""A further record of a person who is known: a registration elsewhere, an import, a message."""

from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from yigong.access import api as access
from yigong.core.actor import Actor
from yigong.core.audit.api import acting
from yigong.core.commands import racing
from yigong.core.constraints import refusing
from yigong.core.errors import Conflict, InvalidInput
from yigong.residents import policies, queries
from yigong.residents.commands import moving
from yigong.residents.commands.checking import Checked, check
from yigong.residents.commands.registration import sought, taken
from yigong.residents.commands.writing import OWN_SYSTEM, add_identifier, locked, number_digests, write_source
from yigong.residents.data import NewResident, Registered
from yigong.residents.models import Identifier, Resident, SourceRecord
from yigong.residents.rules.text import name_key


@racing("residents.link_registration")
@transaction.atomic
def link_registration(
    *,
    resident_id: UUID,
    given: NewResident,
    actor: Actor,
    request_key: UUID | None = None,
    system: str = OWN_SYSTEM,
    local_number: str = "",
) -> Registered:
    """Keep a registration as one more record of a known person (the way on when a duplicate is refused); links are followed.

    New numbers come along; one that another person holds raises NumberTaken. Opens the institution's relationship. The same request
    key twice is one record.
    """
    policies.require(actor, policies.REGISTER)
    checked = check(given)
    if checked.errors:
        raise InvalidInput(errors=checked.errors)
    resident = locked(resident_id)
    if request_key and (done := SourceRecord.objects.filter(request_key=request_key).first()):
        return Registered(queries.resident_data(done.resident_id), done.id, repeated=True)
    _refuse_stranger(resident, checked, actor)
    with acting(actor, reason=_("关联新的登记")):
        moving.ground(resident, actor)
        known = Conflict(_("这条来源记录已经登记过，请勿重复提交。"))
        with refusing(source_record_once_per_system=known):
            source = write_source(resident, checked, actor, request_key, system, local_number)
        _bring_numbers(resident, checked, source, actor)
        moving.set_golden(resident)
        moving.save_people([resident])
    if actor.institution_id:
        access.open_relationship(
            resident_id=resident.id, institution_id=actor.institution_id, basis="registration", source=source.id
        )
    return Registered(queries.resident_data(resident.id), source.id)


def _refuse_stranger(resident: Resident, checked: Checked, actor: Actor) -> None:
    """A desk links to whom the given particulars resemble; anything further is the index keeper's."""
    if actor.has(policies.LINK):
        return
    near = queries.near_matches(sought(checked), actor=actor)
    if resident.id not in {m.resident.id for m in near if m.certainty != "possible"}:
        raise Conflict(_("填写的信息与所选档案不相近，不能关联到它；如确为同一人，请联系主索引管理员。"))


def _bring_numbers(resident: Resident, checked: Checked, source: SourceRecord, actor: Actor) -> None:
    for number, issuer in checked.documents:
        known = number_digests(number.kind, number.value)
        if resident.identifiers.filter(digest__in=known, is_active=True).exists():
            continue
        try:
            with transaction.atomic():
                add_identifier(resident, number, issuer, source)
        except IntegrityError as clash:
            held = Identifier.objects.get(digest__in=known, is_active=True)
            raise taken(held, actor, number.kind, name_key(checked.values["name"])) from clash
