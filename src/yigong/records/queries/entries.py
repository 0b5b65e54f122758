"""Rows as data."""

from collections.abc import Collection, Sequence
from uuid import UUID

from django.utils.translation import gettext as _

from yigong.core import statements
from yigong.core.clock import SHANGHAI
from yigong.core.errors import NotFound
from yigong.records import rules
from yigong.records.data import (
    DOCUMENT_KINDS,
    AlertData,
    AllergyData,
    ConditionData,
    DocumentData,
    EncounterContents,
    EncounterData,
    NewLine,
    PrescriptionData,
    ResultData,
    ResultGroupData,
)
from yigong.records.models import (
    Allergy,
    Condition,
    Document,
    Encounter,
    Prescription,
    PrescriptionLine,
    Procedure,
    Result,
    ResultGroup,
)
from yigong.residents import api as residents
from yigong.residents.data import ResidentData


def held_about(ids: Collection[UUID]) -> int:
    """How many entries are kept under these residents' keys."""
    models = (Encounter, Condition, Allergy, ResultGroup, Prescription, Procedure, Document)
    return sum(model.objects.filter(resident_id__in=ids).count() for model in models)


def open_about(ids: Collection[UUID]) -> int:
    """How many encounters are still open."""
    return Encounter.objects.filter(resident_id__in=ids, status=Encounter.Status.OPEN).count()


def keys_of(resident_id: UUID) -> frozenset[UUID]:
    """All keys under which this person's entries may be stored."""
    return residents.identities(resident_id)


def encounter_data(e: Encounter) -> EncounterData:
    """One encounter."""
    return EncounterData(
        e.id, e.resident_id, e.kind, _(str(Encounter.Kind(e.kind).label)), e.class_code, e.is_automatic, e.institution_id,
        e.department_id, e.staff_id, e.status, _(str(Encounter.Status(e.status).label)), e.occurred_at, e.ended_at, e.complaint,
        e.advice,
    )  # fmt: skip


def condition_data(c: Condition) -> ConditionData:
    """One diagnosis."""
    return ConditionData(
        c.id, c.resident_id, c.encounter_id, c.code_system, c.code, c.text, c.status, c.is_primary, c.is_lasting, c.onset_on,
        c.occurred_at, c.institution_id, c.staff_id,
    )  # fmt: skip


def allergy_data(a: Allergy) -> AllergyData:
    """One allergy."""
    return AllergyData(
        a.id, a.category, _(str(Allergy.Category(a.category).label)), a.substance, a.reaction, a.severity,
        _(str(Allergy.Severity(a.severity).label)), a.is_active, a.occurred_at,
    )  # fmt: skip


def resident_of_allergy(allergy_id: UUID) -> UUID:
    """Whose allergy this is; NotFound."""
    return _resident(Allergy, allergy_id)


def resident_of_condition(condition_id: UUID) -> UUID:
    """Whose condition this is; NotFound."""
    return _resident(Condition, condition_id)


def _resident(kind: type[Allergy] | type[Condition], key: UUID) -> UUID:
    found = kind.objects.filter(pk=key).values_list("resident_id", flat=True).first()
    if found is None:
        raise NotFound()
    return found


def result_data(r: Result) -> ResultData:
    """One value."""
    label = _(str(Result.Flag(r.flag).label)) if r.flag else ""
    return ResultData(
        r.id, r.group_id, r.code, r.name, r.value, r.text, r.unit, r.low, r.high, r.flag, label, r.occurred_at
    )


def values_of(group_ids: Collection[UUID]) -> dict[UUID, list[ResultData]]:
    """The values of groups, one query however many."""
    values: dict[UUID, list[ResultData]] = {key: [] for key in group_ids}
    if values:
        for r in statements.objects(Result, "where group_id = any(%(ids)s) order by id", {"ids": list(values)}):
            values[r.group_id].append(result_data(r))
    return values


def result_groups(ids: Collection[UUID]) -> dict[UUID, ResultGroupData]:
    """Groups with their values, two queries however many."""
    values = values_of(ids)
    return {
        g.id: ResultGroupData(
            g.id, g.resident_id, g.category, g.title, g.occurred_at, g.institution_id, g.worst_flag, tuple(values[g.id])
        )
        for g in ResultGroup.objects.filter(pk__in=ids)
    }


def result_group(key: UUID) -> ResultGroupData:
    """One group; NotFound."""
    found = result_groups([key])
    if key not in found:
        raise NotFound(_("没有找到这组结果。"))
    return found[key]


def prescriptions(rows: Sequence[Prescription]) -> list[PrescriptionData]:
    """Prescriptions with their lines, one query for all lines."""
    lines: dict[UUID, list[NewLine]] = {p.id: [] for p in rows}
    written = "where prescription_id = any(%(ids)s) order by place"
    for line in statements.objects(PrescriptionLine, written, {"ids": list(lines)}) if lines else ():
        lines[line.prescription_id].append(
            NewLine(
                line.name,
                line.code,
                line.form,
                line.dose,
                line.route,
                line.frequency,
                line.days,
                line.quantity,
                line.unit,
            )
        )
    return [
        PrescriptionData(
            p.id, p.resident_id, p.kind, p.occurred_at, p.institution_id, p.staff_id, p.is_active, tuple(lines[p.id]),
            tuple(rules.line_text(line) for line in lines[p.id]),
        )
        for p in rows
    ]  # fmt: skip


def prescription_data(p: Prescription) -> PrescriptionData:
    """One prescription."""
    return prescriptions([p])[0]


def document_data(d: Document) -> DocumentData:
    """One version of a document."""
    return DocumentData(
        d.id, d.series_id, d.version, d.resident_id, d.kind, _(DOCUMENT_KINDS.get(d.kind, d.title)), d.title, d.content, d.text,
        d.status, _(str(Document.Status(d.status).label)), d.author_name, d.institution_id, d.occurred_at, d.finalised_at, d.reason,
        d.supersedes_id, d.source_app, d.source_id,
    )  # fmt: skip


def document_versions(series_id: UUID) -> list[DocumentData]:
    """All versions of a document, newest first."""
    return [document_data(d) for d in Document.objects.filter(series_id=series_id).order_by("-version")]


def trend(resident_id: UUID, code: str, limit: int = 60) -> list[ResultData]:
    """The numbers of one code over time, oldest first, the newest ``limit``."""
    return trends(resident_id, [code], limit)[code]


_TRENDS = """
where id in (
    select r.id from unnest(%(codes)s::text[]) as wanted(code) cross join lateral (
        select id from records_result
        where resident_id = any(%(keys)s) and code = wanted.code and value is not null
        order by occurred_at desc limit %(limit)s
    ) r
) order by occurred_at
"""


def trends(resident_id: UUID, codes: Sequence[str], limit: int) -> dict[str, list[ResultData]]:
    """The same of several codes in one query; every code asked for has its list."""
    found: dict[str, list[ResultData]] = {code: [] for code in codes}
    values = {"keys": list(keys_of(resident_id)), "codes": list(codes), "limit": limit}
    for r in statements.objects(Result, _TRENDS, values):
        found[r.code].append(result_data(r))
    return found


def alerts_of(group: ResultGroupData, resident: ResidentData) -> list[AlertData]:
    """What the national rules say about a group of vital signs."""
    by_loinc = {sign.loinc: code for code, sign in rules.signs().items()}
    values = {by_loinc[r.code]: r.value for r in group.results if r.code in by_loinc}
    day = group.occurred_at.astimezone(SHANGHAI).date()
    return rules.alerts(values, residents.age_on(resident.birth_date, day), resident.sex)


def contents_of(encounter_id: UUID) -> EncounterContents:
    """Everything written within one contact with care."""
    prescribed = list(Prescription.objects.filter(encounter_id=encounter_id).order_by("occurred_at"))
    groups = ResultGroup.objects.filter(encounter_id=encounter_id).order_by("occurred_at").values_list("id", flat=True)
    found = result_groups(list(groups))
    return EncounterContents(
        conditions=tuple(
            condition_data(c) for c in Condition.objects.filter(encounter_id=encounter_id).order_by("-is_primary", "id")
        ),
        results=tuple(found.values()),
        prescriptions=tuple(prescriptions(prescribed)),
        procedures=tuple(
            Procedure.objects.filter(encounter_id=encounter_id).order_by("id").values_list("text", flat=True)
        ),
        documents=tuple(document_data(d) for d in Document.objects.filter(encounter_id=encounter_id, status="final")),
    )
