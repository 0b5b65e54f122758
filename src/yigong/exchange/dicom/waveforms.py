"""ECG waveform objects of attached studies go on to the ECG centre, which reads and measures them; the archive keeps the files."""

from yigong.centres.ecg import api as ecg
from yigong.centres.emergency import api as emergency
from yigong.core.actor import system
from yigong.exchange.dicom.archive import files
from yigong.exchange.dicom.events import StudyArrived, StudyAttached, StudyDetached
from yigong.exchange.dicom.matching import current_attachment, file_on_case
from yigong.exchange.dicom.models import Instance, Study


def hand_over(event: StudyAttached | StudyArrived) -> None:
    """Hand the study's ECG objects over; told again, or with more objects, nothing is doubled."""
    attached = current_attachment(event.study_id)
    study, of_case = Study.objects.get(pk=event.study_id), False
    rows = Instance.objects.filter(series__study=study, sop_class__in=ecg.ECG_OBJECTS).order_by("number", "id")
    for digest in rows.values_list("digest", flat=True):
        if attached is None:
            # Recorded in an ambulance: the number is that of an emergency, which has no order.
            of_case |= emergency.take_device_tracing(
                reference=study.accession_number, content=files.path_of(digest).read_bytes(), study_uid=study.uid,
                institution_id=study.institution_id, actor=system("archive"),
            )  # fmt: skip
            continue
        ecg.take_from_archive(
            content=files.path_of(digest).read_bytes(), order_id=attached.order_id, study_uid=study.uid,
            institution_id=study.institution_id, actor=system("archive"),
        )  # fmt: skip
    if of_case:
        file_on_case(study.pk)


def take_back(event: StudyDetached) -> None:
    """A detached study's recordings belong to no order."""
    ecg.give_back_to_archive(study_uid=event.study_uid, actor=system("archive"))
