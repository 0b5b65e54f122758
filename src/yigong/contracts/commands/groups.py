"""Key populations kept current: once a day for everybody, at once for somebody whose management began or ended."""

from collections.abc import Collection
from datetime import date
from uuid import UUID

from django.db import transaction

from yigong.contracts import policies
from yigong.contracts.models import GroupMember, Upkeep
from yigong.contracts.queries.groups import has_roll, people_in
from yigong.contracts.rules.packs import groups
from yigong.core import clock
from yigong.core.actor import Actor, system


def refresh_groups(*, actor: Actor, resident_ids: Collection[UUID] | None = None, today: date | None = None) -> int:
    """Bring the kept rows of these people (everybody when None) up to date with the records, a few statements per group; returns how many
    people came or went."""
    policies.require(actor, policies.SIGN)
    day, changed = today or clock.today(), 0
    for code, group in groups(day).items():
        if not has_roll(group):
            continue
        with transaction.atomic():
            people = people_in(group, day)
            kept = GroupMember.objects.filter(group=code, until__isnull=True)
            if resident_ids is not None:
                people, kept = people.filter(pk__in=resident_ids), kept.filter(resident_id__in=resident_ids)
            changed += kept.exclude(resident_id__in=people.values("pk")).update(until=day)
            fresh = people.exclude(pk__in=kept.values("resident_id")).values_list("pk", "managing_institution_id")
            rows = [
                GroupMember(resident_id=k, group=code, institution_id=place, since=day)
                for k, place in fresh.iterator(5000)
            ]
            GroupMember.objects.bulk_create(rows, batch_size=5000, ignore_conflicts=True)
            changed += len(rows)
    return changed


def daily() -> int:
    """For the worker, once a day."""
    day = clock.today()
    if Upkeep.objects.filter(name="groups", day=day).exists():
        return 0
    changed = refresh_groups(actor=system("clock"), today=day)
    Upkeep.objects.update_or_create(name="groups", defaults={"day": day})
    return changed
