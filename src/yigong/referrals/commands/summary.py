"""The summary that goes back: a document of the resident's record, seen by the sender and the contract doctor the same day."""

from django.utils.translation import gettext as _

from yigong.core.actor import Actor
from yigong.network import api as network
from yigong.records import api as records
from yigong.records.data import Source
from yigong.referrals.models import Referral
from yigong.referrals.rules import definitions as rules


def file(row: Referral, actor: Actor) -> None:
    """Put the feedback into the record; without a known resident there is no record to put it into."""
    if row.resident_id is None:
        return
    kind = "discharge_summary" if row.kind == "inpatient" else "outpatient_note"
    place = network.institution(row.to_institution_id).name
    lines = [
        (_("诊断"), f"{row.result_diagnosis} {row.result_code}".strip()),
        (_("结局"), str(rules.OUTCOME[row.outcome_code])),
        (_("诊治小结"), row.feedback.get("summary", "")),
        (_("下一步建议"), row.feedback.get("plan", "")),
    ]
    records.add_document(
        kind=kind,
        title=_("转诊诊治小结（%(place)s）") % {"place": place},
        content={"referral": row.number, "outcome": row.outcome_code, "code": row.result_code, **row.feedback},
        text="\n".join(f"{label}：{text}" for label, text in lines if text),
        resident_id=row.resident_id,
        source=Source(app="referrals", id=row.id, number=row.number),
        institution_id=row.to_institution_id,
        actor=actor,
    )
