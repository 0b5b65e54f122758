"""What happens to people elsewhere and changes their contracts here."""

from uuid import UUID

from yigong.contracts.commands import counting, ending
from yigong.contracts.commands.groups import refresh_groups
from yigong.contracts.models import Contract
from yigong.contracts.rules.packs import rules
from yigong.contracts.rules.workflow import CONTRACT
from yigong.core import clock
from yigong.core.actor import system
from yigong.core.audit.api import acting
from yigong.core.errors import DomainError
from yigong.core.states.api import transition
from yigong.programmes.events import EnrolmentEnded, PersonEnrolled, VisitRecorded, VisitVoided
from yigong.records.events import EncounterClosed
from yigong.residents import api as residents
from yigong.residents.events import (
    LinkUndone,
    ResidentChanged,
    ResidentClosed,
    ResidentMerged,
    ResidentRegistered,
    ResidentReopened,
)

_RELAY = system("relay")


def _held(resident_id: UUID, *states: str) -> list[Contract]:
    keys = residents.identities(resident_id)
    rows = Contract.objects.select_for_update(of=("self",)).filter(resident_id__in=keys, state__in=states)
    return list(rows.order_by("starts_on", "id"))


def person_closed(event: ResidentClosed) -> None:
    """Death, moving away and cancelling end what holds and take back what waits."""
    known = next((e for e in rules().endings if e.follows == event.status), None)
    if known is None:
        return
    person = residents.identity(event.resident_id)
    day = min(person.closed_on or clock.today(), clock.today())
    with acting(_RELAY, reason=known.title):
        for row in _held(event.resident_id, "valid"):
            if row.ends_on > day:
                ending.finish(
                    row, known.code, person.closed_reason or known.title, actor=_RELAY, on=day, by_itself=True
                )
        for row in _held(event.resident_id, "offered"):
            transition(CONTRACT, row, "withdraw", actor=_RELAY, reason=known.title)
        refresh_groups(actor=_RELAY, resident_ids=residents.identities(event.resident_id))


def person_reopened(event: ResidentReopened) -> None:
    """A death or move recorded by mistake: the contract that it had ended goes on, unless another was signed meanwhile."""
    follows = {e.code for e in rules().endings if e.follows}
    with acting(_RELAY, reason="档案恢复"):
        for row in _held(event.resident_id, "ended"):
            if row.ending in follows and row.term_ends_on > clock.today():
                _resume(row, "居民档案已恢复")
        refresh_groups(actor=_RELAY, resident_ids=residents.identities(event.resident_id))


def people_merged(event: ResidentMerged) -> None:
    """Two files of one person: of two contracts on one day the older goes on, the other ends."""
    kept_until = None
    with acting(_RELAY, reason="档案合并"):
        for row in _held(event.resident_id, "valid"):
            if kept_until and row.starts_on < kept_until:
                ending.finish(
                    row, "other", "两份档案合并为一人，以先签的协议为准", actor=_RELAY, on=clock.today(), by_itself=True
                )
                Contract.objects.filter(pk=row.id).update(merged_by=event.operation_id)
                continue
            kept_until = max(kept_until or row.ends_on, row.ends_on)
            counting.count_again([row.id])


def link_undone(event: LinkUndone) -> None:
    """The merge was taken back: what it had ended goes on."""
    rows = Contract.objects.select_for_update(of=("self",)).filter(merged_by=event.operation_id, state="ended")
    with acting(_RELAY, reason="撤销合并"):
        for row in rows:
            _resume(row, "撤销档案合并")


def _resume(row: Contract, reason: str) -> None:
    try:
        ending.resume(row, reason, actor=_RELAY, by_itself=True)
    except DomainError:
        return  # signed elsewhere meanwhile: that contract holds


def served(event: VisitRecorded | VisitVoided | EncounterClosed) -> None:
    """A record came or was taken back: what was done under the person's contract is counted again."""
    rows = _held(event.resident_id, "valid", "expired", "ended")
    if rows:
        counting.count_again([r.id for r in rows])


def managed(event: PersonEnrolled | EnrolmentEnded) -> None:
    """Somebody's management began or ended: the key populations follow."""
    refresh_groups(actor=_RELAY, resident_ids=residents.identities(event.resident_id))


def registered(event: ResidentRegistered | ResidentChanged) -> None:
    """A new person, or a corrected birth date."""
    refresh_groups(actor=_RELAY, resident_ids=[event.resident_id])
