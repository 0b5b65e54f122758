"""When images stop coming: count what is there, and tell the house that a study has arrived."""

from datetime import timedelta
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Count, Q, Sum

from yigong.core import clock
from yigong.core.events.api import record
from yigong.exchange.dicom.events import StudyArrived
from yigong.exchange.dicom.models import Instance, Series, Study

_COUNT_SERIES = """
update dicom_series s set image_count = c.n
from (select series_id, count(*) as n from dicom_instance
      where series_id in (select id from dicom_series where study_id = %s) group by series_id) c
where s.id = c.series_id and s.image_count <> c.n
"""


@transaction.atomic
def settle(study_id: UUID) -> bool:
    """Bring the study's counts up to date; records StudyArrived when images were added. Safe to repeat and to race."""
    study = Study.objects.select_for_update().filter(pk=study_id).first()
    if study is None:
        return False
    with connection.cursor() as cursor:
        cursor.execute(_COUNT_SERIES, [study_id])
    total = Instance.objects.filter(series__study_id=study_id).aggregate(n=Count("id"), size=Sum("size"))
    grown = total["n"] != study.image_count
    study.image_count, study.bytes = total["n"], total["size"] or 0
    study.modalities = sorted(
        set(Series.objects.filter(study_id=study_id).exclude(modality="").values_list("modality", flat=True))
    )
    study.series_count = Series.objects.filter(study_id=study_id).count()
    study.settled_at = clock.now()
    study.save(update_fields=["image_count", "bytes", "modalities", "series_count", "settled_at"])
    if grown:
        record(StudyArrived(study_id=study.pk, study_uid=study.uid, images=study.image_count))
    return grown


def unsettled() -> list[UUID]:
    """Studies left growing by a process that ended without settling them."""
    recent = clock.now() - timedelta(hours=1)
    waiting = Study.objects.filter(Q(settled_at__isnull=True) | Q(touched_at__gt=recent))
    return list(waiting.values_list("pk", flat=True))
