"""Switching on and off, taking positions, forgetting them."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from yigong.core import clock
from yigong.core.actor import Actor
from yigong.core.commands import one_at_a_time, racing
from yigong.core.errors import Conflict, Forbidden, InvalidInput, NotFound
from yigong.network import api as network
from yigong.whereabouts.data import PointIn
from yigong.whereabouts.missions import mission_of
from yigong.whereabouts.models import Point, Trail
from yigong.whereabouts.policies import REPORT
from yigong.whereabouts.rules import limits


@racing("whereabouts.switch_on")
@transaction.atomic
def switch_on(*, kind: str, subject: UUID, actor: Actor) -> Trail:
    """This telephone reports from now on, while the mission is under way; the mission's other telephone stops. Switched on twice it is one."""
    staff_id = _check_aboard(kind, subject, actor)
    one_at_a_time("whereabouts", kind, subject)
    open_now = Trail.objects.filter(kind=kind, subject=subject, ended_at=None).first()
    if open_now and open_now.staff_id == staff_id:
        return open_now
    now = clock.now()
    if open_now:
        Trail.objects.filter(pk=open_now.pk).update(ended_at=now)
    return Trail.objects.create(kind=kind, subject=subject, staff_id=staff_id, by=actor.name[:80], began_at=now)


@transaction.atomic
def switch_off(*, kind: str, subject: UUID, actor: Actor) -> None:
    """This person's telephone reports no more; what was reported stays until its days are over."""
    if actor.staff_id is None:
        raise Forbidden()
    rows = Trail.objects.filter(kind=kind, subject=subject, ended_at=None, staff_id=actor.staff_id)
    rows.update(ended_at=clock.now())


@racing("whereabouts.report")
@transaction.atomic
def report(*, kind: str, subject: UUID, points: Sequence[PointIn], device_at: datetime, actor: Actor) -> int:
    """Take positions, those of a time without a line too; returns how many were kept. Denser than ``every_seconds``, outside China, before the
    switch or after the mission they are left out. The same points twice are once. A clock that is wrong is put right by what it says now."""
    staff_id = _check_aboard(kind, subject, actor)
    one_at_a_time("whereabouts", kind, subject)
    trail = Trail.objects.filter(kind=kind, subject=subject, ended_at=None, staff_id=staff_id).first()
    if trail is None:
        raise Conflict(_("位置上报已关闭，或已由同车另一部手机上报。"))
    rules, now = limits(), clock.now()
    if len(points) > rules.most_points:
        raise InvalidInput(_("一次最多上传 %(n)s 个位置。") % {"n": rules.most_points})
    wrong = device_at - now
    ahead = wrong if abs(wrong) > timedelta(minutes=rules.clock_minutes) else timedelta()
    rows, every = [], timedelta(seconds=rules.every_seconds)
    last = Point.objects.filter(trail=trail).order_by("-at").values_list("at", flat=True).first()
    for one in sorted(points, key=lambda point: point.at):
        at = min(one.at - ahead, now)
        if at < trail.began_at or (last and at - last < every) or not network.is_in_china(one.latitude, one.longitude):
            continue
        last = at
        rows.append(
            Point(
                trail=trail, at=at, received_at=now, latitude=round(one.latitude, 6), longitude=round(one.longitude, 6),
                accuracy=round(min(max(one.accuracy, 0), 100_000)),
            )
        )  # fmt: skip
    Point.objects.bulk_create(rows)
    return len(rows)


def forget() -> int:
    """Delete points whose days are over, and the trails without any; returns how many points."""
    before = clock.now() - timedelta(days=limits().keep_days)
    gone, _kinds = Point.objects.filter(at__lt=before).delete()
    Trail.objects.filter(began_at__lt=before, points=None).delete()
    return gone


def _check_aboard(kind: str, subject: UUID, actor: Actor) -> UUID:
    """The person aboard; refuses anybody else, and a mission that is not under way."""
    mission = mission_of(kind)
    if mission is None:
        raise NotFound()
    if not actor.has(REPORT) or actor.staff_id is None or not mission.is_aboard(subject, actor):
        raise Forbidden(_("只有这一趟车上的人可以上报位置。"))
    if not mission.is_under_way(subject):
        raise Conflict(_("这一趟没有在途，不上报位置。"))
    return actor.staff_id
