"""Reads of the archive, shared by pages, DICOMweb and C-FIND: one place decides what a key matches."""

import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import CharField, Count, Lookup, Q, QuerySet, Sum
from django.urls import reverse
from django.utils.translation import gettext as _

from yigong.core.paging import Page, page_of
from yigong.exchange.dicom import rules
from yigong.exchange.dicom.archive import files
from yigong.exchange.dicom.data import StorageUse, StudyData
from yigong.exchange.dicom.models import ConflictingInstance, Instance, Series, Study, StudyAttachment
from yigong.orders.data import ViewerLink

Criteria = Mapping[str, str]


@CharField.register_lookup
class Like(Lookup):
    """SQL LIKE with a ready pattern."""

    lookup_name = "like"

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        """``column LIKE pattern``."""
        left, left_values = self.process_lhs(compiler, connection)
        right, right_values = self.process_rhs(compiler, connection)
        return f"{left} LIKE {right}", (*left_values, *right_values)


_STUDY_TEXT = {
    "00100020": "patient_number",
    "00080050": "accession_number",
    "00081030": "description",
    "00080080": "institution_name",
    "00100040": "sex",
}
_SERIES_TEXT = {"00080060": "modality", "0008103E": "description", "00180015": "body_part"}


def match_studies(rows: QuerySet[Study], criteria: Criteria, *, fuzzy: bool = False) -> QuerySet[Study]:
    """Studies matching DICOM keys (tag → value): single value, wildcards, lists of UIDs, ranges of dates (PS3.4, C.2.2.2)."""
    for tag, value in criteria.items():
        if not value or value == "*":
            continue
        if tag == "0020000D":
            rows = rows.filter(uid__in=_uids(value))
        elif tag == "00100010":
            rows = rows.filter(name_filter(value, fuzzy=fuzzy))
        elif tag in {"00080020", "00100030"}:
            rows = _dates(rows, "taken_on" if tag == "00080020" else "birth_date", value)
        elif tag in {"00080061", "00080060"}:
            rows = rows.filter(modalities__overlap=[part for part in value.replace(",", "\\").split("\\") if part])
        elif tag in _STUDY_TEXT:
            rows = rows.filter(_text(_STUDY_TEXT[tag], value))
        elif tag == "0020000E":
            rows = rows.filter(series__uid__in=_uids(value))
        elif tag == "00080018":
            rows = rows.filter(series__instances__uid__in=_uids(value))
    return rows


def match_series(rows: QuerySet[Series], criteria: Criteria) -> QuerySet[Series]:
    """Series matching their own keys and those of their study."""
    for tag, value in criteria.items():
        if not value or value == "*":
            continue
        if tag == "0020000E":
            rows = rows.filter(uid__in=_uids(value))
        elif tag in _SERIES_TEXT:
            rows = rows.filter(_text(_SERIES_TEXT[tag], value))
        elif tag == "00200011" and value.strip().lstrip("-").isdigit():
            rows = rows.filter(number=int(value))
    return rows


def match_instances(rows: QuerySet[Instance], criteria: Criteria) -> QuerySet[Instance]:
    """Instances matching their own keys."""
    for tag, value in criteria.items():
        if not value or value == "*":
            continue
        if tag == "00080018":
            rows = rows.filter(uid__in=_uids(value))
        elif tag == "00080016":
            rows = rows.filter(sop_class__in=_uids(value))
        elif tag == "00200013" and value.strip().lstrip("-").isdigit():
            rows = rows.filter(number=int(value))
    return rows


def name_filter(value: str, *, fuzzy: bool = False) -> Q:
    """A person name key by characters, pinyin or initials, with DICOM wildcards; ``fuzzy`` finds any part of the name."""
    pattern = rules.name_pattern(value)
    if fuzzy:
        pattern = f"%{pattern.strip('%')}%"
    found = Q(name_key__like=pattern) | Q(pinyin__like=pattern)
    return found | Q(initials__like=pattern)


def _text(field: str, value: str) -> Q:
    if "*" in value or "?" in value:
        return Q(**{f"{field}__like": rules.like_pattern(value)})
    return Q(**{field: value})


def _uids(value: str) -> list[str]:
    return [uid for uid in value.replace(",", "\\").split("\\") if uid]


def _dates(rows: QuerySet[Study], field: str, value: str) -> QuerySet[Study]:
    first, last = rules.date_range(value)
    if first is None and last is None:
        return rows.none()
    if first:
        rows = rows.filter(**{f"{field}__gte": first})
    return rows.filter(**{f"{field}__lte": last}) if last else rows


def search(rows: QuerySet[Study], *, text: str = "", modality: str = "", since: Any = None, until: Any = None,
           institution_id: UUID | None = None, page: int = 1, limit: int = 20) -> Page[StudyData]:  # fmt: skip
    """The list page: one field for name, initials, patient number and accession number."""
    if text := text.strip():
        pattern = rules.name_pattern(text) + "%"
        names = Q(name_key__like=pattern) | Q(pinyin__like=pattern) | Q(initials__like=pattern)
        rows = rows.filter(names | Q(accession_number=text) | Q(patient_number=text))
    if modality:
        rows = rows.filter(modalities__contains=[modality])
    if since:
        rows = rows.filter(taken_on__gte=since)
    if until:
        rows = rows.filter(taken_on__lte=until)
    if institution_id:
        rows = rows.filter(institution_id=institution_id)
    return page_of(rows.order_by("-received_at", "-id"), page=page, limit=limit, convert=to_data)


def to_data(rows: Iterable[Study]) -> list[StudyData]:
    """Studies as other rooms see them, with their attachments, in two queries."""
    studies = list(rows)
    attached = {
        found.study_id: found for found in StudyAttachment.objects.filter(study__in=studies, detached_at__isnull=True)
    }
    return [_study_data(study, attached.get(study.pk)) for study in studies]


def _study_data(study: Study, attached: StudyAttachment | None) -> StudyData:
    return StudyData(
        id=study.pk, uid=study.uid, patient_name=study.patient_name, patient_number=study.patient_number, sex=study.sex,
        birth_date=study.birth_date, taken_on=study.taken_on, accession_number=study.accession_number,
        description=study.description, modalities=tuple(study.modalities), institution_name=study.institution_name,
        series_count=study.series_count, image_count=study.image_count, bytes=study.bytes, matching=study.matching,
        matching_label=study.get_matching_display(), reason=study.reason, reason_label=study.get_reason_display(),
        received_at=study.received_at, sender=study.sender, order_id=attached.order_id if attached else None,
        resident_id=attached.resident_id if attached else None,
        identity_differs=attached.identity_differs if attached else False,
        url=reverse("dicom:study", args=[study.pk]), thumbnail_url=reverse("dicom:thumbnail", args=[study.pk]),
    )  # fmt: skip


def studies_of_orders(order_ids: Iterable[UUID]) -> list[StudyData]:
    """All studies attached to these orders, oldest first."""
    found = StudyAttachment.objects.filter(order_id__in=list(order_ids), detached_at__isnull=True)
    return to_data(Study.objects.filter(pk__in=found.values("study_id")).order_by("received_at"))


def held_about(ids: Iterable[UUID]) -> int:
    """How many studies are attached to these residents' keys."""
    return StudyAttachment.objects.filter(resident_id__in=list(ids), detached_at__isnull=True).count()


def studies_of_residents(resident_ids: Iterable[UUID]) -> list[StudyData]:
    """All studies attached to these people, newest first."""
    found = StudyAttachment.objects.filter(resident_id__in=list(resident_ids), detached_at__isnull=True)
    return to_data(Study.objects.filter(pk__in=found.values("study_id")).order_by("-taken_on", "-received_at"))


def viewer_links(order_id: UUID) -> list[ViewerLink]:
    """What the orders' room shows of an order: the quick look for its reading page, and the full viewer where it is installed."""
    links = []
    for study in studies_of_orders([order_id]):
        label = f"{'/'.join(study.modalities)} {study.description}".strip() or _("影像")
        if study.modalities == ("ECG",):  # no picture: the ECG centre draws the waveform
            links.append(ViewerLink(label=_("归档：%(what)s") % {"what": label}, url=study.url))
            continue
        embedded = f"{study.url}?embed=1"
        links.append(ViewerLink(label=label, url=embedded, embed=True, image_url=study.thumbnail_url))
        if viewer_installed():
            links.append(ViewerLink(label=_("完整阅片：%(what)s") % {"what": label}, url=full_viewer_url(study.uid)))
    return links


def full_viewer_url(study_uid: str) -> str:
    """The full viewer's address for a study."""
    return f"/ohif/viewer?StudyInstanceUIDs={study_uid}"


def viewer_installed() -> bool:
    """Whether the asset step has put the full viewer into the data folder; the quick look works without it."""
    return (Path(settings.DATA) / "ohif" / "index.html").exists()


def storage_use() -> StorageUse:
    """Totals for the management page."""
    total = Study.objects.aggregate(n=Count("id"), images=Sum("image_count"), size=Sum("bytes"))
    files.root().mkdir(parents=True, exist_ok=True)
    disk = shutil.disk_usage(files.root())
    return StorageUse(
        studies=total["n"], images=total["images"] or 0, bytes=total["size"] or 0, disk_free=disk.free,
        disk_total=disk.total, conflicts=ConflictingInstance.objects.filter(resolved_at__isnull=True).count(),
        unmatched=Study.objects.filter(matching=Study.Matching.UNMATCHED).count(),
    )  # fmt: skip
