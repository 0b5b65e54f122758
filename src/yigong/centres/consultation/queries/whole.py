"""One consultation with all its parts, for its page and its sheet; whoever asks has decided."""

from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from yigong.centres.consultation import policies
from yigong.centres.consultation.commands.closing import ADOPTION
from yigong.centres.consultation.models import Consultation, Opinion
from yigong.centres.consultation.queries.reading import refer_url
from yigong.centres.consultation.rules.definitions import advice_kinds, parameters
from yigong.centres.consultation.rules.workflow import ADVICE, INVITATION
from yigong.core.actor import Actor, system
from yigong.core.states.api import history
from yigong.network import api as network
from yigong.orders import api as orders
from yigong.orders.data import VersionData
from yigong.residents import api as residents

ROOM = system("consultation")


def conclusion(order_id: UUID) -> VersionData | None:
    """The newest signed conclusion; None while there is none."""
    report = orders.report_of(order_id, actor=ROOM)
    return report.current if report else None


def question(row: Consultation) -> dict[str, Any]:
    """What was asked, in the words of the request."""
    order = orders.order_facts(row.order_id)
    return {"order": order, "resident": residents.resident_names([order.resident_id]).get(order.resident_id)}


def whole(row: Consultation, actor: Actor) -> dict[str, Any]:
    """Everything that the page shows, and what this actor may do."""
    order = orders.order_facts(row.order_id)
    report = orders.report_of(row.order_id, actor=ROOM)
    invitations = list(row.invitations.select_related("expert", "institution").order_by("id"))
    own = next((i for i in reversed(invitations) if i.expert_id == actor.staff_id and actor.staff_id), None)
    known, labels = parameters(), {piece.code: piece.label for piece in parameters().pieces}
    return {
        "row": row, "order": order, "resident": residents.resident_names([order.resident_id]).get(order.resident_id),
        "report": report, "names": network.institutions({order.requesting_institution_id, order.performing_institution_id}),
        "asker_name": row.order.requesting_staff.name if row.order.requesting_staff else "",
        "invitations": [_seen(i) for i in invitations], "own": own, "attendances": list(row.attendances.order_by("side", "id")),
        "opinions": list(_opinions(row)), "advice": [_advice(a, order.resident_id) for a in row.advice.order_by("position", "id")],
        "evaluation": getattr(row, "evaluation", None), "adoption": ADOPTION, "shares": _shares(row), "pieces": labels,
        "templates": orders.templates_of_order(row.order_id, actor), "missing": [labels.get(code, code) for code in row.missing], "records": list(row.records.order_by("-at")),
        "purpose_label": known.purposes.get(row.purpose_code, ""), "form_label": known.forms.get(row.form, ""),
        "decline_reasons": known.decline_reasons, "is_asker": policies.is_asker(row, actor),
        "is_coordinator": policies.is_coordinator(row, actor), **_session(row, actor, order.state), "history": _history(row), "declined": _unreplaced(invitations),
    }  # fmt: skip


def _session(row: Consultation, actor: Actor, state: str) -> dict[str, Any]:
    """Whether the actor leads the session, may begin it now or may end it, and whom its host still waits for."""
    coordinates, hosts = policies.is_coordinator(row, actor), policies.is_host(row, actor)
    open_now = row.form == "video" and state in ("accepted", "scheduled", "no_show") and not row.began_at
    waits = policies.host_waits_for(row) if hosts and open_now and not coordinates else ""
    asked = open_now and row.invitations.exists()
    return {
        "may_begin": asked and (coordinates or (hosts and not waits)), "host_waits": waits,
        "may_finish": state == "checked_in" and (coordinates or hosts),
    }  # fmt: skip


def _seen(row: Any) -> tuple[Any, str]:
    return row, _(INVITATION.states[row.state].label)


def _unreplaced(rows: list[Any]) -> set[UUID]:
    """Invitations that ended without anybody in their place."""
    replaced = {row.replaces_id for row in rows}
    return {row.pk for row in rows if row.state in ("declined", "withdrawn") and row.pk not in replaced}


def _opinions(row: Consultation) -> Any:
    rows = Opinion.objects.filter(invitation__consultation=row).select_related("invitation__institution")
    return rows.order_by("invitation_id", "-number")


def _advice(row: Any, resident_id: UUID) -> dict[str, Any]:
    kind = advice_kinds().get(row.category)
    refer = refer_url(resident_id, kind.refer) if kind and kind.refer else ""
    label = kind.label if kind else row.category
    return {"row": row, "label": label, "state_label": _(ADVICE.states[row.state].label), "refer": refer}


def _shares(row: Consultation) -> list[tuple[str, str, int]]:
    labels = {"inviting": _("邀请方"), "centre": _("会诊中心"), "institutions": _("专家所在机构"), "experts": _("专家")}
    rows = row.shares.filter(taken_back_at__isnull=True).select_related("institution", "expert").order_by("id")
    return [
        (labels[s.kind], f"{s.institution.short_name} {s.expert.name if s.expert else ''}".strip(), s.amount)
        for s in rows
    ]


def _history(row: Consultation) -> list[dict[str, Any]]:
    lines = [(orders.order_state_label("consultation", c.to_state), c) for c in history(row.order_id)]
    for invitation in row.invitations.select_related("expert"):
        lines += [
            (f"{invitation.expert.name} {_(INVITATION.states[c.to_state].label)}", c) for c in history(invitation.pk)
        ]
    found = sorted(lines, key=lambda pair: pair[1].at, reverse=True)
    return [{"at": c.at, "title": title, "text": c.reason, "by": c.actor_name} for title, c in found]
