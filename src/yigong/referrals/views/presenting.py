"""What the pages show: words, parts of the form, the detail's facts, timeline and actions."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yigong.core import clock
from yigong.core.actor import Actor
from yigong.core.asked import day_of, key_of
from yigong.core.rights import role_label
from yigong.core.states.api import history
from yigong.network import api as network
from yigong.records import api as records
from yigong.records.data import EncounterData
from yigong.referrals import policies
from yigong.referrals.data import NewReferral
from yigong.referrals.forms import CLINICAL, VITALS
from yigong.referrals.models import Referral
from yigong.referrals.queries import picking, reading
from yigong.referrals.queries.slots import slots_of
from yigong.referrals.rules import definitions as rules
from yigong.referrals.rules.workflow import OPEN, REFERRAL
from yigong.referrals.views import actions
from yigong.residents.data import ResidentData

LEVELS = {
    "county": gettext_lazy("县级"),
    "township": gettext_lazy("乡级"),
    "village": gettext_lazy("村级"),
    "outside": gettext_lazy("县外"),
}
SEX = {"1": gettext_lazy("男"), "2": gettext_lazy("女"), "0": gettext_lazy("不详"), "9": gettext_lazy("未说明")}
TONES = {
    "pending_receive": "warn", "submitted": "warn", "returned": "bad", "rejected": "bad", "no_show": "bad", "expired": "bad",
    "accepted": "info", "arrived": "info", "in_treatment": "info", "completed": "good", "followed_up": "good",
}  # fmt: skip
ACTION_LABELS = {step.action: step.label for step in REFERRAL.steps} | {"create": gettext_lazy("填写")}


def words() -> dict[str, Any]:
    """Codes in the reader's language, for the templates."""
    codes = {
        "direction": rules.DIRECTION, "kind": rules.KIND, "urgency": rules.URGENCY, "sex": SEX, "outcome": rules.OUTCOME,
        "transport": rules.TRANSPORT, "insurance": rules.INSURANCE, "reject": rules.REJECT, "priority": rules.PRIORITY,
        "reason": {**rules.REASON_DOWN, **rules.REASON_UP},
    }  # fmt: skip
    plain = {name: {code: str(label) for code, label in known.items()} for name, known in codes.items()}
    return {**plain, "tones": TONES, "state": REFERRAL.label, "states": list(REFERRAL.states)}


# ---- reading what came with the request


def number(text: str | None, default: int = 1) -> int:
    """A whole number from a query, else the default."""
    return int(text) if text and text.isdecimal() and len(text) < 8 else default


def filters_of(query: Mapping[str, str]) -> dict[str, Any]:
    """The list's filters."""
    names = ("side", "group", "state", "direction", "urgency", "reject_code", "left", "text", "counted")
    found: dict[str, Any] = {name: query.get(name, "")[:60] for name in names}
    if not any(found.values()) and not query.get("from_day"):
        found["side"], found["group"] = "received", "waiting"
    return {**found, "from_day": day_of(query.get("from_day")), "to_day": day_of(query.get("to_day"))}


_TABS = (
    ("received", "waiting", gettext_lazy("待接收")),
    ("received", "coming", gettext_lazy("待到诊")),
    ("received", "here", gettext_lazy("诊治中")),
    ("sent", "waiting", gettext_lazy("我方发出·待应答")),
    ("sent", "back", gettext_lazy("我方发出·待处理")),
    ("sent", "drafts", gettext_lazy("草稿")),
)


def tabs(actor: Actor, filters: Mapping[str, Any]) -> list[tuple[str, str, bool, int | None]]:
    """The working lists with their counts, then everything."""
    found = []
    for side, group, label in _TABS:
        chosen = {"side": side, "group": group}
        count = reading.matching(actor, chosen).count()
        found.append(
            (str(label), f"?side={side}&group={group}", all(filters.get(k) == v for k, v in chosen.items()), count)
        )
    everything = not filters.get("group")
    return [*found, (_("全部"), "?side=&from_day=2000-01-01", everything, None)]


def places(rows: Iterable[Referral]) -> dict[UUID, str]:
    """Short names of all institutions in the rows."""
    ids = {key for row in rows for key in (row.from_institution_id, row.to_institution_id)}
    return {key: place.short_name for key, place in network.institutions(ids).items()}


# ---- the request form


def prefilled(person: ResidentData | None, actor: Actor) -> dict[str, Any]:
    """What the record already knows."""
    if person is None:
        return {"urgency": "emergency", "kind": "emergency", **_usual(actor)}
    known: dict[str, Any] = {"resident_id": person.id, "consent_by": person.name}
    if actor.has("access.read_detail"):
        summary = records.summary(person.id, actor=actor)
        known |= {
            "past_history": summary.conditions_text,
            "medicines": summary.medicines_text,
            "allergies": summary.allergies_text,
            **_of_visit(summary.last_encounter, actor),
        }
    return known | _usual(actor)


_SAME_VISIT = timedelta(hours=24)
# The form's vital signs by the record's.
_SIGNS = {
    "temperature": "temperature", "pulse": "pulse", "respiration": "breath", "sbp": "systolic", "dbp": "diastolic", "spo2": "oxygen",
}  # fmt: skip


def _of_visit(visit: EncounterData | None, actor: Actor) -> dict[str, Any]:
    """What the visit that leads to the referral already says: one of the last day in this house. Nobody writes it twice."""
    if visit is None or visit.institution_id != actor.institution_id or clock.now() - visit.occurred_at > _SAME_VISIT:
        return {}
    written, alerts = records.contents(visit.id, actor=actor)
    loincs = {sign.loinc: _SIGNS[code] for code, sign in records.signs().items() if code in _SIGNS}
    values = [r for g in written.results if g.category == "vital" for r in g.results if r.code in loincs]
    urgent = any(a.refer and a.level == "urgent" for a in alerts)
    told = [visit.complaint, *(a.title for a in alerts if a.refer)]
    done = [visit.advice, *(text for p in written.prescriptions for text in p.texts)]
    main = next((c for c in written.conditions if c.is_primary and c.code), None)
    return {
        **{loincs[r.code]: int(r.value) if r.value == int(r.value) else r.value for r in values if r.value is not None},
        **({"urgency": "urgent"} if urgent else {}),
        **({"diagnosis_code": main.code, "diagnosis_code__text": main.text} if main else {}),
        "reason": "\n".join(filter(None, told)),
        "treatment": "；".join(filter(None, done)),
    }


def _usual(actor: Actor) -> dict[str, Any]:
    usual = picking.usual_receiver(actor.institution_id) if actor.institution_id else None
    return {"to_institution_id": usual.id, "to_institution_id__text": usual.name} if usual else {}


def parts(actor: Actor, given: Mapping[str, Any]) -> dict[str, Any]:
    """What follows from the chosen institution, department and diagnosis: departments, slots, notes, hints."""
    to_id = key_of(str(given.get("to_institution_id") or ""))
    found = network.institutions([to_id]).get(to_id) if to_id else None
    home = network.institution(actor.institution_id) if actor.institution_id else None
    context: dict[str, Any] = {
        "direction": "up",
        "departments": [],
        "sheets": [],
        "note": None,
        "skips": False,
        "hint": None,
    }
    if found and home and found.id != home.id:
        direction = reading.direction_between(home.id, found.id)
        # An emergency asks neither for a booked place nor why it leaves a level out.
        urgent = given.get("urgency") == "emergency"
        department = key_of(str(given.get("to_department_id") or ""))
        sheets = [] if urgent else [s for s in slots_of(found.id, department_id=department) if s.left]
        context |= {
            "direction": direction,
            "departments": network.departments(found.id),
            "sheets": sheets[:12],
            "note": rules.insurance_note(direction, rules.parameters()),
            "urgent": urgent,
            "skips": not urgent and direction == "up" and rules.skips_a_level(home.level, found.level),
            "to": found,
        }
    code = str(given.get("diagnosis_code") or "")
    context["hint"] = rules.disease_hint(code, home.level) if home and code else None
    chosen = {name: str(given.get(name) or "") for name in ("to_department_id", "sheet_id", "skip_reason")}
    return {**context, "chosen": chosen, "words": words()}


def given_of(values: dict[str, Any], direction: str, row: Referral | None) -> NewReferral:
    """The command's input from the form's values."""
    plain = {name: values[name] for name in _PLAIN}
    vitals = {name: values[name] for name in VITALS if values[name] is not None}
    clinical: dict[str, Any] = {name: values[name].strip() for name in CLINICAL if values[name].strip()}
    if vitals:
        clinical["vitals"] = vitals
    code = values["diagnosis_code"].strip()
    same = row is not None and code == row.diagnosis_code
    return NewReferral(
        **plain,
        direction=direction,
        to_department_id=key_of(values["to_department_id"]),
        sheet_id=key_of(values["sheet_id"]),
        diagnosis_code=code[:20],
        diagnosis=records.diagnosis_name(code) or (row.diagnosis if same and row else code)[:120],
        clinical=clinical,
        parent_id=row.parent_id if row else None,
    )


_PLAIN = (
    "resident_id", "urgency", "to_institution_id", "kind", "reason_code", "reason", "follow_up_on", "skip_reason", "transport", "escort",
    "insurance_type", "consent_by", "consent_relation", "requester_phone", "confirmed", "patient_name", "patient_sex", "patient_age",
    "patient_phone",
)  # fmt: skip


def initial_of(given: NewReferral) -> dict[str, Any]:
    """The form's values from a stored referral."""
    place = network.institution(given.to_institution_id)
    values = {name: getattr(given, name) for name in (*_PLAIN, "diagnosis_code") if name != "confirmed"}
    clinical = {name: given.clinical.get(name, "") for name in CLINICAL}
    return {
        **values, **clinical, **given.clinical.get("vitals", {}),
        "to_institution_id__text": place.name, "diagnosis_code__text": given.diagnosis,
        "to_department_id": str(given.to_department_id or ""), "sheet_id": str(given.sheet_id or ""),
    }  # fmt: skip


def initial_down(row: Referral) -> dict[str, Any]:
    """A down-referral filled from the up-referral's feedback: back to where the patient came from."""
    place = network.institution(row.from_institution_id)
    return {
        "resident_id": row.resident_id, "kind": row.kind, "to_institution_id": place.id, "to_institution_id__text": place.name,
        "diagnosis_code": row.result_code or row.diagnosis_code, "diagnosis_code__text": row.result_diagnosis or row.diagnosis,
        "reason_code": "a", "reason": row.feedback.get("summary", ""), "plan_text": row.feedback.get("plan", ""),
        "follow_up_on": row.follow_up_on or clock.today() + timedelta(days=3), "insurance_type": row.insurance_type,
    }  # fmt: skip


# ---- one referral


def detail(row: Referral, actor: Actor, bad: tuple[str, Any] | None) -> dict[str, Any]:
    """The page's context; ``bad`` is the (action, form) that was refused."""
    steps = history(row.id)
    ends = network.institutions([row.from_institution_id, row.to_institution_id])
    departments = network.departments_many([d for d in (row.from_department_id, row.to_department_id) if d])
    offered = offers(row, actor, bad)
    arrive = any(step.action == "arrive" for step in REFERRAL.actions_for(row, actor))
    return {
        "row": row,
        "words": words(),
        "sender": ends[row.from_institution_id],
        "receiver": ends[row.to_institution_id],
        "departments": departments,
        "path": _path(row, {step.to_state for step in steps}),
        "timeline": [_line(step) for step in reversed(steps)],
        "offers": offered,
        "waits": "" if arrive or any(not action.quiet for _name, action, *_rest in offered) else _waits(row, ends, departments),
        "children": list(row.children.all()),
        "sheets": slots_of(row.to_institution_id, department_id=row.to_department_id) or slots_of(row.to_institution_id),
        "note": rules.insurance_note(row.direction, rules.parameters()),
        "vitals": [(label, row.clinical["vitals"][name], unit) for name, (label, unit, *_limits) in rules.VITALS.items()
                   if row.clinical.get("vitals", {}).get(name) is not None],
        "may": {
            "edit": row.requester_id == actor.staff_id and (row.state in {"draft", "returned"} or row.incomplete),
            "down": row.direction != "down" and row.state in {"in_treatment", "completed"} and actor.has(policies.REQUEST)
            and row.to_institution_id in actor.institution_ids,
            "admit": row.kind == "inpatient" and row.resident_id is not None and row.state in {"accepted", "arrived", "in_treatment"}
            and actor.has("clinic.admit") and row.to_institution_id in actor.institution_ids,
            "arrive": arrive,
        },
        "is_open": row.state in OPEN,
    }  # fmt: skip


# Whose step is next: of the sender (s), the receiver (r), its department (d), or whoever looks after the patient from now on (h, home).
_NEXT = {
    "submitted": ("s", gettext_lazy("审核")),
    "pending_receive": ("r", gettext_lazy("应答")),
    "accepted": ("r", gettext_lazy("登记到诊")),
    "arrived": ("d", gettext_lazy("开始诊治")),
    "in_treatment": ("d", gettext_lazy("填写诊治反馈")),
    "completed": ("h", gettext_lazy("随访")),
    "followed_up": ("h", gettext_lazy("办结")),
}


def _waits(row: Referral, ends: Mapping[UUID, Any], departments: Mapping[UUID, Any]) -> str:
    """Who has the next step, for those who have not; nothing when nobody has."""
    whose, what = _NEXT.get(row.state, ("", ""))
    if not whose:
        return ""
    sends = whose == "s" or (whose == "h" and row.direction != "down")
    who = ends[row.from_institution_id if sends else row.to_institution_id].name
    if whose == "d" and row.to_department_id and row.to_department_id in departments:
        who += departments[row.to_department_id].name
    return _("下一步由%(who)s%(what)s。") % {"who": who, "what": what}


def offers(row: Referral, actor: Actor, bad: tuple[str, Any] | None) -> list[tuple[str, actions.Action, Any, bool]]:
    """(action, what, form, whether it was refused) of what the actor may do now, main ones first."""
    allowed = {step.action for step in REFERRAL.actions_for(row, actor)}
    if "acknowledge" in allowed:
        allowed.discard("accept")
    if (
        row.state == "in_treatment"
        and "feed_back" in allowed
        and row.kind == "inpatient"
        and not row.treatment_ended_at
    ):
        allowed.add("end")
    if bad:
        allowed.add(bad[0])
    found = [
        (name, action, bad[1] if bad and bad[0] == name else actions.form_of(name, row), bool(bad and bad[0] == name))
        for name, action in actions.ACTIONS.items()
        if name in allowed
    ]
    return sorted(found, key=lambda offer: (not offer[3], offer[1].quiet))


_WAY = ("draft", "pending_receive", "accepted", "arrived", "in_treatment", "completed", "followed_up", "closed")
_WAY_DOWN = ("draft", "pending_receive", "accepted", "in_treatment", "completed", "followed_up", "closed")
_SIDE = {"submitted": "draft", "returned": "pending_receive", "rejected": "pending_receive", "redirected": "pending_receive",
         "cancelled": "pending_receive", "expired": "pending_receive", "no_show": "accepted"}  # fmt: skip


def _path(row: Referral, been: set[str]) -> list[tuple[str, str, str]]:
    way = _WAY_DOWN if row.direction == "down" else _WAY
    here = _SIDE.get(row.state, row.state)
    place = way.index(here) if here in way else 0
    found = []
    for index, state in enumerate(way):
        mark = "done" if index < place or row.state == "closed" else "now" if index == place else "next"
        if index == place and row.state in _SIDE and row.state != "submitted":
            found.append((REFERRAL.label(row.state), "failed", ""))
            continue
        label = _("首访/随访中") if row.direction == "down" and state == "in_treatment" else REFERRAL.label(state)
        found.append((label, mark, ""))
    return found


def _line(step: Any) -> dict[str, Any]:
    label = _(str(ACTION_LABELS.get(step.action, step.action)))
    code = rules.REJECT.get(step.reason_code, "") if step.action == "reject" else ""
    who = role_label(step.actor_role) if step.actor_role != "system" else _("系统")
    tone = {"reject": "bad", "miss": "bad", "expire": "bad", "accept": "good", "acknowledge": "good"}.get(
        step.action, "neutral"
    )
    return {
        "at": step.at, "title": f"{label} → {REFERRAL.label(step.to_state)}", "tone": tone,
        "text": "：".join(str(part) for part in (code, step.reason) if part),
        "by": step.actor_name if step.actor_role == "system" else f"{step.actor_name}（{who}）",
    }  # fmt: skip


def chosen_at_desk(request: HttpRequest, rows: Sequence[Referral]) -> Referral | None:
    """The referral that the desk clicked on, or the only one found."""
    wanted = key_of(request.POST.get("referral") or request.GET.get("referral"))
    if wanted:
        return next((row for row in rows if row.id == wanted), None)
    return rows[0] if len(rows) == 1 and request.GET.get("text") else None


def home_card(actor: Actor) -> dict[str, Any]:
    """Figures for the home page: what waits for this institution."""
    return reading.figures_for(actor)


def panel(resident_id: UUID, actor: Actor) -> dict[str, Any]:
    """The button on the resident's page."""
    return {"url": f"{reverse('referrals:new')}?resident={resident_id}"}
