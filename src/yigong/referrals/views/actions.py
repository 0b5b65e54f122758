"""The steps that a person may take from the page: their form and their command."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django import forms as django_forms
from django.utils.translation import gettext_lazy as _

from yigong.core.actor import Actor
from yigong.records import api as records
from yigong.referrals import api, forms
from yigong.referrals.data import ReferralData
from yigong.referrals.models import Referral

Run = Callable[[Referral, dict[str, Any], Actor, int], ReferralData]


@dataclass(frozen=True)
class Action:
    """One step: label, form, command, how it looks. ``quiet`` actions are folded away below the main ones."""

    label: Any
    form: type[django_forms.Form]
    run: Run
    kind: str = "primary"
    quiet: bool = False
    help: Any = ""


def form_of(action: str, row: Referral, data: Mapping[str, Any] | None = None) -> django_forms.Form:
    """The step's form for this referral."""
    kind = ACTIONS[action].form
    if action == "accept" and row.direction == "down":
        kind = forms.AcceptDownForm
    return kind(data, prefix=None, initial=_initial(row))


def _initial(row: Referral) -> dict[str, Any]:
    return {
        "sheet_id": str(row.sheet_id or ""),
        "diagnosis_code": row.result_code or row.diagnosis_code,
        "diagnosis_code__text": row.result_diagnosis or row.diagnosis,
        "doctor": row.doctor,
    }


def _plain(command: Callable[..., ReferralData]) -> Run:
    return lambda row, values, actor, version: command(referral_id=row.id, actor=actor, **values)


def _accept(row: Referral, values: dict[str, Any], actor: Actor, version: int) -> ReferralData:
    sheet = values.pop("sheet_id", "")
    return api.accept(
        referral_id=row.id,
        actor=actor,
        sheet_id=UUID(sheet) if sheet else None,
        expected_version=version or None,
        **values,
    )


def _reject(row: Referral, values: dict[str, Any], actor: Actor, version: int) -> ReferralData:
    return api.reject(referral_id=row.id, actor=actor, expected_version=version or None, **values)


def _reopen(row: Referral, values: dict[str, Any], actor: Actor, version: int) -> ReferralData:
    sheet = values["sheet_id"]
    return api.reopen(referral_id=row.id, actor=actor, sheet_id=UUID(sheet) if sheet else None)


def _with_diagnosis(command: Callable[..., ReferralData]) -> Run:
    def run(row: Referral, values: dict[str, Any], actor: Actor, version: int) -> ReferralData:
        code = values["diagnosis_code"]
        known = row.diagnosis if code == row.diagnosis_code else ""
        return command(
            referral_id=row.id, actor=actor, diagnosis=records.diagnosis_name(code) or known or code, **values
        )

    return run


ACTIONS: dict[str, Action] = {
    "approve": Action(_("审核通过"), forms.NoteForm, _plain(api.approve)),
    "return": Action(_("退回"), forms.ReasonForm, _plain(api.return_), "secondary"),
    "acknowledge": Action(_("急诊应答，准备接诊"), forms.AcknowledgeForm, _plain(api.acknowledge)),
    "accept": Action(_("接收"), forms.AcceptForm, _accept),
    "ask": Action(_("请补充资料"), forms.ReasonForm, _plain(api.ask_for_more), "secondary", True),
    "reject": Action(_("不接收"), forms.RejectForm, _reject, "outline-danger", True),
    "redirect": Action(_("改转其他机构"), forms.RedirectForm, _plain(api.redirect), "secondary", True),
    "keep": Action(_("留在本机构诊治"), forms.ReasonForm, _plain(api.keep), "secondary", True),
    "treat": Action(_("开始诊治"), forms.TreatForm, _plain(api.begin_treatment)),
    "end": Action(_("登记出院"), forms.NoteForm, _plain(api.end_treatment), "secondary", True),
    "feed_back": Action(_("填写反馈"), forms.FeedbackForm, _with_diagnosis(api.feed_back)),
    "refer_onward": Action(_("继续上转"), forms.OnwardForm, _with_diagnosis(api.refer_onward), "secondary", True),
    "first_visit": Action(_("登记首访"), forms.VisitForm, _plain(api.first_visit)),
    "follow_up": Action(_("登记随访"), forms.VisitForm, _plain(api.follow_up)),
    "finish": Action(_("无需随访，办结"), forms.ReasonForm, _plain(api.finish), "secondary", True),
    "close": Action(_("办结"), forms.NoteForm, _plain(api.close)),
    "reopen": Action(_("重新预约"), forms.ReopenForm, _reopen),
    "give_up": Action(_("患者不再就诊"), forms.ReasonForm, _plain(api.give_up), "secondary", True),
    "recall": Action(_("召回修改"), forms.ReasonForm, _plain(api.recall), "secondary", True),
    "cancel": Action(_("撤销转诊"), forms.ReasonForm, _plain(api.cancel), "outline-danger", True),
    "discard": Action(_("删除草稿"), forms.NoteForm, _plain(api.discard), "outline-danger", True),
}
