"""Loads, machines, requests, deliveries and shortages as lists."""

from typing import Any

from django.db.models import Count, F, Max, OuterRef, Q, QuerySet, Subquery

from yigong.centres.sterile.models import Delivery, Load, Machine, MonitoringTest, Shortage, SupplyRequest
from yigong.centres.sterile.policies import PROCESS
from yigong.centres.sterile.queries.packs import sees_all
from yigong.core.actor import Actor
from yigong.core.errors import NotFound


def _party(actor: Actor) -> Q:
    """The institution it is for; people of the centre see what their centre does for anybody."""
    client = Q(institution_id__in=actor.places)
    return client | Q(centre_id__in=actor.places) if actor.has(PROCESS) else client


def loads(actor: Actor, *, state: str = "", text: str = "") -> QuerySet[Load]:
    """Loads of the actor's centre (of all centres for who watches), newest first."""
    rows = Load.objects.select_related("machine").annotate(n=Count("rounds"), washed_n=Count("washed"))
    if not sees_all(actor):
        rows = rows.filter(centre_id__in=actor.places)
    if state:
        rows = rows.filter(state=state)
    if text:
        rows = rows.filter(Q(number__contains=text.strip().upper()) | Q(machine__name__contains=text.strip()))
    return rows.order_by("-opened_at")


def open_loads(actor: Actor, kind: str) -> list[Load]:
    """Loads that take packs now."""
    return list(Load.objects.filter(centre_id__in=actor.places, kind=kind, state="open").select_related("machine"))


def load_of(load_id: Any, actor: Actor) -> Load:
    """One load or NotFound."""
    row = loads(actor).filter(pk=load_id).first()
    if row is None:
        raise NotFound()
    return row


def machines(actor: Actor) -> QuerySet[Machine]:
    """Machines with their last good biological test."""
    good = MonitoringTest.objects.filter(machine=OuterRef("pk"), kind="biological", good=True).order_by("-taken_at")
    rows = Machine.objects.annotate(last_good=Subquery(good.values("taken_at")[:1]), last_run=Max("loads__started_at"))
    return rows.order_by("code") if sees_all(actor) else rows.filter(centre_id__in=actor.places).order_by("code")


def machine_of(machine_id: Any, actor: Actor) -> Any:
    """One machine or NotFound."""
    row = machines(actor).filter(pk=machine_id).first()
    if row is None:
        raise NotFound()
    return row


def requests(actor: Actor, *, state: str = "") -> QuerySet[SupplyRequest]:
    """Requests to the own centre or of the own institution; urgent and soonest first while open."""
    rows = SupplyRequest.objects.select_related("institution").prefetch_related("lines")
    if not sees_all(actor):
        rows = rows.filter(_party(actor))
    if state == "open":
        return rows.filter(state__in=["asked", "issuing"]).order_by("-urgent", "needed_on", "asked_at")
    return (rows.filter(state=state) if state else rows).order_by("-asked_at")


def deliveries(actor: Actor, *, state: str = "") -> QuerySet[Delivery]:
    """Deliveries from the own centre or to the own institution, newest first."""
    rows = Delivery.objects.select_related("institution", "request", "consignment").annotate(
        n=Count("rounds"), got=Count("rounds", filter=Q(rounds__received_at__isnull=False))
    )
    if not sees_all(actor):
        rows = rows.filter(_party(actor))
    return (rows.filter(state=state) if state else rows).order_by("-opened_at")


def shortages(actor: Actor, *, state: str = "open") -> QuerySet[Shortage]:
    """Shortages of the own centre or of the own institution, oldest open first."""
    rows = Shortage.objects.select_related("pack", "institution")
    if not sees_all(actor):
        rows = rows.filter(_party(actor))
    return rows.filter(state=state).order_by(F("declared_at").asc() if state == "open" else F("declared_at").desc())
