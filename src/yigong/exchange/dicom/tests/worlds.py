"""Stored objects without a network, and people who look at them."""

from io import BytesIO
from uuid import UUID

import pydicom
from pydicom.uid import generate_uid

from yigong.exchange.dicom.archive import files, ingest
from yigong.exchange.dicom.archive.settling import settle
from yigong.exchange.dicom.models import Study, StudyAttachment
from yigong.exchange.dicom.tests.samples import sample


def encoded(name: str = "CT_small.dcm", /, **attributes: object) -> bytes:
    """A sample with fresh UIDs and the attributes changed."""
    image = pydicom.dcmread(sample(name))
    uids = {key: generate_uid() for key in ("StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID")}
    for keyword, value in {**uids, **attributes}.items():
        setattr(image, keyword, value)
    image.file_meta.MediaStorageSOPInstanceUID = image.SOPInstanceUID
    out = BytesIO()
    image.save_as(out)
    return out.getvalue()


def store(*objects: bytes, known: bool = True, institution_id: UUID | None = None) -> Study:
    """Store objects and settle their study; returns the last one's."""
    files.prepare()
    intake = ingest.Intake(ingest.Sender("TEST", institution_id, known))
    for raw in objects:
        stored = intake.store(ingest.parcel_of_file(raw))
    settle(stored.study_id)
    return Study.objects.get(pk=stored.study_id)


def attach(study: Study, resident_id: UUID, order_id: UUID) -> None:
    """Attach without going through orders."""
    StudyAttachment.objects.create(
        study=study, order_id=order_id, resident_id=resident_id, method="person", attached_by="测试"
    )
    Study.objects.filter(pk=study.pk).update(matching="matched", reason="")
