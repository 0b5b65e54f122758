"""Document numbers that come after registration: cards are issued, lost and replaced, and their number comes and goes with them."""

from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from yigong.core import clock
from yigong.core.actor import Actor
from yigong.core.constraints import refusing
from yigong.core.errors import Conflict, InvalidInput
from yigong.residents.commands.writing import add_identifier, keep_source, locked
from yigong.residents.errors import Closed
from yigong.residents.models import Identifier, Resident, SourceRecord
from yigong.residents.rules import numbers

CARD = "yigong.card"


@transaction.atomic
def bind_document(*, resident_id: UUID, kind: str, value: str, issuer: str, actor: Actor) -> UUID:
    """Give a person one more document number, with a source record of its own; returns the identifier's key.

    For rooms that issue documents: the right is the caller's. Raises InvalidInput for a number that cannot be, Conflict where a living
    person holds it already (see ``document_uses`` to say who before).
    """
    resident = locked(resident_id)
    if resident.status != Resident.Status.ACTIVE:
        raise Closed(status=_(resident.get_status_display()), reason=resident.closed_reason)
    try:
        number = numbers.check_number(kind, value, clock.today())
    except numbers.BadNumber as bad:
        raise InvalidInput(errors={"number": str(bad)}) from bad
    source = SourceRecord(institution_id=actor.institution_id, system=CARD, given={}, resident=resident)
    source.local_number = str(source.id)
    source.since = clock.now()
    keep_source(source, actor, [], "")
    taken = Conflict(_("这个号码已登记在另一位居民名下，请核对号码。"))
    with refusing(one_living_holder_per_number=taken):
        return add_identifier(resident, number, issuer, source).id


@transaction.atomic
def release_document(*, identifier_id: UUID, actor: Actor) -> None:
    """End a document number: it no longer leads to its person and may be given again. The right is the caller's."""
    held = Identifier.objects.select_for_update().filter(pk=identifier_id, is_active=True).first()
    if held:
        held.is_active, held.ended_at = False, clock.now()
        held.save(update_fields=["is_active", "ended_at"])
