"""Modality worklist (PS3.4, annex K): a device fetches the examinations its institution still has to do."""

import fnmatch
from collections.abc import Iterator
from datetime import date
from typing import Any
from uuid import NAMESPACE_OID, uuid5

from pydicom.dataset import Dataset
from pynetdicom.events import Event
from pynetdicom.sop_class import ModalityWorklistInformationFind  # type: ignore[attr-defined]

from yigong.core import clock
from yigong.exchange.dicom import rules
from yigong.exchange.dicom.models import Node
from yigong.exchange.dicom.scp.find import CANCELLED, NOT_AUTHORISED, PENDING, caller_of, charset_for
from yigong.exchange.dicom.scp.nodes import Directory
from yigong.orders import api as orders

WORKLIST_MODEL = ModalityWorklistInformationFind
_SEX = {"1": "M", "2": "F", "M": "M", "F": "F"}


def answer_worklist(event: Event, directory: Directory) -> Iterator[tuple[int, Dataset | None]]:
    """The scheduled examinations of the node's institution that match the keys."""
    node = caller_of(event, directory)
    if node is None or not node.may_worklist or node.institution_id is None:
        yield NOT_AUTHORISED, None
        return
    asked = event.identifier
    charset = charset_for(node, asked)
    for item in scheduled(node, asked):
        if event.is_cancelled:
            yield CANCELLED, None
            return
        yield PENDING, entry(item, node, charset)


def scheduled(node: Node, asked: Dataset) -> list[Any]:
    """What the orders' room has for this device."""
    if node.institution_id is None:
        return []
    step = (asked.get("ScheduledProcedureStepSequence") or [Dataset()])[0]
    modality = catalogue_group(str(step.get("Modality", "") or "").replace("*", ""))
    found = []
    for day in _days(str(step.get("ScheduledProcedureStepStartDate", "") or "")):
        found += orders.modality_worklist(institution_id=node.institution_id, modality=modality, day=day)
    return [item for item in found if _matches(item, asked)]


def entry(item: Any, node: Node, charset: str) -> Dataset:
    """One worklist item (PS3.4, table K.6-1). Patient ID is the resident's key, so that the images find their way back."""
    at = item.scheduled_at.astimezone(clock.SHANGHAI)
    answer = Dataset()
    answer.SpecificCharacterSet = charset
    answer.AccessionNumber = item.accession
    answer.PatientName = item.patient_name
    answer.PatientID = item.resident_id.hex
    answer.PatientSex = _SEX.get(item.sex, "O")
    answer.PatientBirthDate = item.birth_date.strftime("%Y%m%d") if item.birth_date else ""
    answer.ReferringPhysicianName = item.requesting_doctor
    answer.RequestingPhysician = item.requesting_doctor
    answer.StudyInstanceUID = study_uid(item.accession)
    answer.RequestedProcedureID = item.number[-16:]
    answer.RequestedProcedureDescription = item.item_name[:64]
    answer.RequestedProcedurePriority = "STAT" if item.urgent else "ROUTINE"
    answer.AdmissionID, answer.MedicalAlerts, answer.Allergies = "", "", ""
    step = Dataset()
    step.Modality = device_modality(item.modality)
    step.ScheduledStationAETitle = node.title
    step.ScheduledStationName = ""
    step.ScheduledProcedureStepStartDate = at.strftime("%Y%m%d")
    step.ScheduledProcedureStepStartTime = at.strftime("%H%M%S")
    step.ScheduledPerformingPhysicianName = ""
    step.ScheduledProcedureStepDescription = item.item_name[:64]
    step.ScheduledProcedureStepID = item.item_code[:16]
    answer.ScheduledProcedureStepSequence = [step]
    return answer


def device_modality(group: str) -> str:
    """The catalogue says DR for what devices call DX."""
    return "DX" if group == "DR" else group


def catalogue_group(modality: str) -> str:
    """And the other way round."""
    return "DR" if modality in {"DX", "CR"} else modality


def study_uid(accession: str) -> str:
    """The same UID each time a device asks for the same order (a UUID-derived UID of PS3.5, B.2)."""
    return f"2.25.{uuid5(NAMESPACE_OID, 'yigong:' + accession).int}"


def _days(text: str) -> list[date | None]:
    if not text:
        return [None]
    first, last = rules.date_range(text)
    first, last = first or clock.today(), last or clock.today()
    span = min((last - first).days, 14)
    return [date.fromordinal(first.toordinal() + n) for n in range(span + 1)] or [None]


def _matches(item: Any, asked: Dataset) -> bool:
    accession = str(asked.get("AccessionNumber", "") or "")
    if accession.strip("*") and accession != item.accession:
        return False
    if (patient := str(asked.get("PatientID", "") or "")).strip("*") and patient != item.resident_id.hex:
        return False
    wanted = str(asked.get("PatientName", "") or "")
    return not wanted.strip("*") or _name_matches(wanted, item.patient_name)


def _name_matches(wanted: str, name: str) -> bool:
    keys = rules.name_keys(name)
    pattern = rules.fold_wildcard(wanted)
    return any(fnmatch.fnmatchcase(key, pattern) for key in (keys.key, keys.pinyin, keys.initials))
