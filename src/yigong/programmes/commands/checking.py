"""Drawing visits for the check by telephone, and what was heard."""

from collections import defaultdict
from datetime import date
from math import ceil
from random import Random
from uuid import UUID

from django.utils.translation import gettext as _

from yigong.core import clock
from yigong.core.actor import Actor
from yigong.core.changes import change
from yigong.core.errors import InvalidInput, NotFound
from yigong.core.packs import api as packs
from yigong.programmes import policies
from yigong.programmes.models import Check, Visit
from yigong.programmes.rules.packs import SCREENING


@change
def draw_sample(*, since: date, until: date, actor: Actor, seed: int | None = None) -> int:
    """Draw visits between two days for the check: the definition's share of each institution's, not fewer than its least; never one twice."""
    policies.require(actor, policies.CHECK)
    if since > until:
        raise InvalidInput(errors={"until": _("结束日期不能早于开始日期。")})
    rule = packs.current(SCREENING, "visit-screening")
    places = policies.places(actor)
    rows = Visit.objects.filter(on__range=(since, until), void_reason="")
    if places is not None:
        rows = rows.filter(institution_id__in=places)
    drawn = set(Check.objects.filter(visit__in=rows).values_list("visit_id", flat=True))
    by_place: dict[UUID, list[UUID]] = defaultdict(list)
    for key, place in rows.order_by("id").values_list("id", "institution_id"):
        by_place[place].append(key)
    source, chosen = Random(seed if seed is not None else clock.now().timestamp()), []
    for _place, keys in sorted(by_place.items()):
        wanted = max(rule.sample_least, ceil(len(keys) * rule.sample_percent / 100)) - sum(k in drawn for k in keys)
        left = [k for k in keys if k not in drawn]
        chosen += source.sample(left, max(0, min(wanted, len(left))))
    Check.objects.bulk_create(Check(visit_id=key, drawn_on=clock.today()) for key in chosen)
    return len(chosen)


@change
def note_check(*, check_id: UUID, outcome: str, actor: Actor, note: str = "") -> None:
    """What the person said on the telephone: the visit was real, was not, or nobody answered."""
    policies.require(actor, policies.CHECK)
    row = Check.objects.select_for_update(of=("self",)).select_related("visit").filter(pk=check_id).first()
    if row is None or not policies.manages(actor, row.visit.institution_id):
        raise NotFound()
    if outcome not in {"real", "not", "unreached"}:
        raise InvalidInput(errors={"outcome": _("请选择核查结果。")})
    if outcome == "not" and not note.strip():
        raise InvalidInput(errors={"note": _("请写明不属实的情况。")})
    row.outcome, row.note, row.checked_by, row.checked_at = outcome, note.strip()[:200], actor.name, clock.now()
    row.save(update_fields=["outcome", "note", "checked_by", "checked_at"])
