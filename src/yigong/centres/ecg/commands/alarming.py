"""A red alert: the critical value of an ECG that suggests a heart attack opens the emergency room's chest-pain case; where no emergency centre serves, somebody here is called."""

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yigong.centres.ecg import queries
from yigong.centres.ecg.events import ChestPainSuspected
from yigong.centres.ecg.rules.chest_pain import parameters
from yigong.core.actor import Actor
from yigong.core.events.api import record
from yigong.network import api as network
from yigong.orders import api as orders
from yigong.orders.data import CriticalData
from yigong.residents import api as residents
from yigong.tasks import api as tasks

EXPECT = tasks.declare_kind("ecg.chest_pain", gettext_lazy("胸痛预警"), pressing=True)


def raise_alert(critical: CriticalData, actor: Actor) -> None:
    """Called with each critical value of the service, inside its transaction."""
    rules = parameters()
    if critical.item not in rules.items:
        return
    order = orders.order(critical.order_id, actor=actor)
    place = queries.place_of_treatment(order.requesting_institution_id)
    record(
        ChestPainSuspected(
            critical.id, order.id, order.resident_id, critical.item, order.requesting_institution_id,
            place.institution_id if place else None,
        )
    )  # fmt: skip
    if place is not None:
        # The emergency room opens the case and asks whom it needs.
        return
    at = order.reporting_institution_id
    person = residents.resident_names([order.resident_id]).get(order.resident_id)
    staff = network.duty_staff(at, rules.duty_role)
    tasks.open_task(
        key=f"{EXPECT}:{critical.id}", kind=EXPECT, urgent=True, institution_id=at,
        title=_("胸痛预警，请准备接收：%(who)s %(what)s（%(where)s）")
        % {
            "who": person.name if person else "", "what": critical.item_label,
            "where": queries.institution_name(order.requesting_institution_id),
        },
        staff_id=staff.id if staff else None, role="" if staff else rules.duty_role, about_resident_id=order.resident_id,
        subject=("critical", critical.id), due_at=critical.due_at, url=reverse("orders:critical", args=[critical.id]),
        escalate_to=tasks.Escalation(role="director"),
    )  # fmt: skip
