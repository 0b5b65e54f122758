"""What happens to people elsewhere and changes their management here."""

from yigong.core import clock
from yigong.core.actor import system
from yigong.core.audit.api import acting
from yigong.programmes.commands import finding, notifying
from yigong.programmes.commands.enrolling import finish, resume
from yigong.programmes.models import Enrolment
from yigong.programmes.queries import working
from yigong.programmes.rules.packs import programmes
from yigong.records.events import ConditionAdded, ResultRecorded
from yigong.residents import api as residents
from yigong.residents.events import LinkUndone, ResidentClosed, ResidentMerged, ResidentReopened

_RELAY = system("relay")


def person_closed(event: ResidentClosed) -> None:
    """Death, moving away and cancelling end what the definition says they end."""
    rows = Enrolment.objects.filter(resident_id__in=residents.identities(event.resident_id), state="active")
    for work in working.load(list(rows.values_list("id", flat=True)), lock=True, today=clock.today()):
        ending = next((e for e in work.programme.endings if e.follows == event.status), None)
        if ending is None:
            continue
        person = residents.identity(work.enrolment.resident_id)
        last = max([work.enrolment.started_on, *(v.on for v in work.visits)])
        day = max(last, min(person.closed_on or clock.today(), clock.today()))
        with acting(_RELAY, reason=ending.title):
            finish(work, ending.code, person.closed_reason or ending.title, actor=_RELAY, on=day, by_itself=True)


def person_reopened(event: ResidentReopened) -> None:
    """A death or move recorded by mistake: what it had ended goes on."""
    rows = Enrolment.objects.filter(resident_id__in=residents.identities(event.resident_id), state="ended")
    for work in working.load(list(rows.values_list("id", flat=True)), lock=True, today=clock.today()):
        ending = work.programme.ending(work.enrolment.ending)
        if ending is not None and ending.follows and not _open_elsewhere(work.enrolment):
            with acting(_RELAY, reason="档案恢复"):
                resume(work.enrolment, "居民档案已恢复", actor=_RELAY, by_itself=True)


def people_merged(event: ResidentMerged) -> None:
    """Two files of one person: of two managements in one programme the older goes on, the other ends as merged."""
    keys = residents.identities(event.resident_id)
    rows = Enrolment.objects.filter(resident_id__in=keys, state="active").order_by(
        "programme", "subject", "started_on", "id"
    )
    kept: set[tuple[str, str]] = set()
    for row in rows:
        place = (row.programme, row.subject)
        if place in kept:
            work = working.load([row.id], lock=True, today=clock.today())[0]
            with acting(_RELAY, reason="档案合并"):
                finish(work, "merged", "两份档案合并为一人", actor=_RELAY, by_itself=True)
                Enrolment.objects.filter(pk=row.id).update(merged_by=event.operation_id)
        kept.add(place)


def link_undone(event: LinkUndone) -> None:
    """The merge was taken back: what it had ended goes on."""
    rows = Enrolment.objects.filter(merged_by=event.operation_id, state="ended", ending="merged")
    for row in rows.select_for_update(of=("self",)):
        if not _open_elsewhere(row):
            with acting(_RELAY, reason="撤销合并"):
                resume(row, "撤销档案合并", actor=_RELAY, by_itself=True)


def _open_elsewhere(row: Enrolment) -> bool:
    same = Enrolment.objects.filter(
        resident_id=row.resident_id, programme=row.programme, subject=row.subject, state="active"
    )
    return same.exclude(pk=row.pk).exists()


def diagnosed(event: ConditionAdded) -> None:
    """A diagnosis made anywhere puts the person onto the list of the programme that is for it; one that the law wants reported asks for the card."""
    wanted = {
        code for code, p in programmes().items()
        if p.who.find and not p.who.admitted_within_days and any(event.code.startswith(begin) for begin in p.who.conditions)
    }  # fmt: skip
    if wanted:
        finding.look_at(resident_id=event.resident_id, codes=sorted(wanted))
    notifying.ask_for_card(event)


def measured(event: ResultRecorded) -> None:
    """An abnormal value measured anywhere does so where a programme asks for another look at such values."""
    if event.worst_flag in {"", "N"}:
        return
    wanted = {code for code, p in programmes().items() if p.who.find and p.who.suspect}
    if wanted:
        finding.look_at(resident_id=event.resident_id, codes=sorted(wanted))
