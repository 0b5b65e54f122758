"""The asking side evaluates; with that the consultation is closed and nobody reads the file any more."""

from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from yigong.access import api as access
from yigong.centres.consultation import policies
from yigong.centres.consultation.commands import waiting
from yigong.centres.consultation.commands.errors import WrongMoment
from yigong.centres.consultation.events import ConsultationClosed
from yigong.centres.consultation.models import Consultation, Evaluation
from yigong.core import clock
from yigong.core.actor import Actor
from yigong.core.commands import racing
from yigong.core.errors import Conflict, InvalidInput
from yigong.core.events.api import record
from yigong.orders import api as orders
from yigong.tasks import api as tasks

ADOPTION = {"all": "全部采纳", "part": "部分采纳", "none": "未采纳"}


@racing("consultation.evaluate")
@transaction.atomic
def evaluate(
    *, order_id: UUID, promptness: int, usefulness: int, adoption: str, actor: Actor, comment: str = ""
) -> Evaluation:
    """Once: promptness and usefulness from 1 to 5, how far the conclusion was adopted. A low mark or “none” asks for words.

    Ends the experts' relationships to the resident, and the one that the order gave the centre's institution.
    """
    row = policies.access_consultation(order_id, actor=actor, lock=True)
    policies.must_ask(row, actor)
    if not_yet(row):
        raise WrongMoment(state=orders.order_facts(order_id).state_label, what=_("评价"))
    _check(promptness, usefulness, adoption, comment)
    try:
        with transaction.atomic():
            made = Evaluation.objects.create(
                consultation=row, promptness=promptness, usefulness=usefulness, adoption=adoption, comment=comment.strip()[:500],
                by_name=actor.name,
            )  # fmt: skip
    except IntegrityError:
        raise Conflict(_("%(who)s已评价过这次会诊。") % {"who": row.evaluation.by_name}) from None
    row.closed_at = clock.now()
    row.save(update_fields=["closed_at"])
    for source in (row.order_id, *row.invitations.values_list("pk", flat=True)):
        access.close_relationships(source=source)
    tasks.resolve_task(key=f"{waiting.EVALUATE}:{row.order_id}", actor=actor)
    record(ConsultationClosed(row.order_id, row.order.resident_id))
    return made


def not_yet(row: Consultation) -> str:
    """Why there is nothing to evaluate; empty once a conclusion stands."""
    if row.order.state in {"reported", "completed"}:
        return ""
    return _("会诊现为“%(state)s”，主持专家签发会诊结论后才能评价。") % {
        "state": orders.order_facts(row.order_id).state_label
    }


def _check(promptness: int, usefulness: int, adoption: str, comment: str) -> None:
    errors = {}
    for name, score in (("promptness", promptness), ("usefulness", usefulness)):
        if not 1 <= score <= 5:
            errors[name] = _("请选择 1 到 5 分。")
    if adoption not in ADOPTION:
        errors["adoption"] = _("请选择采纳情况。")
    if not comment.strip() and (min(promptness, usefulness) <= 2 or adoption == "none"):
        errors["comment"] = _("评分较低或未采纳的，请写明原因，便于会诊中心改进。")
    if errors:
        raise InvalidInput(errors=errors)
