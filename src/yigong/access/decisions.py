"""``decide``: may this actor do this to that, on what basis, and if not, what then.

A resident belongs to nobody; reading and writing need the right of the role *and* a relationship of the actor's institutions (or of
the actor personally) with the resident. Institutions that merely manage others read statistics, never detail.
"""

from collections.abc import Callable, Collection, Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _

from yigong.access import readlog
from yigong.access.data import Decision, Subject
from yigong.access.errors import Refused
from yigong.access.models import Relationship
from yigong.access.policies import EMERGENCY, READ_DETAIL, READ_STATISTICS, REVIEW, WRITE
from yigong.core import clock, statements
from yigong.core.actor import Actor
from yigong.core.rights import note_decision, role_label
from yigong.network import api as network

Policy = Callable[[Actor, str, UUID], Decision]
Visible = Callable[[Actor], Any]
_policies: dict[str, Policy] = {}
_visible: dict[str, Visible] = {}

_NEEDED = {"read_detail": READ_DETAIL, "write": WRITE, "read_statistics": READ_STATISTICS}
# The order in which a basis is named when several hold.
_ORDER = ["contract", "programme", "encounter", "order", "referral", "registration", "consent", "emergency"]
_BEST = """
select distinct on (resident_id) resident_id, basis, ends_at, ends_at is null or ends_at > %(now)s as holds
from access_relationship
where resident_id = any(%(residents)s) and (institution_id = any(%(places)s) or staff_id = %(staff)s::uuid)
    and (staff_id is null or staff_id = %(staff)s::uuid) and starts_at <= %(now)s
order by resident_id, (ends_at is null or ends_at > %(now)s) desc,
    case when ends_at is null or ends_at > %(now)s then array_position(%(order)s::text[], basis) end, ends_at desc
"""


def register_policy(kind: str, policy: Policy, visible: Visible | None = None) -> None:
    """Give a subject kind its policy ``(actor, action, id) -> Decision`` and its twin for lists ``(actor) -> queryset or ids``."""
    _policies[kind] = policy
    if visible:
        _visible[kind] = visible


def decide(actor: Actor, action: str, subject: Subject, purpose: str = "") -> Decision:
    """Decide and, when a resident is concerned, write the read log in the same call. Refusal is the default."""
    if subject.kind == "resident":
        return decide_many(actor, action, "resident", [subject.id], purpose)[subject.id]
    note_decision()
    policy = _policies.get(subject.kind)
    decision = policy(actor, action, subject.id) if policy else _unknown(subject.kind)
    if decision.resident_id:
        line = readlog.line(actor, action, subject, decision.resident_id, decision, purpose)
        readlog.remember([line], refused=not decision.allowed)
    return decision


def decide_many(actor: Actor, action: str, kind: str, ids: Iterable[UUID], purpose: str = "") -> dict[UUID, Decision]:
    """The same for a page of a list: for residents one SELECT and one INSERT, whatever their number."""
    keys = list(dict.fromkeys(ids))
    if kind != "resident":
        return {key: decide(actor, action, Subject(kind, key), purpose) for key in keys}
    note_decision()
    decisions = _about_residents(actor, action, keys)
    lines = [readlog.line(actor, action, Subject(kind, key), key, found, purpose) for key, found in decisions.items()]
    readlog.remember(lines, refused=bool(decisions) and not any(found.allowed for found in decisions.values()))
    return decisions


def require(actor: Actor, action: str, subject: Subject, purpose: str = "") -> Decision:
    """Decide, and raise ``Refused`` (a Forbidden with the decision) when the answer is no."""
    decision = decide(actor, action, subject, purpose)
    if not decision.allowed:
        raise Refused(decision)
    return decision


def visible(kind: str, actor: Actor) -> Any:
    """The list's twin of ``decide(…, "read_detail", …)``: for residents a queryset of resident keys, else what the room registered."""
    if kind == "resident":
        return visible_residents(actor)
    if kind not in _visible:
        raise LookupError(f"no list policy for {kind}")
    return _visible[kind](actor)


def visible_residents(actor: Actor) -> QuerySet[Relationship, Any]:
    """Resident keys that the actor may read in detail today, for ``id__in=``."""
    now = clock.now()
    rows = Relationship.objects.filter(Q(ends_at__isnull=True) | Q(ends_at__gt=now), starts_at__lte=now)
    if not actor.is_system:
        rows = rows.filter(_held_by(actor)) if actor.has(READ_DETAIL) else rows.none()
    return rows.values_list("resident_id", flat=True)


_KNOWN = """
select resident_id from access_relationship
where resident_id = any(%(residents)s) and (institution_id = any(%(places)s) and staff_id is null or staff_id = %(staff)s::uuid)
    and starts_at <= %(now)s and (ends_at is null or ends_at > %(now)s)
"""


def visible_of(ids: Collection[UUID], actor: Actor) -> set[UUID]:
    """Those among the residents that ``visible_residents`` holds, in one prepared statement."""
    if actor.is_system or not actor.has(READ_DETAIL):
        return set(ids) if actor.is_system else set()
    places = list(actor.institution_ids)
    values = {"residents": list(ids), "places": places, "staff": actor.staff_id, "now": clock.now()}
    return {key for (key,) in statements.fetch(_KNOWN, values)}


def _held_by(actor: Actor) -> Q:
    mine = Q(staff_id=actor.staff_id) if actor.staff_id else Q(pk__in=[])
    return Q(institution_id__in=actor.institution_ids, staff_id__isnull=True) | mine


def _about_residents(actor: Actor, action: str, keys: list[UUID]) -> dict[UUID, Decision]:
    if actor.is_system:
        return dict.fromkeys(keys, Decision(True, "system", _("系统自动处理")))
    if action == "read_log":
        return _read_log(actor, keys)
    needed = _NEEDED.get(action)
    if needed is None:
        return dict.fromkeys(keys, Decision(False, "none", _("没有为“%(action)s”定义规则。") % {"action": action}))
    if not actor.has(needed):
        return dict.fromkeys(keys, _role_lacks(actor, action))
    related = _related(actor, keys, _places(actor, action))
    return {key: _judge(actor, action, key, related.get(key)) for key in keys}


def _places(actor: Actor, action: str) -> list[UUID]:
    if action == "read_statistics" and actor.institution_id:
        return list(actor.institution_ids | network.descendants(actor.institution_id))
    return list(actor.institution_ids)


def _related(actor: Actor, keys: list[UUID], places: list[UUID]) -> dict[UUID, tuple[str, datetime | None, bool]]:
    values: dict[str, Any] = {
        "now": clock.now(),
        "residents": keys,
        "places": places,
        "staff": actor.staff_id,
        "order": _ORDER,
    }
    return {row[0]: row[1:] for row in statements.fetch(_BEST, values)}


def _judge(actor: Actor, action: str, key: UUID, best: tuple[str, datetime | None, bool] | None) -> Decision:
    if best and best[2]:
        return Decision(True, best[0], _("依据：%(basis)s") % {"basis": basis_label(best[0])}, resident_id=key)
    if best and best[1]:
        explanation = _("%(place)s与该居民的%(basis)s关系已于 %(day)s 结束。") % {
            "place": actor.institution_name,
            "basis": basis_label(best[0]),
            "day": best[1].astimezone(clock.SHANGHAI).strftime("%Y-%m-%d"),
        }
    else:
        explanation = _("%(place)s与该居民没有就诊、签约、转诊等服务关系。") % {"place": actor.institution_name}
    return Decision(False, "none", explanation, _next_step(actor), _links(actor, key), resident_id=key)


def _next_step(actor: Actor) -> str:
    if actor.has(EMERGENCY):
        return _("可以请对方发起转诊，登记居民本人的授权；抢救等紧急情况可说明原因后紧急调阅（事后评审）。")
    return _("可以请对方发起转诊，或登记居民本人的授权。")


def _links(actor: Actor, key: UUID) -> tuple[tuple[str, str], ...]:
    offers = [(_("登记本人授权"), "access:consent", WRITE), (_("紧急调阅"), "access:emergency", EMERGENCY)]
    found = []
    for label, name, permission in offers:
        try:
            address = reverse(name, args=[key])
        except NoReverseMatch:
            continue
        if actor.has(permission):
            found.append((label, address))
    return tuple(found)


def _role_lacks(actor: Actor, action: str) -> Decision:
    words = {"read_detail": _("查看居民明细"), "write": _("书写居民记录"), "read_statistics": _("查看统计")}
    explanation = _("“%(role)s”岗位不能%(action)s。") % {"role": role_label(actor.role), "action": words[action]}
    return Decision(False, "none", explanation, _("如您另有其他岗位，请先切换岗位；否则请联系系统管理员。"))


def _read_log(actor: Actor, keys: list[UUID]) -> dict[UUID, Decision]:
    if actor.has(REVIEW):
        return dict.fromkeys(keys, Decision(True, "permission", _("依据：评审查阅记录的职责")))
    if not actor.has(READ_DETAIL):
        return dict.fromkeys(keys, _role_lacks(actor, "read_detail"))
    related = _related(actor, keys, list(actor.institution_ids))
    return {key: _judge(actor, "read_log", key, related.get(key)) for key in keys}


def basis_label(basis: str) -> str:
    """The basis in the reader's language."""
    others = {"tree": _("管理关系"), "permission": _("岗位职责"), "system": _("系统处理"), "none": _("无")}
    if basis in Relationship.Basis.values:
        return _(str(Relationship.Basis(basis).label))
    return others.get(basis, basis)


def _unknown(kind: str) -> Decision:
    return Decision(False, "none", _("没有为“%(kind)s”定义访问规则。") % {"kind": kind})


def _institution_policy(actor: Actor, action: str, institution_id: UUID) -> Decision:
    """Statistics of an institution: one's own, those one manages, and everything for the bureau."""
    if actor.is_system:
        return Decision(True, "system", _("系统自动处理"))
    if action != "read_statistics" or not actor.has(READ_STATISTICS):
        return _role_lacks(actor, "read_statistics")
    if institution_id in actor.institution_ids:
        return Decision(True, "permission", _("依据：本机构"))
    if actor.institution_id and network.is_above(actor.institution_id, institution_id):
        return Decision(True, "tree", _("依据：管理关系"))
    refusal = _("只能查看本机构及所管理机构的统计。")
    return Decision(False, "none", refusal, _("如需其他机构的数据，请联系卫健局或医共体办公室。"))


register_policy("institution", _institution_policy)
