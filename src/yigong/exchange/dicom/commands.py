"""Changes of the archive that a person makes. Receiving itself is in ``archive.ingest``."""

from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from yigong.core import clock
from yigong.core.actor import Actor
from yigong.core.commands import racing
from yigong.core.errors import Conflict, Forbidden, InvalidInput, NotFound
from yigong.core.events.api import record
from yigong.exchange.dicom import matching, policies, rules
from yigong.exchange.dicom.data import NodeData
from yigong.exchange.dicom.events import StudyDetached
from yigong.exchange.dicom.models import ConflictingInstance, Node, Study
from yigong.orders import api as orders
from yigong.orders.data import StudyMatch
from yigong.residents import api as residents


class AlreadyAttached(Conflict):
    """Somebody else has attached the study meanwhile."""

    code = "dicom.already_attached"
    message = "这组影像已由%(who)s关联到申请，请刷新后查看；如需更换，请先解除关联。"


class TitleTaken(InvalidInput):
    """AE titles are unique."""

    code = "dicom.title_taken"


@racing("dicom.attach")
@transaction.atomic
def attach_study(*, study_id: UUID, order_id: UUID, actor: Actor, reason: str = "") -> UUID:
    """A person says which order a study belongs to; a difference of identity is flagged and needs a reason. Returns the order's id."""
    study = _to_match(study_id, actor)
    if held := matching.current_attachment(study.pk):
        raise AlreadyAttached(who=held.attached_by)
    order = orders.order(order_id, actor=actor)
    differences = compare(study, order.resident_id)
    if differences and not reason.strip():
        sentence = _("身份不一致（%(what)s），请写明如何核实后再关联。") % {"what": "、".join(differences)}
        raise InvalidInput(sentence, errors={"reason": sentence})
    match = StudyMatch(
        order.id, order.accession, order.resident_id, "person", not differences, tuple(differences), reason
    )
    matching.attach(study, match, method="person", reason=reason, actor=actor)
    return order.id


@transaction.atomic
def detach_study(*, study_id: UUID, reason: str, actor: Actor) -> None:
    """Undo an attachment; the study is listed again for a person, and is not matched by itself any more."""
    study = _to_match(study_id, actor)
    held = matching.current_attachment(study.pk)
    if held is None:
        raise NotFound(_("这组影像没有关联到申请。"))
    if not reason.strip():
        raise InvalidInput(errors={"reason": _("请写明解除关联的原因，例如“选错了申请单”。")})
    held.detached_by, held.detached_at, held.detach_reason = actor.name[:50], clock.now(), reason.strip()[:200]
    held.save(update_fields=["detached_by", "detached_at", "detach_reason"])
    study.matching, study.reason = Study.Matching.UNMATCHED, Study.Reason.DETACHED
    study.save(update_fields=["matching", "reason"])
    orders.study_detached(study_uid=study.uid, reason=reason, actor=matching.on_behalf(actor))
    record(StudyDetached(study_id=study.pk, study_uid=study.uid, order_id=held.order_id, reason=reason.strip()))


def compare(study: Study, resident_id: UUID) -> list[str]:
    """What differs between the images and the person, as short words."""
    person = residents.resident_names([resident_id]).get(resident_id)
    if person is None:
        return []
    sex = {"1": "M", "2": "F"}.get(person.sex, "")
    same = rules.same_person(
        name=study.patient_name, sex=study.sex, birth=None, other_name=person.name, other_sex=sex, other_birth=None
    )
    return [] if same else [_("影像：%(a)s，申请：%(b)s") % {"a": study.patient_name or "—", "b": person.name}]


@transaction.atomic
def resolve_conflict(*, conflict_id: UUID, resolution: str, actor: Actor) -> None:
    """A person has looked at an object that came under a taken UID; both files stay."""
    _require(actor, policies.MATCH)
    if not resolution.strip():
        raise InvalidInput(errors={"resolution": _("请写明核对结果，例如“设备重发时改了患者编号，保留原件”。")})
    changed = ConflictingInstance.objects.filter(pk=conflict_id, resolved_at__isnull=True).update(
        resolved_at=clock.now(), resolved_by=actor.name[:50], resolution=resolution.strip()[:200]
    )
    if not changed:
        raise Conflict(_("这条冲突已由他人处理。"))


@transaction.atomic
def save_node(*, node_id: UUID | None, actor: Actor, **values: object) -> NodeData:
    """Register or change a device or archive. Titles are at most 16 signs of printable ASCII (PS3.5, AE)."""
    _require(actor, policies.MANAGE)
    title = str(values.get("title", "")).strip()
    if not (0 < len(title) <= 16 and title.isascii() and title.isprintable() and "\\" not in title):
        raise InvalidInput(errors={"title": _("AE标题为1到16个英文字母、数字或符号，与设备上的设置完全一致。")})
    if (values.get("may_retrieve") or values.get("port")) and not (values.get("host") and values.get("port")):
        raise InvalidInput(errors={"host": _("允许取回影像的设备需要填写主机地址和端口。")})
    node = Node.objects.select_for_update().filter(pk=node_id).first() if node_id else Node()
    if node is None:
        raise NotFound()
    for name, value in {**values, "title": title}.items():
        setattr(node, name, value)
    try:
        with transaction.atomic():
            node.save()
    except IntegrityError as taken:
        raise TitleTaken(errors={"title": _("AE标题“%(t)s”已登记给另一台设备，请换一个。") % {"t": title}}) from taken
    return node_data(node)


def node_data(node: Node) -> NodeData:
    """A node as other rooms see it."""
    return NodeData(node.pk, node.title, node.name, node.institution_id, node.host, node.port, node.is_active)


def _to_match(study_id: UUID, actor: Actor) -> Study:
    _require(actor, policies.MATCH)
    study = Study.objects.select_for_update().filter(pk=study_id).first()
    if study is None:
        raise NotFound()
    return study


def _require(actor: Actor, permission: str) -> None:
    if not actor.has(permission):
        raise Forbidden(_("您没有这项操作的权限，请联系本机构管理员。"))
