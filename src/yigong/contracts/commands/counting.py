"""What was done under contracts: read again from the records, so that nothing is typed a second time."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import date
from uuid import UUID, uuid4

from django.utils.translation import gettext as _

from yigong.contracts.commands import common
from yigong.contracts.data import ContractData
from yigong.contracts.events import ServiceCounted
from yigong.contracts.models import Contract, Service
from yigong.contracts.queries.contracts import to_data
from yigong.contracts.rules import counting
from yigong.contracts.rules.counting import Counted, Fact
from yigong.contracts.rules.packs import package_of
from yigong.contracts.rules.workflow import COUNTS
from yigong.core import clock, statements
from yigong.core.actor import Actor
from yigong.core.changes import change
from yigong.core.errors import Conflict, InvalidInput, NotFound
from yigong.core.events.api import record
from yigong.programmes import api as programmes
from yigong.records import api as records
from yigong.residents import api as residents

_PORTION = 2000


@change
def note_service(
    *, contract_id: UUID, package: str, item: str, note: str, actor: Actor, on: date | None = None
) -> ContractData:
    """Note a service of which there is no record elsewhere. Items that records fulfil are refused: they count by themselves."""
    row = common.contract_of(contract_id, actor)
    day = on or clock.today()
    if row.state not in COUNTS or not row.starts_on <= day < row.ends_on or day > clock.today():
        raise InvalidInput(errors={"on": _("日期应在协议有效期内，且不晚于今天。")})
    due = next(((p, i) for p, i in _due(row) if (p.code, i.code) == (package, item)), None)
    if due is None:
        raise NotFound(_("协议里没有这个项目。"))
    if due[1].evidence:
        raise Conflict(_("“%(title)s”由诊疗和随访记录自动计入，不用另行登记。") % {"title": _(due[1].title)})
    done = Service.objects.filter(contract=row, package=package, item=item).count()
    if done >= due[1].times:
        raise Conflict(_("“%(title)s”已完成 %(n)s 次，不用再登记。") % {"title": _(due[1].title), "n": done})
    Service.objects.create(
        contract=row, package=package, item=item, source_kind="manual", source_id=uuid4(), on=day, note=note.strip()[:200],
        institution_id=actor.institution_id or row.institution_id, staff_id=actor.staff_id,
    )  # fmt: skip
    count_again([row.id])
    return to_data(Contract.objects.get(pk=row.id))


@change
def unnote_service(*, service_id: UUID, reason: str, actor: Actor) -> ContractData:
    """Take a service noted by hand back; the history of the contract keeps the reason."""
    service = Service.objects.filter(pk=service_id, source_kind="manual").first()
    if service is None:
        raise NotFound(_("没有找到这条手工登记的服务。"))
    row = common.contract_of(service.contract_id, actor)
    common.required(reason)
    service.delete()
    count_again([row.id])
    return to_data(Contract.objects.get(pk=row.id))


@change
def recount(*, resident_ids: Collection[UUID], actor: Actor) -> int:
    """Count the contracts of these people again, those that run and those of the last term; returns how many changed."""
    rows = Contract.objects.filter(resident_id__in=residents.identities_of(resident_ids), state__in=COUNTS)
    return count_again(list(rows.values_list("id", flat=True)))


def count_again(contract_ids: Collection[UUID]) -> int:
    """The same for contracts, in portions of a few statements; rows are locked in the order of their keys."""
    ids, changed = sorted(contract_ids), 0
    for start in range(0, len(ids), _PORTION):
        rows = list(
            Contract.objects.select_for_update(of=("self",))
            .filter(pk__in=ids[start : start + _PORTION], state__in=COUNTS)
            .order_by("id")
        )
        if rows:
            changed += _count(rows)
    return changed


def _due(row: Contract) -> list[tuple[counting.Package, counting.Item]]:
    return counting.due_items([package_of(c, v) for c, v in row.packages.items()], row.groups)


def _count(rows: list[Contract]) -> int:
    people = residents.identities_of({row.resident_id for row in rows})
    facts = _facts(people, min(r.starts_on for r in rows), max(r.ends_on for r in rows))
    held: dict[UUID, list[Service]] = defaultdict(list)
    for service in Service.objects.filter(contract_id__in=[r.id for r in rows]):
        held[service.contract_id].append(service)
    fresh, gone, changed = [], [], []
    for row in rows:
        mine = [f for f in facts[row.resident_id] if row.starts_on <= f.on < row.ends_on]
        added, dropped, altered = _settle(row, mine, held[row.id])
        fresh += added
        gone += dropped
        changed += [row] if altered else []
    Service.objects.filter(pk__in=gone).delete()
    Service.objects.bulk_create(fresh)
    statements.update_each(changed, ["due_times", "done_times", "first_done_on"])
    if len(rows) == 1:  # a load tells nobody
        for row in changed:
            record(
                ServiceCounted(
                    row.id, row.resident_id, row.institution_id, row.done_times, row.first_done_on or clock.today()
                )
            )
    return len(changed)


def _settle(row: Contract, facts: Iterable[Fact], held: list[Service]) -> tuple[list[Service], list[UUID], bool]:
    """(new rows, keys of rows that count no more, whether the contract's figures changed); the figures are set on the row."""
    items = _due(row)
    manual: dict[tuple[str, str], int] = defaultdict(int)
    for service in held:
        if service.source_kind == "manual":
            manual[service.package, service.item] += 1
    wanted = {(c.fact.kind, c.fact.id): c for c in counting.count(items, facts, manual)}
    kept = {}
    gone = []
    for service in held:
        if service.source_kind == "manual":
            continue
        place = (service.source_kind, service.source_id)
        now = wanted.get(place)
        if now and (now.package, now.item) == (service.package, service.item):
            kept[place] = service
        else:
            gone.append(service.id)
    fresh = [_service(row, c) for place, c in wanted.items() if place not in kept]
    days = [c.fact.on for c in wanted.values()] + [s.on for s in held if s.source_kind == "manual"]
    figures = (sum(i.times for _p, i in items), len(wanted) + sum(manual.values()), min(days) if days else None)
    altered = figures != (row.due_times, row.done_times, row.first_done_on)
    row.due_times, row.done_times, row.first_done_on = figures
    return fresh, gone, altered


def _service(row: Contract, counted: Counted) -> Service:
    fact = counted.fact
    return Service(
        contract=row, package=counted.package, item=counted.item, source_kind=fact.kind, source_id=fact.id, on=fact.on,
        institution_id=fact.institution_id, staff_id=fact.staff_id,
    )  # fmt: skip


def _facts(people: dict[UUID, UUID], since: date, until: date) -> dict[UUID, list[Fact]]:
    """Visits and contacts by today's key; a contact that a visit wrote is the visit."""
    found: dict[UUID, list[Fact]] = defaultdict(list)
    written: set[UUID] = set()
    for v in programmes.visits_between(list(people), since, until):
        written |= {v.encounter_id} if v.encounter_id else set()
        found[people[v.resident_id]].append(
            Fact("visit", v.id, v.on, v.institution_id, v.staff_id, v.stage, v.programme)
        )
    for key, resident, kind, at, place, staff in records.encounters_between(list(people), since, until):
        if key not in written:
            on = at.astimezone(clock.SHANGHAI).date()
            found[people[resident]].append(Fact("encounter", key, on, place, staff, kind))
    return found
