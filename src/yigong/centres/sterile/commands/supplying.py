"""Asked for, issued, on the road, received."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Count, F
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yigong.centres.sterile.commands import processing
from yigong.centres.sterile.commands.errors import LoadMismatch, NotServed
from yigong.centres.sterile.commands.moving import (
    locked_pack,
    move,
    pack_data,
    refuse_elsewhere,
    refuse_unfit,
    round_of,
    set_round,
)
from yigong.centres.sterile.data import PLAIN, Context, Scanned
from yigong.centres.sterile.models import Delivery, Pack, Round, SupplyLine, SupplyRequest
from yigong.centres.sterile.policies import RECEIVE
from yigong.centres.sterile.policies import REQUEST as REQUEST_RIGHT
from yigong.centres.sterile.rules import definitions
from yigong.centres.sterile.rules.workflow import DELIVERY, REQUEST
from yigong.core import clock
from yigong.core.actor import Actor, system
from yigong.core.commands import racing
from yigong.core.errors import Conflict, Forbidden, InvalidInput, NotFound
from yigong.core.numbers.api import dated_number
from yigong.core.states.api import start, transition
from yigong.logistics import api as logistics
from yigong.logistics.data import ConsignmentData
from yigong.logistics.events import ConsignmentFailed
from yigong.network import api as network
from yigong.tasks import api as tasks

ASKED = tasks.declare_kind("sterile.request", gettext_lazy("无菌包申领"))
ARRIVING = tasks.declare_kind("sterile.delivery", gettext_lazy("无菌包待签收"))
# Clean packs on their way to an institution, used ones on their way back, as kinds of goods.
CLEAN, USED = "clean", "used"
MOST_LINES = 30
FARTHEST = timedelta(days=60)


class NotOnTheList(Conflict):
    """The request does not ask for this set."""

    code = "sterile.not_asked"
    message = "申领单 %(number)s 没有要 %(set)s，请换一张发放单或先改申领。"


@transaction.atomic
def request_packs(
    *, quantities: Mapping[str, int], needed_on: date, actor: Actor, urgent: bool = False, note: str = ""
) -> SupplyRequest:
    """The actor's institution asks its centre for packs by set. Urgent needs a note."""
    if not actor.has(REQUEST_RIGHT) or actor.institution_id is None:
        raise Forbidden(_("您的岗位不能申领无菌包，请联系本机构护士或管理人员。"))
    wanted = {code: count for code, count in quantities.items() if count}
    if not wanted or len(wanted) > MOST_LINES or any(not 1 <= n <= 500 for n in wanted.values()):
        raise InvalidInput(errors={"quantities": _("请至少填写一种器械包的数量，每种 1 到 500 包。")})
    if not clock.today() <= needed_on <= clock.today() + FARTHEST:
        raise InvalidInput(errors={"needed_on": _("需要日期应在今天到两个月之内。")})
    if urgent and not note.strip():
        raise InvalidInput(errors={"note": _("加急请写明原因。")})
    centre = network.serving_centre("sterile", actor.institution_id)
    if centre is None:
        raise NotServed(institution=network.institution(actor.institution_id).short_name)
    return _ask(actor.institution_id, centre.institution_id, wanted, needed_on, actor, urgent=urgent, note=note)


def _ask(
    place: UUID, centre: UUID, wanted: Mapping[str, int], needed_on: date, actor: Actor, *, urgent: bool, note: str
) -> SupplyRequest:
    row = SupplyRequest(
        number=dated_number("sterile.request", "SL"), centre_id=centre, institution_id=place, urgent=urgent, needed_on=needed_on,
        note=note.strip()[:200], asked_at=clock.now(), asked_by=actor.name[:80],
    )  # fmt: skip
    start(REQUEST, row, "asked", actor=actor)
    SupplyLine.objects.bulk_create(
        SupplyLine(request=row, set_code=code, set_name=definitions.instrument_set(code).title, quantity=count)
        for code, count in wanted.items()
    )
    tasks.open_task(
        key=f"{ASKED}:{row.pk}", kind=ASKED, institution_id=centre, role="sterile_technician", urgent=urgent,
        title=_("%(place)s申领 %(n)s 包") % {"place": network.institution(place).short_name, "n": sum(wanted.values())},
        url=reverse("sterile:request", args=[row.pk]), subject=("sterile.request", row.pk),
    )  # fmt: skip
    return row


@transaction.atomic
def end_request(*, request_id: UUID, action: str, reason: str, actor: Actor) -> SupplyRequest:
    """The centre rejects or closes it short, the asker cancels it: each with a reason."""
    if action not in {"reject", "close", "cancel"}:
        raise InvalidInput(errors={"action": _("请选择要做的操作。")})
    row = SupplyRequest.objects.filter(pk=request_id).first()
    if row is None:
        raise NotFound()
    done = transition(REQUEST, row, action, actor=actor, reason=reason)
    tasks.resolve_task(key=f"{ASKED}:{row.pk}", actor=actor, note=reason)
    return done


@transaction.atomic
def open_delivery(*, institution_id: UUID, actor: Actor, request_id: UUID | None = None) -> Delivery:
    """Packs are put together for an institution, for a request or without one (the weekly tour)."""
    from yigong.centres.sterile.commands.registering import centre_of

    network.institution(institution_id)
    row = Delivery(
        number=dated_number("sterile.delivery", "FF"), centre_id=centre_of(actor), institution_id=institution_id,
        opened_at=clock.now(), opened_by=actor.name[:80],
    )  # fmt: skip
    if request_id:
        asked = SupplyRequest.objects.filter(pk=request_id, institution_id=institution_id).first()
        if asked is None:
            raise NotFound()
        row.request = transition(REQUEST, asked, "begin", actor=actor)
    start(DELIVERY, row, "open", actor=actor)
    return row


@racing("sterile.issue")
@transaction.atomic
def issue(*, code: str, actor: Actor, context: Context = PLAIN) -> Scanned:
    """Step 9: into an open delivery. Outdated, recalled and foreign packs are refused; an older pack on the shelf is pointed out."""
    delivery = _delivery(context.delivery_id)
    pack = locked_pack(code)
    row = round_of(pack)
    if delivery.state != "open" or delivery.centre_id != pack.centre_id:
        raise LoadMismatch(label=row.label, why=_("发放单 %(n)s 已发车或不属于本中心。") % {"n": delivery.number})
    refuse_unfit(pack, _("发放"))
    if pack.owner_id and pack.owner_id != delivery.institution_id:
        owner = network.institution(pack.owner_id).short_name
        raise LoadMismatch(label=row.label, why=_("这是%(owner)s的专用包。") % {"owner": owner})
    warning = _about_request(delivery, pack) or _older(pack)
    moved = move(pack, "issue", actor=actor, second=context.second, holder_id=delivery.institution_id)
    set_round(
        row, delivery=delivery, destination_id=delivery.institution_id, issued_at=clock.now(), issued_on=clock.today(),
        price=definitions.price_of(pack.set_code),
    )  # fmt: skip
    return Scanned(pack_data(moved), "issue", _("已装入发放单 %(n)s") % {"n": delivery.number}, warning)


@transaction.atomic
def send_delivery(*, delivery_id: UUID, container: str, actor: Actor, courier: str = "") -> Delivery:
    """Packed in a closed box: it waits for the next run, or goes at once with ``courier``. A request that has all it asked for is done."""
    row = _delivery(delivery_id)
    count = row.rounds.count()
    if not count:
        raise InvalidInput(_("发放单还是空的，请先扫入器械包。"))
    if not container.strip():
        raise InvalidInput(errors={"container": _("请填写密闭箱（车）编号。")})
    box = logistics.open_consignment(
        kind=CLEAN, sender_id=row.centre_id, receiver_id=row.institution_id, band="any", pieces=count, number=row.number,
        actor=replace(actor, role="system"),
    )  # fmt: skip
    carrier = replace(actor, role="system")
    if courier.strip():
        logistics.hand_over(consignment_id=box.id, courier=courier, seal=container, actor=carrier)
    else:
        logistics.close_consignment(consignment_id=box.id, seal=container, actor=carrier)
    done = transition(DELIVERY, row, "send", actor=actor, consignment_id=box.id, sent_at=clock.now())
    if row.request_id and row.request is not None and not lacking(row.request) and row.request.state == "issuing":
        transition(REQUEST, row.request, "complete", actor=actor)
        tasks.resolve_task(key=f"{ASKED}:{row.request_id}", actor=actor)
    tasks.open_task(
        key=f"{ARRIVING}:{row.pk}", kind=ARRIVING, institution_id=row.institution_id, role="nurse",
        title=_("%(n)s 包无菌包在途，请签收（%(number)s）") % {"n": count, "number": row.number},
        url=reverse("sterile:delivery", args=[row.pk]), subject=("sterile.delivery", row.pk),
    )  # fmt: skip
    return done


@transaction.atomic
def send_back(*, actor: Actor) -> ConsignmentData:
    """Used and outdated packs of the actor's institution wait for the run that takes them to the centre; asked again, the same box waits."""
    here = actor.institution_id
    if here is None or not actor.has(RECEIVE):
        raise Forbidden(_("您的岗位不能交运待回收的器械包。"))
    centre = network.serving_centre("sterile", here)
    if centre is None or centre.institution_id == here:
        raise NotServed(institution=network.institution(here).short_name)
    count = to_send_back(here)
    if not count:
        raise InvalidInput(_("本机构现在没有待回收的器械包。"))
    carrier = replace(actor, role="system")
    waiting = logistics.consignment_list(actor, view="to_send", kind=USED).items
    mine = next((one for one in waiting if one.sender_id == here), None)
    if mine is not None and mine.state == "waiting":
        logistics.reopen_consignment(consignment_id=mine.id, actor=carrier)
    key = mine.id if mine else logistics.open_consignment(
        kind=USED, receiver_id=centre.institution_id, band="any", actor=carrier
    ).id  # fmt: skip
    return logistics.close_consignment(consignment_id=key, pieces=min(count, 500), actor=carrier)


def to_send_back(institution_id: UUID) -> int:
    """How many packs at an institution wait for their return."""
    return Pack.objects.filter(holder_id=institution_id, state__in=["used", "expired"]).count()


@transaction.atomic
def delivery_failed(event: ConsignmentFailed) -> None:
    """Lost on the way: its packs are lost until found. Broken: they are taken back to be washed anew. Either way as many are asked for again."""
    if event.kind != CLEAN:
        return
    row = Delivery.objects.select_for_update().filter(consignment_id=event.consignment_id, state="sent").first()
    if row is None:
        return
    actor, wanted = system("logistics"), Counter[str]()
    for label in list(Round.objects.filter(delivery=row, pack__round=F("id"), pack__state="issued").order_by("pack_id").values_list("label", flat=True)):  # fmt: skip
        pack = locked_pack(label)
        wanted[pack.set_code] += 1
        if event.how == "lost":
            move(pack, "lose", actor=actor, note=event.reason)
        else:
            processing.collect(code=label, actor=actor, context=Context(reason=event.reason))
    transition(DELIVERY, row, "fail", actor=actor, reason=event.reason)
    tasks.cancel_task(key=f"{ARRIVING}:{row.pk}", reason=event.reason, actor=actor)
    if wanted:
        note = _("发放单 %(n)s 途中丢失或破损，请补发") % {"n": row.number}
        _ask(row.institution_id, row.centre_id, wanted, clock.today(), actor, urgent=True, note=note)


@transaction.atomic
def cancel_delivery(*, delivery_id: UUID, reason: str, actor: Actor) -> Delivery:
    """An empty delivery opened by mistake."""
    row = _delivery(delivery_id)
    if row.rounds.exists():
        raise InvalidInput(_("发放单里还有器械包，请先撤销扫描。"))
    return transition(DELIVERY, row, "cancel", actor=actor, reason=reason)


@transaction.atomic
def receive(*, code: str, actor: Actor, context: Context = PLAIN) -> Scanned:
    """Step 10: arrived at the institution it was sent to. The last one of a delivery ends it."""
    pack = locked_pack(code)
    refuse_elsewhere(pack, actor)
    row = round_of(pack)
    if row.delivery is not None and pack.state == "issued" and row.delivery.state == "open":
        raise LoadMismatch(label=row.label, why=_("发放单 %(n)s 还没有发车。") % {"n": row.delivery.number})
    refuse_unfit(pack, _("签收"))
    moved = move(pack, "receive", actor=actor, second=context.second)
    set_round(row, received_at=clock.now())
    if row.delivery_id and not on_the_way(row.delivery_id):
        _end(row.delivery_id, actor)
    return Scanned(pack_data(moved), "receive", _("已签收"))


@transaction.atomic
def receive_all(*, delivery_id: UUID, actor: Actor) -> int:
    """Counted together with the list and complete; returns how many packs. Outdated or recalled ones stay unreceived."""
    row = _delivery(delivery_id)
    if row.state != "sent":
        raise Conflict(_("发放单 %(n)s 不在运送中。") % {"n": row.number})
    labels = Round.objects.filter(delivery=row, pack__round=F("id"), pack__state="issued", pack__blocked=False)
    found = list(labels.filter(expires_on__gte=clock.today()).order_by("pack_id").values_list("label", flat=True))
    for label in found:
        receive(code=label, actor=actor)
    return len(found)


@transaction.atomic
def report_missing(*, delivery_id: UUID, note: str, actor: Actor) -> int:
    """What is on the list did not arrive: the delivery ends, the centre gets a to-do. Returns how many packs are missing."""
    if not note.strip():
        raise InvalidInput(errors={"note": _("请写明缺少哪些包、如何发现。")})
    row = _delivery(delivery_id)
    missing = on_the_way(row.pk)
    transition(DELIVERY, row, "receive", actor=actor, reason=note, received_at=clock.now(), received_by=actor.name[:80])
    _sign(row, actor, missing, note)
    tasks.resolve_task(key=f"{ARRIVING}:{row.pk}", actor=actor, note=note)
    tasks.open_task(
        key=f"{ARRIVING}:{row.pk}:missing", kind=ARRIVING, institution_id=row.centre_id, role="sterile_technician", urgent=True,
        title=_("%(number)s 有 %(n)s 包未收到：%(note)s") % {"number": row.number, "n": missing, "note": note.strip()},
        url=reverse("sterile:delivery", args=[row.pk]), subject=("sterile.delivery", row.pk),
    )  # fmt: skip
    return missing


def on_the_way(delivery_id: UUID) -> int:
    """How many packs of a delivery were issued and not received."""
    return Pack.objects.filter(round__delivery_id=delivery_id, state="issued").count()


def issued_by_set(request: SupplyRequest) -> dict[str, int]:
    """How many packs of each set the deliveries of a request hold."""
    found = (
        Round.objects.filter(delivery__request=request)
        .exclude(delivery__state="failed")
        .values("pack__set_code")
        .annotate(n=Count("id"))
    )
    return {row["pack__set_code"]: row["n"] for row in found}


def lacking(request: SupplyRequest) -> dict[str, int]:
    """What a request still wants, by set."""
    done = issued_by_set(request)
    wanted = {line.set_code: line.quantity - done.get(line.set_code, 0) for line in request.lines.all()}
    return {code: count for code, count in wanted.items() if count > 0}


def _delivery(delivery_id: UUID | None) -> Delivery:
    found = Delivery.objects.select_for_update(of=("self",)).filter(pk=delivery_id).first() if delivery_id else None
    if found is None:
        raise InvalidInput(errors={"delivery": _("请先选择或新建发放单。")})
    return found


def _end(delivery_id: UUID, actor: Actor) -> None:
    row = Delivery.objects.get(pk=delivery_id)
    if row.state == "sent":
        transition(DELIVERY, row, "receive", actor=actor, received_at=clock.now(), received_by=actor.name[:80])
        _sign(row, actor, 0, "")
        tasks.resolve_task(key=f"{ARRIVING}:{row.pk}", actor=actor)


def _sign(row: Delivery, actor: Actor, missing: int, note: str) -> None:
    """Its packs were counted: with them the box is signed for, unless somebody did so at the door."""
    if row.consignment_id is None:
        return
    box = logistics.lock_consignment(row.consignment_id)
    if "receive" in logistics.consignment_steps(box.id, actor=system("sterile")):
        logistics.receive(consignment_id=box.id, pieces_in=box.pieces_out - missing, note=note, actor=actor)


def _about_request(delivery: Delivery, pack: Pack) -> str:
    if delivery.request is None:
        return ""
    asked = delivery.request.lines.filter(set_code=pack.set_code).first()
    if asked is None:
        raise NotOnTheList(number=delivery.request.number, set=pack.set_name)
    done = issued_by_set(delivery.request).get(pack.set_code, 0)
    return _("已超过申领数量 %(n)s 包") % {"n": asked.quantity} if done >= asked.quantity else ""


def _older(pack: Pack) -> str:
    """First in, first out: an earlier date on the shelf."""
    expires = round_of(pack).expires_on
    first = Pack.objects.filter(
        centre_id=pack.centre_id, state="stored", set_code=pack.set_code, blocked=False, round__expires_on__lt=expires,
        round__expires_on__gte=clock.today(), owner_id=pack.owner_id,
    ).select_related("round").order_by("round__expires_on").first()  # fmt: skip
    if first is None or first.round is None:
        return ""
    return _("架上有更早到期的 %(label)s（%(day)s），应先发") % {
        "label": first.round.label,
        "day": first.round.expires_on,
    }
