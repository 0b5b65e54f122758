"""Granting, withdrawing and ending of proxies."""

from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from yigong.access import api as access
from yigong.access.data import Subject
from yigong.core import clock
from yigong.core.actor import Actor, system
from yigong.core.audit.api import acting
from yigong.core.commands import one_at_a_time, racing
from yigong.core.constraints import refusing
from yigong.core.errors import Conflict, Forbidden, InvalidInput
from yigong.core.events.api import record
from yigong.core.states.api import start, transition
from yigong.residents import api as residents
from yigong.residents.data import ResidentData
from yigong.residents.proxies import policies, queries, rules
from yigong.residents.proxies.data import NewProxy, ProxyData
from yigong.residents.proxies.events import ProxyEnded, ProxyGranted
from yigong.residents.proxies.models import Proxy
from yigong.residents.proxies.rules import ACTIVE, PROXY


@racing("proxies.grant")
@transaction.atomic
def grant_proxy(*, resident_id: UUID, given: NewProxy, actor: Actor) -> ProxyData:
    """Somebody may act for this resident from now on. InvalidInput by field; Conflict for a second one of the pair or a ring."""
    if not actor.has(policies.KEEP):
        raise Forbidden(_("您没有登记亲属代办的权限，请联系本机构管理员。"))
    principal = residents.identity(resident_id)
    access.require(actor, "write", Subject("resident", principal.id))
    agent = residents.identity(given.agent_id)
    _refuse_closed(principal, agent)
    today = clock.today()
    starts_on = given.starts_on or today
    errors = rules.faults(given.basis, given.document, _age(principal), _age(agent), starts_on, given.ends_on, today)
    if given.relation not in residents.relations():
        errors["relation"] = _("请从列表中选择代办人是本人的什么人。")
    if agent.id == principal.id:
        errors["agent_id"] = _("代办人和被代办人是同一个人，请重新选择。")
    if errors:
        raise InvalidInput(errors=errors)
    one_at_a_time("proxies")  # a ring shows only to who sees all others
    if rules.closes_a_ring(principal.id, agent.id, queries.who_acts_for):
        raise Conflict(
            _("“%(principal)s”（或其代办人）正在为“%(agent)s”代办，互相代办会形成循环；请先撤销那一项。")
            % {"principal": principal.name, "agent": agent.name}
        )
    ends = [day for day in (given.ends_on, rules.last_end(given.basis, principal.birth_date)) if day]
    row = Proxy(
        principal_id=principal.id,
        agent_id=agent.id,
        relation=given.relation,
        basis=given.basis,
        document=given.document.strip()[:120],
        starts_on=starts_on,
        ends_on=min(ends, default=None),
    )
    twice = Conflict(_("“%(agent)s”已是该居民的代办人，请勿重复登记。") % {"agent": agent.name})
    with refusing(one_proxy_per_pair=twice), acting(actor):
        start(PROXY, row, ACTIVE, actor=actor)
    record(ProxyGranted(row.id, principal.id, agent.id, given.basis))
    return queries.proxy(row.id)


@transaction.atomic
def withdraw_proxy(*, proxy_id: UUID, reason: str, actor: Actor, expected_version: int | None = None) -> ProxyData:
    """End it at the wish of one of the two, at any time."""
    row = queries.proxy(proxy_id)
    access.require(actor, "write", Subject("resident", row.principal_id))
    with acting(actor, reason=reason.strip()):
        transition(PROXY, Proxy(id=proxy_id), "withdraw", actor=actor, reason=reason, expected_version=expected_version)
    record(ProxyEnded(proxy_id, row.principal_id, row.agent_id, "withdrawn"))
    return queries.proxy(proxy_id)


def expire(row: Any) -> None:
    """The clock: its last day is over, or the child is of age."""
    reason = _("被代办人年满 18 周岁") if row.basis == rules.GUARDIAN else _("登记的期限已到")
    transition(PROXY, row, "expire", actor=system("clock"), reason=reason)
    record(ProxyEnded(row.id, row.principal_id, row.agent_id, "expired"))


@transaction.atomic
def end_proxies_of(resident_id: UUID, reason: str) -> int:
    """One side died, moved away or is gone: every proxy of that person ends, on both sides. Returns how many."""
    rows = queries.active_of(residents.identities(resident_id))
    for row in rows:
        transition(PROXY, row, "end", actor=system("proxies"), reason=reason)
        record(ProxyEnded(row.id, row.principal_id, row.agent_id, "ended"))
    return len(rows)


@transaction.atomic
def end_proxies_with_oneself(resident_id: UUID) -> int:
    """After a merge nobody acts for himself."""
    same = residents.identities(resident_id)
    rows = [p for p in queries.active_of(same) if p.principal_id in same and p.agent_id in same]
    for row in rows:
        transition(PROXY, row, "end", actor=system("proxies"), reason=_("双方档案合并为同一人"))
    return len(rows)


def _age(person: ResidentData) -> int | None:
    return residents.age_on(person.birth_date, clock.today())


def _refuse_closed(*people: ResidentData) -> None:
    for person in people:
        if person.status != "active":
            raise Conflict(
                _("“%(name)s”的档案%(status)s，不能登记代办。") % {"name": person.name, "status": person.status_label}
            )
