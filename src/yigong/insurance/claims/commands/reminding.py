"""The time to upload is over: the coders are told once."""

from datetime import timedelta

from yigong.core import clock
from yigong.insurance.claims.models import SettlementList
from yigong.tasks import api as tasks


def remind(row: SettlementList) -> timedelta | None:
    """A task for the coders of the institution; the clock does not start again."""
    tasks.open_task(
        key=f"claims.late.{row.id}", kind="claims.late", title=f"结算清单到期未上传：{row.patient_name} {row.number}",
        institution_id=row.institution_id, url=f"/claims/{row.id}/", role="quality_manager", about_resident_id=row.resident_id,
        due_at=clock.now(), subject=("settlement_list", row.id),
    )  # fmt: skip
    return None
