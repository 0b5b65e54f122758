"""A recording is measured after it arrived, outside every request."""

from django.db import transaction

from yigong.centres.ecg import queries
from yigong.centres.ecg.events import RecordingKept
from yigong.centres.ecg.models import Measurement, Recording
from yigong.centres.ecg.rules import measuring
from yigong.core import clock
from yigong.core.actor import system
from yigong.orders import api as orders
from yigong.residents import api as residents


@transaction.atomic
def measure_recording(event: RecordingKept) -> None:
    """Propose values; a suspicion puts the order at the head of the reading list. Told again, it only looks at the order again."""
    row = Recording.objects.filter(pk=event.recording_id).select_related("resident").first()
    if row is None:
        return
    known = Measurement.objects.filter(recording=row).first() or _measure(row)
    if known.suspicion and row.order_id:
        orders.put_first(order_id=row.order_id, reason=known.suspicion, actor=system("ecg"))


def _measure(row: Recording) -> Measurement:
    found = measuring.measure(queries.tracing_of(row))
    sex, age = row.patient_sex, None
    if row.resident_id:
        person = residents.access_resident(row.resident_id, actor=system("ecg"))
        sex, age = person.sex, person.age_years
    made, _new = Measurement.objects.get_or_create(
        recording=row,
        defaults={
            "method": measuring.METHOD, "measured_at": clock.now(), "beats": found.beats, "heart_rate": found.rate, "pr": found.pr,
            "qrs": found.qrs, "qt": found.qt, "qtc": found.qtc, "axis": found.axis, "rv5_sv1": found.rv5_sv1, "regular": found.regular,
            "longest_rr": found.longest, "st_levels": dict(found.st), "suspicion": measuring.suspicion(found, sex=sex, age=age),
        },
    )  # fmt: skip
    return made
