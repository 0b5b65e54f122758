"""Contracts as pages and other rooms see them."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from yigong.contracts import policies
from yigong.contracts.data import ContractData, ItemData, ServiceData
from yigong.contracts.models import Contract, Service, Team
from yigong.contracts.rules.counting import due_items
from yigong.contracts.rules.packs import groups, package_of, rules
from yigong.contracts.rules.workflow import CONTRACT, COUNTS
from yigong.core import clock, statements
from yigong.core.actor import Actor
from yigong.core.errors import NotFound
from yigong.core.ui.shell import address
from yigong.network import api as network
from yigong.residents import api as residents

# Asked at every resident's file and beside every visit.
_VALID = """where resident_id = any(%(keys)s) and state = any(%(states)s) and starts_on <= %(day)s and ends_on > %(day)s
order by id limit 1"""
WAYS = {"paper": "当面签约", "online": "线上确认", "scan": "扫码确认"}


def overlapping(keys: Collection[UUID], begins: date, ends: date, but: UUID | None = None) -> QuerySet[Contract]:
    """Contracts of these keys that hold on one of the days from ``begins`` to the day before ``ends``."""
    rows = Contract.objects.filter(resident_id__in=keys, state__in=COUNTS, starts_on__lt=ends, ends_on__gt=begins)
    return rows.exclude(pk=but) if but else rows


def to_data(row: Contract) -> ContractData:
    """The row as others see it."""
    today, known, named = clock.today(), groups(row.starts_on), rules(row.starts_on).ending(row.ending)
    held = [package_of(c, v) for c, v in row.packages.items()]
    titles = {p.source: _(p.title) for package in held for p in package.payers}
    running = row.state == "valid" and row.starts_on <= today < row.ends_on
    return ContractData(
        id=row.id, number=row.number, resident_id=row.resident_id, team_id=row.team_id, team=row.team.name, institution_id=row.institution_id,
        packages=tuple(_(p.title) for p in sorted(held, key=lambda p: p.order)), package_codes=tuple(row.packages),
        groups=tuple(_(known[g].label) for g in row.groups if g in known), starts_on=row.starts_on, ends_on=row.ends_on,
        term_ends_on=row.term_ends_on, signed_on=row.signed_on, state=row.state, state_label=CONTRACT.label(row.state),
        way_label=_(WAYS[row.way]), signer_note=row.signer_note, fee_fen=row.fee_fen,
        payers=tuple((titles.get(s, s), fen) for s, fen in row.payers.items()), returned_fen=sum(row.returned.values()), due_times=row.due_times, done_times=row.done_times,
        first_done_on=row.first_done_on, ending_title=_(named.title) if named else "", is_running=running,
        is_empty=running and row.done_times == 0 and row.due_times > 0, days_left=(row.ends_on - today).days,
        renewed=row.is_renewed, version=row.version,
    )  # fmt: skip


def valid_of(resident_id: UUID, on: date | None = None) -> Contract | None:
    """The contract that holds for a person on a day; no decision."""
    values = {"keys": list(residents.identities(resident_id)), "states": list(COUNTS), "day": on or clock.today()}
    found = statements.objects(Contract, _VALID, values)
    if not found:
        return None
    (row,) = found
    (row.team,) = statements.objects(Team, "where id = %(id)s", {"id": row.team_id})
    return row


def of_resident(resident_id: UUID) -> list[ContractData]:
    """All contracts of a person, newest first; the caller has decided."""
    rows = Contract.objects.filter(resident_id__in=residents.identities(resident_id)).select_related("team")
    return [to_data(r) for r in rows.order_by("-starts_on", "-state_since")[:50]]


def access_contract(contract_id: UUID, *, actor: Actor, action: str = "read_detail") -> Contract:
    """A contract after a logged decision about its resident; NotFound, or Forbidden with the way on."""
    row = Contract.objects.filter(pk=contract_id).select_related("team").first()
    if row is None:
        raise NotFound(_("没有找到这份协议，可能已被撤销。"))
    policies.require(actor, policies.READ)
    residents.access_resident(row.resident_id, actor=actor, action=action, purpose=_("家庭医生签约"))
    return row


def items_of(row: Contract) -> list[ItemData]:
    """What is due and done, item by item, with the records behind each figure."""
    services: dict[tuple[str, str], list[Service]] = defaultdict(list)
    every = list(Service.objects.filter(contract=row).order_by("on"))
    for service in every:
        services[service.package, service.item].append(service)
    places, people = _names(every)
    held = [package_of(c, v) for c, v in row.packages.items()]
    return [
        ItemData(
            p.code, _(p.title), i.code, _(i.title), _(i.note) if i.note else "", i.times, len(services[p.code, i.code]), not i.evidence,
            tuple(_service(s, places, people) for s in services[p.code, i.code]),
        ) for p, i in sorted(due_items(held, row.groups), key=lambda pair: pair[0].order)
    ]  # fmt: skip


def _names(services: Iterable[Service]) -> tuple[dict[UUID, Any], dict[UUID, Any]]:
    return network.institutions({s.institution_id for s in services}), network.staff_many(
        {s.staff_id for s in services if s.staff_id}
    )


def _service(row: Service, places: dict[UUID, Any], people: dict[UUID, Any]) -> ServiceData:
    url = address("programmes:done", row.source_id) if row.source_kind == "visit" else ""
    place = (
        places[row.institution_id].short_name or places[row.institution_id].name if row.institution_id in places else ""
    )
    staff = people[row.staff_id].name if row.staff_id in people else ""
    return ServiceData(row.id, row.on, place, staff, row.note, url, row.source_kind == "manual")


def held_about(ids: Collection[UUID]) -> int:
    """How many contracts are kept under these keys."""
    return Contract.objects.filter(resident_id__in=ids).count()


def under_way_about(ids: Collection[UUID]) -> int:
    """Contracts that hold or wait: a reason for a second person at a merge."""
    return Contract.objects.filter(resident_id__in=ids, state__in=["valid", "offered"]).count()
