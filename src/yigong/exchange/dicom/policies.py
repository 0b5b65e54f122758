"""Who may see a study: whoever is related to its resident, the readers of the imaging centre, and for unmatched ones those who match."""

import threading
import time
from datetime import timedelta
from uuid import UUID

from django.db import connection
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from yigong.access import api as access
from yigong.access.data import Decision, Subject
from yigong.core import clock
from yigong.core.actor import Actor
from yigong.core.errors import Forbidden
from yigong.core.rights import note_decision
from yigong.exchange.dicom.models import Study, StudyAttachment, StudyOpening

READ = access.declare(
    "dicom.read",
    "查看影像",
    roles={
        "village_doctor", "gp", "township_manager", "technician", "specialist", "radiologist",
        "senior_radiologist", "ecg_reader", "referral_office", "duty_chief", "nurse",
    },
)  # fmt: skip
READ_ALL = access.declare("dicom.read_all", "查看全部影像（阅片中心）", roles={"radiologist", "senior_radiologist"})
MATCH = access.declare(
    "dicom.match", "影像与申请的关联", roles={"technician", "radiologist", "senior_radiologist", "ecg_reader"}
)
SEND = access.declare(
    "dicom.send", "上传影像", roles={"technician", "gp", "township_manager", "radiologist", "senior_radiologist"}
)
MANAGE = access.declare("dicom.manage", "管理影像设备与存储", roles={"admin"})

# A study opened once is one line of the read log for this long, however many frames the viewer fetches.
WINDOW = timedelta(minutes=30)
_REMEMBER_SECONDS = 60.0
_remembered: dict[tuple[UUID | None, UUID | None, UUID], float] = {}
_lock = threading.Lock()


def visible(actor: Actor) -> QuerySet[Study]:
    """Every study the actor may open (the list twin of ``decide``)."""
    if actor.is_system or actor.has(READ_ALL):
        return Study.objects.all()
    mine = Q(pk__in=[])
    if actor.has(READ):
        related = StudyAttachment.objects.filter(
            detached_at__isnull=True, resident_id__in=access.visible_residents(actor)
        )
        mine |= Q(pk__in=related.values("study_id"))
    if actor.has(MATCH):
        mine |= _to_match(actor)
    return Study.objects.filter(mine)


def decide(actor: Actor, action: str, study_id: UUID) -> Decision:
    """May the actor open this study? A matched study is about its resident, and the answer is logged as such."""
    attached = StudyAttachment.objects.filter(study_id=study_id, detached_at__isnull=True).first()
    resident_id = attached.resident_id if attached else None

    def answer(allowed: bool, basis: str, explanation: str, next_step: str = "") -> Decision:
        return Decision(allowed, basis, explanation, next_step, resident_id=resident_id)

    if actor.is_system:
        return answer(True, "system", _("系统自动处理"))
    if not (actor.has(READ) or actor.has(MATCH)):
        return answer(False, "none", _("您的岗位不能查看影像。"), _("如需查看，请联系本机构管理员。"))
    if visible(actor).filter(pk=study_id).exists():
        basis = "permission" if actor.has(READ_ALL) or not attached else "order"
        return answer(True, basis, _("依据：阅片或服务关系"))
    if attached is None:
        next_step = _("请联系本机构技师或影像中心先完成关联。")
        return answer(False, "none", _("这组影像尚未关联到申请，只有负责匹配的人员可以查看。"), next_step)
    next_step = _("可以请对方发起转诊，或登记居民本人的授权。")
    return answer(False, "none", _("%(place)s与该居民没有服务关系。") % {"place": actor.institution_name}, next_step)


def open_study(study_id: UUID, *, actor: Actor) -> None:
    """Decide about a study; the read is logged once per person and window. Raises Forbidden."""
    key = (actor.account_id or actor.staff_id, actor.post_id, study_id)
    if _remembered.get(key, 0) > time.monotonic():
        note_decision()
        return
    if not _begin_window(key):
        decision = decide(actor, "read_detail", study_id)
        note_decision()
        if not decision.allowed:
            raise Forbidden(f"{decision.explanation}{decision.next_step}")
    else:
        decision = _logged_decision(study_id, key[0], actor)
    if decision.resident_id is None:  # It may be attached to somebody any moment, and that look must not pass unseen.
        return
    with _lock:
        if len(_remembered) > 10_000:
            _remembered.clear()
        _remembered[key] = time.monotonic() + _REMEMBER_SECONDS


def _logged_decision(study_id: UUID, person: UUID | None, actor: Actor) -> Decision:
    try:
        return access.require(actor, "read_detail", Subject("study", study_id))
    except Forbidden:  # a refusal opens no window
        if person is not None:
            StudyOpening.objects.filter(person=person, study_id=study_id).delete()
        raise


def _to_match(actor: Actor) -> Q:
    """Unmatched studies of the actor's own places, and those whose sender belongs to no place."""
    own = Q(institution_id__in=actor.institution_ids) | Q(institution_id__isnull=True)
    return own & ~Q(matching=Study.Matching.MATCHED)


def _begin_window(key: tuple[UUID | None, UUID | None, UUID]) -> bool:
    """Whether a new window begins with this read; the database remembers, because several processes serve one viewer."""
    if key[0] is None:
        return True
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into dicom_studyopening (person, post, study_id, opened_at) values (%s, %s, %s, %s) "
            "on conflict (person, study_id) do update set opened_at = excluded.opened_at, post = excluded.post "
            "where dicom_studyopening.opened_at < %s or dicom_studyopening.post is distinct from excluded.post returning 1",
            [*key, clock.now(), clock.now() - WINDOW],
        )
        return cursor.fetchone() is not None
