"""Reporting: claim, draft, submit, return, sign, amend, withdraw; and the asker's acknowledgement."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from yigong.core import clock
from yigong.core.actor import Actor, system
from yigong.core.commands import racing
from yigong.core.errors import Conflict, Forbidden, InvalidInput, NotFound
from yigong.core.events.api import record
from yigong.core.forms import api as forms
from yigong.core.states import api as states
from yigong.orders import policies, queries
from yigong.orders.commands import waiting
from yigong.orders.commands.documents import file_version
from yigong.orders.commands.errors import DraftChanged, IdentityMismatch, NotReady, NotYours, SecondSignature
from yigong.orders.commands.templates import note_uses
from yigong.orders.data import ReportData, ServiceDefinition, WorklistFilters
from yigong.orders.events import ReportAcknowledged, ReportAmended, ReportSigned, ReportWithdrawn
from yigong.orders.models import Order, Report, ReportReceipt, ReportVersion
from yigong.orders.rules import ORDER, REPORT, service
from yigong.orders.rules.signing import sm3
from yigong.orders.rules.templates import unfilled

WRITING = {"claimed", "returned", "preliminary", "amending"}
_NOBODY: dict[str, Any] = {"claimed_by_id": None, "claimed_at": None, "active_at": None}


@racing("orders.claim")
@transaction.atomic
def claim(*, order_id: UUID, actor: Actor) -> ReportData:
    """Take a waiting report; of two readers at once one wins, the other learns who and when. Claiming one's own again is no error."""
    report = _report(order_id, actor)
    if report.claimed_by_id and report.claimed_by_id == actor.staff_id and report.state in WRITING:
        return queries.report_data(report)
    if report.claimed_by_id and report.state in {"claimed"}:
        raise NotYours(who=report.claimed_by.name, at=_at(report.claimed_at))  # type: ignore[union-attr]
    action = "claim" if report.state in {"unclaimed", "claimed"} else "take_over"
    report = states.transition(REPORT, report, action, actor=actor, **_holder(actor))
    return queries.report_data(report)


@racing("orders.claim_next")
@transaction.atomic
def claim_next(*, service_code: str, actor: Actor, filters: WorklistFilters | None = None) -> ReportData | None:
    """Take the most urgent, longest waiting report that nobody holds; None when the list is empty."""
    rows = queries.waiting_reports(service_code, actor, filters or WorklistFilters())
    report = rows.select_for_update(skip_locked=True, of=("self",)).first()
    if report is None:
        return None
    return queries.report_data(states.transition(REPORT, report, "claim", actor=actor, **_holder(actor)))


@transaction.atomic
def release_claim(*, order_id: UUID, actor: Actor, reason: str = "") -> ReportData:
    """Give a report back to the list; the draft stays for the next reader."""
    report = states.transition(REPORT, _report(order_id, actor), "release", actor=actor, reason=reason, **_NOBODY)
    return queries.report_data(report)


def release_idle(*, limit: int = 100) -> int:
    """Release claims that nobody has typed in for the service's idle time; for the clock. Returns how many."""
    released = 0
    for report in Report.objects.filter(state="claimed", active_at__lt=clock.now()).order_by("active_at")[:limit]:
        if report.active_at and report.active_at + service(report.service).clocks.claim_idle <= clock.now():
            released += _release_idle(report)
    return released


@transaction.atomic
def save_draft(*, order_id: UUID, draft: Mapping[str, Any], draft_version: int, actor: Actor) -> int:
    """Keep what is typed; ``draft_version`` is the one the page was loaded with. Returns the new one; DraftChanged when stale."""
    report = _writing(order_id, actor)
    saved = Report.objects.filter(pk=report.pk, draft_version=draft_version).update(
        draft=_clean(draft), draft_version=F("draft_version") + 1, active_at=clock.now()
    )
    if not saved:
        raise DraftChanged(version=report.draft_version)
    return draft_version + 1


@transaction.atomic
def submit_report(*, order_id: UUID, draft: Mapping[str, Any], actor: Actor) -> ReportData:
    """Hand the report to a reviewer. Refuses missing parts by field, and any report while the identity is unresolved."""
    report = _writing(order_id, actor)
    _complete(report, draft)
    action = "submit_amendment" if report.state == "amending" else "submit"
    report = states.transition(
        REPORT, report, action, actor=actor, draft=_filled(report, draft), draft_version=report.draft_version + 1,
        author_id=actor.staff_id, author_role=actor.role, submitted_at=clock.now(),
    )  # fmt: skip
    waiting.done(report.order, waiting.READ, waiting.RETURNED, actor=actor)
    if report.order.priority == Order.Priority.URGENT and not _may_sign_own(report, actor):
        waiting.ask_centre(report.order, waiting.REVIEW, _("急诊报告待审核"), review=True, due_at=report.limit_at)
    return queries.report_data(report)


@transaction.atomic
def return_report(*, order_id: UUID, reason: str, actor: Actor) -> ReportData:
    """The reviewer sends the report back to its author with a remark."""
    report = _report(order_id, actor)
    action = "return_amendment" if report.state == "amend_submitted" else "return"
    report = states.transition(REPORT, report, action, actor=actor, reason=reason)
    waiting.done(report.order, waiting.REVIEW, actor=actor)
    _ask_author(report, reason)
    return queries.report_data(report)


@transaction.atomic
def release_preliminary(*, order_id: UUID, draft: Mapping[str, Any], actor: Actor) -> ReportData:
    """At night one reader may let a provisional text out, marked as such; the final report must follow."""
    report = _writing(order_id, actor)
    _complete(report, draft, early=True)
    report = states.transition(
        REPORT, report, "release_preliminary", actor=actor, draft=_filled(report, draft), author_id=actor.staff_id,
        author_role=actor.role, limit_at=clock.now() + service(report.service).clocks.final_after_preliminary,
    )  # fmt: skip
    _write_version(report, ReportVersion.Kind.PRELIMINARY, reviewer=None)
    waiting.done(report.order, waiting.READ, waiting.RETURNED, actor=actor)
    word = service(report.service).kind_word("preliminary", report.group)
    waiting.ask_requester(report.order, waiting.ACKNOWLEDGE, _("%(kind)s，以正式报告为准") % {"kind": word})
    return queries.report_data(report)


@transaction.atomic
def submit_and_sign(*, order_id: UUID, draft: Mapping[str, Any], actor: Actor) -> ReportData:
    """One doctor writes and signs, where the service lets the role do so; SecondSignature otherwise, and nothing is submitted."""
    submit_report(order_id=order_id, draft=draft, actor=actor)
    return sign_report(order_id=order_id, actor=actor)


def signs_alone(report: Report, actor: Actor) -> bool:
    """Whether this actor's signature is enough for this report."""
    return _may_sign_own(report, actor) and actor.has(service(report.service).rights.review)


@racing("orders.sign_report")
@transaction.atomic
def sign_report(*, order_id: UUID, actor: Actor) -> ReportData:
    """The second signature publishes the report (or its amendment), files it in the record and asks the asker to read it.

    Author and reviewer are two people unless the service lets the author's role sign alone. A second click is refused by state.
    """
    report = _report(order_id, actor)
    _identity_clear(report.order)
    _ready(report)
    if report.author_id == actor.staff_id and not _may_sign_own(report, actor):
        raise SecondSignature()
    amended = report.state == "amend_submitted"
    report = states.transition(REPORT, report, "sign_amendment" if amended else "sign", actor=actor)
    again = amended or report.versions.exclude(kind=ReportVersion.Kind.PRELIMINARY).exists()
    kind = report.amend_kind if again else ReportVersion.Kind.FINAL
    version = _write_version(report, kind, reviewer=actor)
    (_tell_amended if again else _tell_final)(report, version, actor)
    note_uses(report, report.draft.get("templates", []))
    service(report.service).signed(queries.to_data(report.order), queries.version_data(version), actor)
    waiting.done(report.order, waiting.READ, waiting.REVIEW, actor=actor)
    return queries.report_data(report)


@transaction.atomic
def amend_report(*, order_id: UUID, reason: str, actor: Actor, kind: str = "") -> ReportData:
    """Open a correction of a final report, or (``kind`` "supplement") an addition to it; its text is the draft. The signed version stays
    valid and readable until the new one is signed."""
    report = _report(order_id, actor)
    supplement = ReportVersion.Kind.SUPPLEMENT
    report = states.transition(
        REPORT, report, "amend", actor=actor, reason=reason, draft=_as_signed(report), amend_reason=reason.strip(),
        amend_kind=supplement if kind == supplement else ReportVersion.Kind.AMENDED,
        draft_version=report.draft_version + 1, **_holder(actor),
    )  # fmt: skip
    return queries.report_data(report)


@transaction.atomic
def drop_amendment(*, order_id: UUID, reason: str, actor: Actor) -> ReportData:
    """Give up a correction that was not signed; the signed version stays as it is."""
    report = states.transition(
        REPORT, _report(order_id, actor), "drop_amendment", actor=actor, reason=reason, amend_reason="", **_NOBODY
    )
    return queries.report_data(report)


@transaction.atomic
def withdraw_report(*, order_id: UUID, reason: str, actor: Actor) -> ReportData:
    """A signed report is not valid any more (wrong patient, wrong images); receivers are told, the text stays readable with the mark.

    Whatever is signed after it is its correction, with the reason of the withdrawal."""
    report = states.transition(
        REPORT, _report(order_id, actor), "withdraw", actor=actor, reason=reason, amend_reason=reason.strip(),
        amend_kind=ReportVersion.Kind.AMENDED, **_NOBODY,
    )  # fmt: skip
    order = states.transition(ORDER, report.order, "reopen", actor=actor, reason=reason)
    waiting.ask_requester(order, waiting.AMENDED, _("报告已撤回，请停止据此诊疗"), suffix=f":w{report.versions_count}")
    record(ReportWithdrawn(order.pk, order.service, order.resident_id, reason.strip()))
    return queries.report_data(report)


@racing("orders.rewrite_report")
@transaction.atomic
def rewrite_report(*, order_id: UUID, actor: Actor) -> ReportData:
    """Write a withdrawn report anew from its last text; it is signed like the first and becomes the next version. Of two readers at once one
    holds it. Without material (the images were detached) the order waits for it first."""
    report = _report(order_id, actor)
    report = states.transition(
        REPORT, report, "rewrite", actor=actor, draft=_as_signed(report), draft_version=report.draft_version + 1,
        limit_at=clock.now() + service(report.service).clocks.report_limit(report.group, report.order.priority), **_holder(actor),
    )  # fmt: skip
    return queries.report_data(report)


@transaction.atomic
def acknowledge_report(*, order_id: UUID, actor: Actor) -> ReportData:
    """The requesting side has read the newest version; again is no error."""
    report = _report(order_id, actor)
    if report.order.requesting_institution_id not in actor.places:
        raise Forbidden(_("报告由申请机构的医师查阅确认。"))
    version = report.versions.exclude(kind=ReportVersion.Kind.PRELIMINARY).order_by("-number").first()
    if version is None:
        raise Conflict(_("报告尚未发布。"))
    _receipt, new = ReportReceipt.objects.get_or_create(
        version=version, institution_id=report.order.requesting_institution_id,
        defaults={"staff_id": actor.staff_id, "staff_name": actor.name},
    )  # fmt: skip
    order = report.order
    if order.state == "reported":
        order = states.transition(ORDER, order, "complete", actor=actor, acknowledged_at=clock.now())
    if new:
        waiting.done(order, waiting.ACKNOWLEDGE, actor=actor)
        waiting.tasks.resolve_task(key=_amended_key(order, version), actor=actor)
        record(ReportAcknowledged(order.pk, version.pk, order.requesting_institution_id))
    return queries.report_data(report)


def _report(order_id: UUID, actor: Actor) -> Report:
    """The report, locked, of an order that the actor may see."""
    policies.access_order(order_id, actor=actor)
    rows = Report.objects.select_for_update(of=("self",))
    report = rows.filter(order_id=order_id).first()
    if report is None:
        raise NotFound(_("这张申请单还没有可报告的资料。"))
    return report


def _writing(order_id: UUID, actor: Actor) -> Report:
    """The report, when the actor holds it and it is in writing."""
    report = _report(order_id, actor)
    if report.state not in WRITING:
        raise states.WrongState(state=REPORT.label(report.state), action=_("书写"), by="")
    if report.claimed_by_id != actor.staff_id:
        who = report.claimed_by.name if report.claimed_by else _("无人")
        raise NotYours(who=who, at=_at(report.claimed_at))
    return report


def _as_signed(report: Report) -> dict[str, Any]:
    """The last version as a draft."""
    current = report.versions.order_by("-number").first()
    if current is None:
        return {}
    return {
        "sections": current.sections, "impression": current.impression, "positive": current.positive, "grade": current.grade,
        "structured": report.draft.get("structured", {}),
    }  # fmt: skip


def _holder(actor: Actor) -> dict[str, Any]:
    return {"claimed_by_id": actor.staff_id, "claimed_at": clock.now(), "active_at": clock.now()}


@transaction.atomic
def _release_idle(report: Report) -> int:
    locked = Report.objects.select_for_update(skip_locked=True).filter(
        pk=report.pk, state="claimed", active_at=report.active_at
    )
    if not locked.first():
        return 0
    states.transition(REPORT, report, "release", actor=system("clock"), reason=_("长时间未操作，自动释放"), **_NOBODY)
    return 1


def _clean(draft: Mapping[str, Any]) -> dict[str, Any]:
    sections = {str(code): str(text)[:20000] for code, text in dict(draft.get("sections", {})).items()}
    positive = draft.get("positive")
    return {
        "sections": sections, "impression": str(draft.get("impression", ""))[:20000].strip(),
        "positive": positive if isinstance(positive, bool) else None, "grade": str(draft.get("grade", ""))[:16],
        "templates": [str(one)[:90] for one in draft.get("templates", [])][:20],
        "structured": {
            str(code): [str(one)[:2000] for one in given][:40] for code, given in dict(draft.get("structured", {})).items()
        },
    }  # fmt: skip


def _filled(report: Report, draft: Mapping[str, Any]) -> dict[str, Any]:
    """The draft with the sections that nobody types: answers of the form, and what the centre fills itself."""
    clean, definition = _clean(draft), service(report.service)
    clean["sections"] |= definition.derived(report.order_id)
    if form := structured_form(report.order):
        answers = forms.read(form, clean["structured"]).answers
        lines = [f"{label}\t{text}" for _section, label, text in forms.sheet(form, answers)]
        clean["sections"]["structured"] = "\n".join(line.replace("\n", " ") for line in lines)
    return clean


def structured_form(order: Order) -> forms.FormDefinition | None:
    """The form that the report of this order carries, if any."""
    code = service(order.service).structured(queries.to_data(order))
    return forms.form(code) if code else None


def _complete(report: Report, draft: Mapping[str, Any], *, early: bool = False) -> None:
    """Nothing required is missing and the images are of this person."""
    _identity_clear(report.order)
    if not (early and service(report.service).early_reports):
        _ready(report)
    clean, definition = _clean(draft), service(report.service)
    errors = {
        section.code: _("请填写“%(label)s”。") % {"label": section.label}
        for section in definition.sections
        if section.required and not clean["sections"].get(section.code, "").strip()
    }
    if not clean["impression"]:
        errors["impression"] = _("请填写诊断意见。")
    for code, text in [*clean["sections"].items(), ("impression", clean["impression"])]:
        if told := unfilled(text):
            errors.setdefault(code, told)
    errors |= _numbers(definition, clean["sections"])
    if (form := structured_form(report.order)) and not early:
        errors |= {f"structured_{code}": told for code, told in forms.read(form, clean["structured"]).errors.items()}
    if clean["positive"] is None:
        errors["positive"] = _("请选择阳性或阴性。")
    if definition.grades and clean["grade"] and clean["grade"] not in definition.grades:
        errors["grade"] = _("请从列表中选择。")
    if errors:
        raise InvalidInput(errors=errors)


def _numbers(definition: ServiceDefinition, sections: Mapping[str, str]) -> dict[str, str]:
    """What is wrong with the numbers of a report, by field."""
    errors = {}
    for section in definition.sections:
        text = sections.get(section.code, "").strip() if section.is_number else ""
        if not text:
            continue
        low, high = (-1e9 if section.low is None else section.low), (1e9 if section.high is None else section.high)
        try:
            fits = low <= float(text) <= high
        except ValueError:
            fits = False
        if not fits:
            errors[section.code] = _("请填写 %(a)g 到 %(b)g 之间的数字。") % {"a": low, "b": high}
    return errors


def _identity_clear(order: Order) -> None:
    if order.identity == Order.Identity.MISMATCH:
        raise IdentityMismatch(text="；".join(order.identity_differences))


def _ready(report: Report) -> None:
    if reasons := service(report.service).unready(report.order_id):
        raise NotReady(text="；".join(reasons))


def _may_sign_own(report: Report, actor: Actor) -> bool:
    definition = service(report.service)
    if definition.two_when_positive and report.draft.get("positive"):
        return False
    return actor.role in definition.self_sign_roles and report.group not in definition.two_signatures


def _write_version(report: Report, kind: str, *, reviewer: Actor | None) -> ReportVersion:
    draft, number = report.draft, report.versions_count + 1
    author = report.author
    version = ReportVersion(
        report=report, number=number, kind=kind, sections=draft.get("sections", {}), impression=draft["impression"],
        positive=draft.get("positive"), grade=draft.get("grade", ""), author_id=report.author_id,
        author_name=author.name if author else "", reviewer_id=reviewer.staff_id if reviewer else None,
        reviewer_name=reviewer.name if reviewer else "", signed_at=clock.now(), reason=report.amend_reason,
    )  # fmt: skip
    version.digest = sm3(queries.signed_content(report.order, version))
    version.document_id = file_version(report.order, version) if kind != ReportVersion.Kind.PRELIMINARY else None
    version.save(force_insert=True)
    Report.objects.filter(pk=report.pk).update(versions_count=number)
    report.versions_count = number
    return version


def _reported(order: Order, version: ReportVersion, actor: Actor) -> Order:
    if order.state == "uploaded":
        return states.transition(ORDER, order, "report", actor=actor, reported_at=version.signed_at)
    return order


def _tell_final(report: Report, version: ReportVersion, actor: Actor) -> None:
    order = _reported(report.order, version, actor)
    title = _("报告已回传（阳性）") if version.positive else _("报告已回传")
    waiting.ask_requester(order, waiting.ACKNOWLEDGE, title, due_at=order.due_at)
    critical = order.criticals.exists()
    record(
        ReportSigned(
            order.pk, order.service, order.resident_id, version.pk, version.document_id, version.positive, critical
        )
    )


def _tell_amended(report: Report, version: ReportVersion, actor: Actor) -> None:
    """The asker learns of the new version as a task of its own, even when the old one was already acted on or was withdrawn."""
    order = _reported(report.order, version, actor)
    waiting.tasks.cancel_task(
        key=waiting.key(waiting.AMENDED, order) + f":w{version.number - 1}", reason=_("报告已重新出具"), actor=actor
    )
    waiting.tasks.cancel_task(key=waiting.key(waiting.ACKNOWLEDGE, order), reason=_("报告已更正"), actor=actor)
    waiting.ask_requester(
        order,
        waiting.AMENDED,
        _("报告有补充，请查阅") if version.kind == ReportVersion.Kind.SUPPLEMENT else _("报告已更正，请重新查阅"),
        suffix=f":{version.number}",
        due_at=clock.now() + timedelta(hours=24),
    )
    record(
        ReportAmended(order.pk, order.service, order.resident_id, version.pk, version.document_id, report.amend_reason)
    )


def _amended_key(order: Order, version: ReportVersion) -> str:
    return waiting.key(waiting.AMENDED, order) + f":{version.number}"


def _ask_author(report: Report, reason: str) -> None:
    order, definition = report.order, service(report.service)
    waiting.tasks.open_task(
        key=waiting.key(waiting.RETURNED, order), kind=waiting.RETURNED,
        title=waiting.headline(order, _("审核退回（%(why)s）") % {"why": reason.strip()}),
        institution_id=order.reporting_institution_id, staff_id=report.author_id,
        role="" if report.author_id else definition.report_role, url=queries.report_url(order.pk),
        about_resident_id=order.resident_id, subject=("order", order.pk), due_at=report.limit_at,
    )  # fmt: skip


def _at(moment: Any) -> str:
    return moment.astimezone(clock.SHANGHAI).strftime("%m-%d %H:%M") if moment else ""
