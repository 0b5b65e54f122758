"""Syndromic early warning, once a day: days counted, judged against each institution's own past, alarms with a task; resolved by a person."""

from collections.abc import Sequence
from datetime import date, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from yigong.access import api as access
from yigong.core import clock, statements
from yigong.core.actor import Actor, system
from yigong.core.audit.api import acting
from yigong.core.changes import change
from yigong.core.errors import InvalidInput
from yigong.core.states import api as states
from yigong.core.ui.shell import address
from yigong.network import api as network
from yigong.network.data import InstitutionData
from yigong.programmes import policies
from yigong.programmes.commands.common import managed
from yigong.programmes.models import SyndromeAlarm, SyndromeDay
from yigong.programmes.rules import planning, warning
from yigong.programmes.rules.workflow import SYNDROME_ALARM
from yigong.records import api as records
from yigong.tasks import api as tasks
from yigong.tasks.api import Escalation

# What is written down late still counts in its own day.
_LATE_DAYS = 7
_OPEN_FOR = timedelta(days=30)


def watch(day: date) -> int:
    """Count the last days anew and judge ``day`` at every institution; returns how many alarms are new. The same day twice changes nothing."""
    definition, found = warning.surveillance(day), 0
    with transaction.atomic(), acting(system("clock"), reason=_("症候群监测")):
        for syndrome in definition.syndromes:
            _count(syndrome, day)
            for row in _judged(syndrome, day):
                found += _raise(row, syndrome, definition.version)
    return found


def _count(syndrome: warning.Syndrome, day: date) -> None:
    first = not SyndromeDay.objects.filter(syndrome=syndrome.code).exists()
    since = day - timedelta(days=syndrome.days if first else _LATE_DAYS)
    rows = records.contacts_by_day(syndrome.codes, since, day)
    SyndromeDay.objects.bulk_create(
        (SyndromeDay(institution_id=place, syndrome=syndrome.code, on=on, contacts=n, cases=cases) for place, on, n, cases in rows),
        update_conflicts=True, unique_fields=["institution_id", "syndrome", "on"], update_fields=["contacts", "cases"],
    )  # fmt: skip


def _judged(syndrome: warning.Syndrome, day: date) -> list[SyndromeDay]:
    """The day's rows, each judged and written; those that stand out are returned."""
    since = day - timedelta(days=syndrome.days - 1)
    past: dict[UUID, dict[date, int]] = {}
    today: dict[UUID, SyndromeDay] = {}
    for row in SyndromeDay.objects.filter(syndrome=syndrome.code, on__range=(since, day)):
        past.setdefault(row.institution_id, {})[row.on] = row.cases
        if row.on == day:
            today[row.institution_id] = row
    for place, row in today.items():
        told = warning.judge([past[place].get(since + timedelta(days=n)) for n in range(syndrome.days)], syndrome)
        row.mean, row.limit, row.is_alarm = told.mean, told.limit, told.is_alarm
    statements.update_each(list(today.values()), ["mean", "limit", "is_alarm"])
    return [row for row in today.values() if row.is_alarm]


def _raise(row: SyndromeDay, syndrome: warning.Syndrome, version: str) -> bool:
    """A new alarm with its task, or the open one goes on; one that a person resolved for this day stays resolved."""
    same = SyndromeAlarm.objects.filter(institution_id=row.institution_id, syndrome=row.syndrome)
    if (known := same.filter(last_on__gte=row.on).first() or same.filter(state="open").first()) is not None:
        if known.state == "open":
            if row.on > known.last_on:
                _open_people(known, syndrome, row.on, _looks(network.institution(row.institution_id)))
            known.last_on, known.cases, known.limit = max(known.last_on, row.on), row.cases, row.limit or 0
            known.save(update_fields=["last_on", "cases", "limit"])
        return False
    alarm = SyndromeAlarm(
        institution_id=row.institution_id, syndrome=row.syndrome, definition=version, on=row.on, last_on=row.on, cases=row.cases,
        limit=row.limit or 0,
    )  # fmt: skip
    states.start(SYNDROME_ALARM, alarm, "open", actor=system("clock"), reason="")
    place = network.institution(row.institution_id)
    looks = _looks(place)
    _open_people(alarm, syndrome, row.on, looks)
    words = {
        "place": place.short_name or place.name,
        "what": _(syndrome.title),
        "day": row.on,
        "n": row.cases,
        "limit": f"{alarm.limit:.1f}",
    }
    tasks.open_task(
        key=f"programmes/warning/{alarm.id}", kind="programmes.warning", institution_id=looks, role=_who_looks(place.level), urgent=True,
        title=_("%(place)s：%(what)s %(day)s 共 %(n)s 例，高于本机构常态上限 %(limit)s，请核实") % words,
        url=address("programmes:warning", alarm.id), due_at=planning.end_of(clock.today()),
        subject=("programme_syndrome_alarm", alarm.id), escalate_to=Escalation(role="quality_manager"),
    )  # fmt: skip
    return True


def _looks(place: InstitutionData) -> UUID:
    """Who looks at an alarm: the health centre above a village, everybody else himself."""
    return place.parent_id if place.level == "village" and place.parent_id else place.id


def _open_people(alarm: SyndromeAlarm, syndrome: warning.Syndrome, day: date, looks: UUID) -> None:
    """Whoever looks at an alarm has to know whom to ask: the people of its days are open to that institution for a month, each look logged."""
    until = clock.now() + _OPEN_FOR
    for person in {row[1] for row in records.cases_of(syndrome.codes, alarm.institution_id, day)}:
        access.open_relationship(
            resident_id=person,
            institution_id=looks,
            basis="programme",
            source=alarm.id,
            ends_at=until,
            note=_("核实症候群预警"),
        )


def _who_looks(level: str) -> str:
    """The doctor for public health: the township's for itself and its villages, the quality office of the county's hospitals."""
    return "gp" if level in {"village", "township"} else "quality_manager"


@change
def resolve_alarm(*, alarm_id: UUID, outcome: str, reason: str, actor: Actor) -> None:
    """What a person found when he looked: a cluster that was reported, an explanation, or a fault of the records."""
    row = managed(SyndromeAlarm, alarm_id, policies.WARNINGS, _("这条预警由其他机构核实。"), actor)
    if outcome not in _outcomes():
        raise InvalidInput(errors={"outcome": _("请选择核实结果。")})
    if not reason.strip():
        raise InvalidInput(errors={"reason": _("请写明核实的情况，例如“同班学生集中就诊，已报县疾控”。")})
    states.transition(SYNDROME_ALARM, row, "resolve", actor=actor, reason=reason.strip()[:200], outcome=outcome)
    tasks.resolve_task(key=f"programmes/warning/{row.id}", actor=actor, note=reason.strip()[:200])


def _outcomes() -> Sequence[str]:
    return [code for code in SyndromeAlarm.Outcome.values if code]
