"""Registration: nobody twice, nothing lost."""

from collections.abc import Sequence
from uuid import UUID

from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext as _

from yigong.core.actor import Actor
from yigong.core.commands import racing
from yigong.core.errors import Conflict, InvalidInput
from yigong.core.events.api import record
from yigong.residents import policies, queries
from yigong.residents.commands.checking import Checked, check
from yigong.residents.commands.reviewing import note_confirmed
from yigong.residents.commands.writing import OWN_SYSTEM, number_digests, write_person
from yigong.residents.data import NewResident, Registered
from yigong.residents.errors import NumberTaken, SimilarPeople
from yigong.residents.events import ResidentRegistered
from yigong.residents.models import Household, Identifier, SourceRecord
from yigong.residents.rules import numbers, sealing
from yigong.residents.rules.text import name_key


@racing("residents.register")
@transaction.atomic
def register_resident(
    *,
    given: NewResident,
    actor: Actor,
    request_key: UUID | None = None,
    confirmed: Sequence[UUID] = (),
    system: str = OWN_SYSTEM,
    local_number: str = "",
) -> Registered:
    """Create a resident with the source record of this registration; opens the institution's relationship (basis registration).

    The same ``request_key`` again answers with the first result. Raises InvalidInput (by field), NumberTaken, or SimilarPeople unless
    every similar person is among ``confirmed``.
    """
    policies.require(actor, policies.REGISTER)
    checked = check(given)
    if checked.errors:
        raise InvalidInput(errors=checked.errors)
    _one_at_a_time(checked)
    if request_key and (done := SourceRecord.objects.filter(request_key=request_key).first()):
        return Registered(queries.resident_data(done.resident_id), done.id, repeated=True)
    _refuse_duplicates(checked, actor, confirmed)
    try:
        with transaction.atomic():
            source = write_person(checked, actor, request_key, system, local_number)
    except IntegrityError as clash:
        return _lost_the_race(clash, checked, actor, request_key)
    note_confirmed(source.resident_id, confirmed)
    record(ResidentRegistered(source.resident_id, source.id, actor.institution_id))
    return Registered(queries.resident_data(source.resident_id), source.id)


@transaction.atomic
def create_household(*, number: str, address: str, division_code: str, actor: Actor) -> UUID:
    """A household to which residents can be assigned; returns its key."""
    policies.require(actor, policies.REGISTER)
    return Household.objects.create(number=number[:30], address=address[:200], division_code=division_code[:12]).id


def _one_at_a_time(checked: Checked) -> None:
    """Two desks registering the same person at once wait for each other, so the second sees what the first wrote."""
    blocks = [f"number:{n.kind[:2]}:{n.value}" for n, _issuer in checked.documents]
    blocks.append(f"person:{name_key(checked.values['name'])}:{checked.values['birth_date']}")
    with connection.cursor() as cursor:
        for block in sorted(blocks):
            lock = int.from_bytes(sealing.short_digest("lock", block), "big", signed=True)
            cursor.execute("select pg_advisory_xact_lock(%s)", [lock])


def _refuse_duplicates(checked: Checked, actor: Actor, confirmed: Sequence[UUID]) -> None:
    matches = queries.near_matches(sought(checked), actor=actor)
    for match in matches:
        if match.certainty == "certain":
            label = _(numbers.KINDS[checked.documents[0][0].kind].label) if checked.documents else ""
            raise NumberTaken(match, label, match.same_name)
    unseen = [m for m in matches if m.certainty == "likely" and m.resident.id not in set(confirmed)]
    if unseen:
        raise SimilarPeople([m for m in matches if m.certainty == "likely"])


def sought(checked: Checked) -> queries.Sought:
    """The checked input as match on create takes it."""
    v = checked.values
    documents = tuple(n for n, _issuer in checked.documents)
    return queries.Sought(
        v["name"], v["birth_date"], v["sex"], documents, checked.phone, v["township"], v["village"], v["address"]
    )


def taken(held: Identifier, actor: Actor, kind: str, key: str) -> NumberTaken:
    holder = queries.holder_match(held.resident_id, actor)
    return NumberTaken(holder, _(numbers.KINDS[kind].label), name_key(holder.resident.name) == key)


def _lost_the_race(clash: IntegrityError, checked: Checked, actor: Actor, request_key: UUID | None) -> Registered:
    done = SourceRecord.objects.filter(request_key=request_key).first() if request_key else None
    if done:
        return Registered(queries.resident_data(done.resident_id), done.id, repeated=True)
    for number, _issuer in checked.documents:
        held = Identifier.objects.filter(digest__in=number_digests(number.kind, number.value), is_active=True).first()
        if held:
            raise taken(held, actor, number.kind, name_key(checked.values["name"])) from clash
    if "archive_number" in str(clash):
        raise InvalidInput(errors={"archive_number": _("这个健康档案编号已被使用，请核对。")}) from clash
    if "source_record_once_per_system" in str(clash):
        raise Conflict(_("这条来源记录已经登记过，请勿重复提交。")) from clash
    raise clash
