"""From a study that has arrived to the order it was made for: by accession number, by identity, or by a person."""

from dataclasses import replace
from uuid import UUID

from django.db import transaction

from yigong.core.actor import Actor, system
from yigong.core.errors import DomainError
from yigong.core.events.api import record
from yigong.exchange.dicom import rules
from yigong.exchange.dicom.events import StudyArrived, StudyAttached
from yigong.exchange.dicom.models import Study, StudyAttachment, StudyOpening
from yigong.orders import api as orders
from yigong.orders.data import StudyIdentity, StudyMatch
from yigong.residents import api as residents

_OPEN = {Study.Matching.WAITING, Study.Matching.UNMATCHED}


@transaction.atomic
def match_arrived(event: StudyArrived) -> None:
    """Try to find the order of a study; what stays open is listed for a person. Told again, it tries again or passes on the new count."""
    study = Study.objects.select_for_update().filter(pk=event.study_id).first()
    if study is None:
        return
    attached = current_attachment(study.pk)
    if attached:
        tell_order(study, attached.order_id, actor=system("archive"))
        return
    if study.matching == Study.Matching.CASE:
        return
    if study.reason in {Study.Reason.SENDER, Study.Reason.MIXED, Study.Reason.DETACHED}:
        _leave(study, study.reason)
        return
    proposal = propose(study)
    if proposal is None:
        _leave(study, Study.Reason.NO_ORDER)
    elif not proposal.exact:
        _leave(study, Study.Reason.IDENTITY)
    else:
        _attach_found(study, proposal)


def propose(study: Study) -> StudyMatch | None:
    """The order that the identifiers in the images point to, if any."""
    return orders.find_order_for_study(
        accession=study.accession_number,
        patient_identifier=study.patient_number,
        name=study.patient_name,
        birth_date=study.birth_date,
        sex=study.sex,
        modality=study.modalities[0] if study.modalities else "",
        study_date=study.taken_on,
    )


def current_attachment(study_id: UUID) -> StudyAttachment | None:
    """The attachment that holds now."""
    return StudyAttachment.objects.filter(study_id=study_id, detached_at__isnull=True).first()


def attach(study: Study, match: StudyMatch, *, method: str, reason: str, actor: Actor) -> StudyAttachment:
    """Write the attachment, hand the study to the order and tell the house; within the caller's transaction, the study locked."""
    tell_order(study, match.order_id, actor=actor)
    attachment = StudyAttachment.objects.create(
        study=study,
        order_id=match.order_id,
        resident_id=match.resident_id,
        method=method,
        identity_differs=not match.exact,
        reason=reason.strip()[:200],
        attached_by=actor.name[:50],
    )
    # Whoever looked at it while it was nobody's looks at a person from now on: the next look begins a window with its line.
    StudyOpening.objects.filter(study=study).delete()
    study.matching, study.reason = Study.Matching.MATCHED, Study.Reason.NONE
    person = residents.resident_names([match.resident_id]).get(match.resident_id)
    if person:  # also found by the name of the record, whatever the device could spell
        keys = rules.name_keys(person.name)
        study.name_key, study.pinyin, study.initials = keys.key, keys.pinyin, keys.initials
    study.save(update_fields=["matching", "reason", "name_key", "pinyin", "initials"])
    record(
        StudyAttached(
            study_id=study.pk,
            study_uid=study.uid,
            order_id=match.order_id,
            resident_id=match.resident_id,
            method=method,
            identity_differs=not match.exact,
        )
    )
    return attachment


def tell_order(study: Study, order_id: UUID, *, actor: Actor) -> None:
    """The order learns how many images there are and what they say about the person."""
    orders.study_received(
        order_id=order_id,
        study_uid=study.uid,
        modality=study.modalities[0] if study.modalities else "",
        images=study.image_count,
        institution_id=study.institution_id,
        identity=identity_of(study),
        actor=on_behalf(actor),
    )


def file_on_case(study_id: UUID) -> None:
    """The study belongs to an emergency: nobody at the archive's desk has to look for its order."""
    Study.objects.filter(pk=study_id, matching__in=_OPEN).update(matching=Study.Matching.CASE, reason="")


def on_behalf(actor: Actor) -> Actor:
    """The archive acting for a person whose right to match was decided here; the order's own steps belong to other roles."""
    return replace(actor, role="system")


def identity_of(study: Study) -> StudyIdentity:
    """What the images say about the person."""
    return StudyIdentity(study.patient_number, study.patient_name, study.birth_date, study.sex)


def _attach_found(study: Study, proposal: StudyMatch) -> None:
    method = StudyAttachment.Method.ACCESSION if proposal.by == "accession" else StudyAttachment.Method.IDENTITY
    try:
        with transaction.atomic():
            attach(study, proposal, method=method, reason=proposal.explanation, actor=system("archive"))
    except DomainError:  # the order does not take images now: a person decides
        study.refresh_from_db()
        _leave(study, Study.Reason.NO_ORDER)


def _leave(study: Study, reason: str) -> None:
    study.matching, study.reason = Study.Matching.UNMATCHED, reason
    study.save(update_fields=["matching", "reason"])
