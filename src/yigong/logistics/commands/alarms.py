"""To-dos that come from the road: a temperature broken, a box nobody signed for, a run held up."""

from collections.abc import Iterable
from datetime import timedelta
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yigong.core import clock
from yigong.core.actor import Actor
from yigong.logistics.models import Consignment, Run, Temperature, Trouble
from yigong.logistics.rules import definitions
from yigong.network import api as network
from yigong.tasks import api as tasks

HOT = tasks.declare_kind("logistics.temperature", gettext_lazy("运送超温"))
SIGN = tasks.declare_kind("logistics.sign", gettext_lazy("运到待签收"))
HELD_UP = tasks.declare_kind("logistics.trouble", gettext_lazy("物流班次受阻"))
FAILED = tasks.declare_kind("logistics.failed", gettext_lazy("运送丢失或破损"))


def excursion(row: Consignment, reading: Temperature) -> None:
    """Sender and receiver are told, each once while the to-do is open."""
    band, names = definitions.bands()[row.band], _names(row)
    for place, roles in _sides(row):
        tasks.open_task(
            key=f"{HOT}:{row.pk}:{place}", kind=HOT, institution_id=place, role=_post(place, roles), urgent=True,
            title=_("%(number)s 途中 %(celsius)s ℃，要求%(band)s（%(way)s）")
            % {"number": row.number, "celsius": reading.celsius, "band": band.label, "way": names},
            url=reverse("logistics:consignment", args=[row.pk]), subject=("logistics.consignment", row.pk),
            due_at=clock.now() + timedelta(minutes=definitions.parameters().alarm_minutes),
        )  # fmt: skip


def ask_to_sign(row: Consignment) -> None:
    """It stands at the receiver's door."""
    roles = definitions.goods_of(row.kind).receiver_roles
    tasks.open_task(
        key=f"{SIGN}:{row.pk}", kind=SIGN, institution_id=row.receiver_id, role=_post(row.receiver_id, roles),
        title=_("%(kind)s %(number)s 已送达，请清点签收") % {"kind": definitions.goods_of(row.kind).label, "number": row.number},
        url=reverse("logistics:consignment", args=[row.pk]), subject=("logistics.consignment", row.pk), due_at=row.due_at,
    )  # fmt: skip


def remind_to_sign(row: Consignment) -> None:
    """Nobody signed in time: the sender should ask."""
    roles = definitions.goods_of(row.kind).sender_roles
    tasks.open_task(
        key=f"{SIGN}:{row.pk}:late", kind=SIGN, institution_id=row.sender_id, role=_post(row.sender_id, roles), urgent=True,
        title=_("%(number)s 送达后无人签收，请与%(place)s核实") % {"number": row.number, "place": row.receiver.short_name},
        url=reverse("logistics:consignment", args=[row.pk]), subject=("logistics.consignment", row.pk),
    )  # fmt: skip


def failed(row: Consignment, word: str, reason: str) -> None:
    """Both ends hear of a loss or a break, whatever the owning room does about it."""
    for place, roles in _sides(row):
        tasks.open_task(
            key=f"{FAILED}:{row.pk}:{place}", kind=FAILED, institution_id=place, role=_post(place, roles), urgent=True,
            title=_("%(kind)s %(number)s %(what)s：%(why)s")
            % {"kind": definitions.goods_of(row.kind).label, "number": row.number, "what": word, "why": reason},
            url=reverse("logistics:consignment", args=[row.pk]), subject=("logistics.consignment", row.pk),
        )  # fmt: skip


def held_up(run: Run, trouble: Trouble) -> None:
    """The dispatcher decides about the way on."""
    tasks.open_task(
        key=f"{HELD_UP}:{trouble.pk}", kind=HELD_UP, institution_id=run.base_id, role="logistics_dispatcher", urgent=True,
        title=_("%(run)s %(what)s：%(note)s；%(way)s")
        % {"run": run.name, "what": definitions.troubles()[trouble.kind], "note": trouble.note, "way": trouble.way_on},
        url=reverse("logistics:run", args=[run.pk]), subject=("logistics.run", run.pk),
    )  # fmt: skip


def settle(row: Consignment, actor: Actor) -> None:
    """Signed for: nobody need be asked any more."""
    tasks.resolve_tasks(keys=[f"{SIGN}:{row.pk}", f"{SIGN}:{row.pk}:late"], actor=actor)


def _sides(row: Consignment) -> list[tuple[UUID, Iterable[str]]]:
    kind = definitions.goods_of(row.kind)
    return [(row.sender_id, kind.sender_roles), (row.receiver_id, kind.receiver_roles)]


def _post(place: UUID, roles: Iterable[str]) -> str:
    """The first of the roles that anybody holds there."""
    wanted = list(roles)
    return next((role for role in wanted if network.posts_at(place, role)), wanted[0])


def _names(row: Consignment) -> str:
    return f"{row.sender.short_name} → {row.receiver.short_name}"
