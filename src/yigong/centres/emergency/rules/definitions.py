"""What packs hold about emergencies: limits, complaints, triage, nodes, outcomes; pathways with their nodes and targets."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

import msgspec
from django.utils.translation import gettext as _

from yigong.core.errors import InvalidInput
from yigong.core.expressions.api import ExpressionInvalid, Vocabulary
from yigong.core.packs import api as packs
from yigong.core.packs.api import Kind
from yigong.records import api as records

# Beside the signs of the national definition: Glasgow coma scale (points 3–15) and pain (0–10), named by us.
OWN_SIGNS = {"gcs": ("GCS", 3, 15), "pain": ("疼痛", 0, 10)}
# Zero means that nothing could be measured (arrest, shock).
UNMEASURABLE = ("sbp", "dbp", "pulse", "respiration")
SIGNS = ("sbp", "dbp", "pulse", "respiration", "spo2", "temperature", "glucose", "gcs", "pain")
_SIGNS_WORDS = Vocabulary({"age": "int"} | dict.fromkeys(SIGNS, "double"))
_CALL_WORDS = Vocabulary({"age": "int", "conscious": "bool", "breathing": "bool", "heavy_bleeding": "bool"})
WHO = ("dispatcher", "crew", "hospital", "primary")
WAYS = ("call", "walk_in", "primary", "transfer", "ecg")


class Limits(msgspec.Struct, forbid_unknown_fields=True):
    """Numbers of the room; units are in their names."""

    depart_minutes: int
    dispatch_minutes: int
    late_minutes: int
    future_minutes: int
    triage_minutes: int
    resuscitation_hours: int
    observation_hours: int
    hold_minutes: int
    team_minutes: int
    reading_minutes: int
    transfer_minutes: int
    reopen_hours: int


class Word(msgspec.Struct, forbid_unknown_fields=True):
    """A code with its words."""

    code: str
    label: str


class Complaint(msgspec.Struct, forbid_unknown_fields=True):
    """What callers complain of; ``pathway`` is proposed."""

    code: str
    label: str
    priority: int
    pathway: str = ""


class CallRule(msgspec.Struct, forbid_unknown_fields=True):
    """An answer of the caller that makes it more urgent."""

    when: str
    priority: int
    text: str


class Priority(msgspec.Struct, forbid_unknown_fields=True):
    """A priority of dispatch, 1 first."""

    code: int
    label: str
    tone: str


class Level(msgspec.Struct, forbid_unknown_fields=True):
    """A triage level of the department: its colour, zone and minutes to be seen (0: at once)."""

    code: int
    label: str
    colour: str
    minutes: int
    zone: str
    certainty: str


class TriageRule(msgspec.Struct, forbid_unknown_fields=True):
    """Measured values that mean at least this level."""

    level: int
    when: str
    text: str


class RunNode(msgspec.Struct, forbid_unknown_fields=True):
    """A time of an ambulance run; ``rank`` orders them."""

    code: str
    label: str
    rank: int
    who: str


class Finding(msgspec.Struct, forbid_unknown_fields=True):
    """What the crew sees in an ECG."""

    code: str
    label: str
    alert: bool = False
    pathway: str = ""


class Outcome(msgspec.Struct, forbid_unknown_fields=True):
    """How it ended; ``national``: code of RC045."""

    code: str
    label: str
    national: str


class Parameters(msgspec.Struct, forbid_unknown_fields=True):
    """``packs/*/emergency.toml``."""

    code: str
    version: str
    effective_from: date
    title: str
    limits: Limits
    complaint: list[Complaint]
    dispatch_rule: list[CallRule]
    priority: list[Priority]
    level: list[Level]
    triage_rule: list[TriageRule]
    node: list[RunNode]
    ecg_finding: list[Finding]
    outcome: list[Outcome]
    resource: list[Word]


class Node(msgspec.Struct, forbid_unknown_fields=True):
    """A time of a pathway: who enters it, and what cannot be later."""

    code: str
    label: str
    who: list[str]
    after: list[str] = []


class Target(msgspec.Struct, forbid_unknown_fields=True):
    """A time target: minutes from the first known of ``start`` to ``stop``, wanted in ``share`` percent of cases where one is set.

    It counts for cases with one of ``treatments`` that came by one of ``ways``; empty lists mean all.
    """

    code: str
    label: str
    start: list[str]
    stop: str
    minutes: int
    certainty: str
    share: int | None = None
    treatments: list[str] = []
    ways: list[str] = []

    def counts_for(self, treatment: str, way: str) -> bool:
        """Whether the target is asked of a case."""
        return (not self.treatments or treatment in self.treatments) and (not self.ways or way in self.ways)


class Pathway(msgspec.Struct, forbid_unknown_fields=True):
    """``packs/*/emergency-pathways/<code>.toml``."""

    code: str
    version: str
    effective_from: date
    title: str
    icd: list[str]
    team: list[str]
    resource: str
    form: str
    prepare: list[Word]
    treatment: list[Word]
    node: list[Node]
    target: list[Target]

    def nodes(self) -> dict[str, Node]:
        """Its nodes by code, in their order."""
        return {one.code: one for one in self.node}

    def word(self, kind: str, code: str) -> str:
        """The words for a code of ``treatment`` or ``prepare``; empty for none."""
        return next((one.label for one in getattr(self, kind) if one.code == code), "")


def _check(pack: Parameters) -> Iterable[tuple[str, str]]:
    for name, rules, words in (
        ("dispatch_rule", [one.when for one in pack.dispatch_rule], _CALL_WORDS),
        ("triage_rule", [one.when for one in pack.triage_rule], _SIGNS_WORDS),
    ):
        for place, when in enumerate(rules):
            try:
                words.compile(when)
            except ExpressionInvalid as bad:
                yield f"{name}[{place}].when", str(bad)
    ranks = [one.rank for one in pack.node]
    if ranks != sorted(set(ranks)):
        yield "node", "节点的 rank 必须递增且不重复"
    if [one.code for one in pack.level] != [1, 2, 3, 4]:
        yield "level", "分诊须恰为 1–4 级"


def _check_pathway(pack: Pathway) -> Iterable[tuple[str, str]]:
    known = pack.nodes()
    treatments = {one.code for one in pack.treatment}
    for place, node in enumerate(pack.node):
        if unknown := set(node.after) - set(known):
            yield f"node[{place}].after", f"没有节点 {'、'.join(sorted(unknown))}"
        if unknown := set(node.who) - set(WHO):
            yield f"node[{place}].who", f"填写人只能是 {'、'.join(WHO)}"
    for place, target in enumerate(pack.target):
        if unknown := {*target.start, target.stop} - set(known):
            yield f"target[{place}]", f"没有节点 {'、'.join(sorted(unknown))}"
        if set(target.treatments) - treatments or set(target.ways) - set(WAYS):
            yield f"target[{place}]", "治疗方案或来院方式不在目录中"
        if target.minutes < 1 or not 0 <= (target.share or 0) <= 100:
            yield f"target[{place}].minutes", "目标至少 1 分钟，达标比例在 0–100 之间"


PARAMETERS: Kind[Parameters] = packs.register(Kind("emergency", "emergency.toml", Parameters, _check))
PATHWAYS: Kind[Pathway] = packs.register(
    Kind("emergency-pathways", "emergency-pathways/*.toml", Pathway, _check_pathway)
)


def parameters() -> Parameters:
    """The parameters in force."""
    return packs.current(PARAMETERS, "emergency")


def limits() -> Limits:
    """The limits in force."""
    return parameters().limits


def pathways() -> dict[str, Pathway]:
    """All pathways in force, by code."""
    return packs.every(PATHWAYS)


def pathway(code: str, version: str = "") -> Pathway | None:
    """A pathway in the version a case names, or the one in force; None for a case without one. InvalidInput for an unknown code."""
    if not code:
        return None
    if version:
        return packs.released(PATHWAYS, code, version)
    if code not in pathways():
        raise InvalidInput(errors={"pathway": _("请从列表中选择救治通道。")})
    return pathways()[code]


def pathway_for(icd: str) -> str:
    """The pathway that a diagnosis belongs to; empty for none."""
    return next((p.code for p in pathways().values() if icd and icd.startswith(tuple(p.icd))), "")


def one_of(kind: str, code: Any, field: str = "") -> Any:
    """The definition of a code of ``complaint``, ``level``, ``ecg_finding``, ``outcome``, ``resource``, ``priority``; InvalidInput for an
    unknown one."""
    for one in getattr(parameters(), kind):
        if one.code == code:
            return one
    raise InvalidInput(errors={field or kind: _("请从列表中选择。")})


def label(kind: str, code: Any) -> str:
    """The words for a code; empty for an unknown one."""
    return next((one.label for one in getattr(parameters(), kind) if one.code == code), "")


def run_nodes() -> dict[str, RunNode]:
    """The times of a run by code, in their order."""
    return {one.code: one for one in parameters().node}


def priority_of(complaint: str, answers: Mapping[str, Any]) -> tuple[int, list[str]]:
    """The most urgent priority that complaint and answers (``age``, ``conscious``, ``breathing``, ``heavy_bleeding``) call for, and why."""
    found, why = one_of("complaint", complaint).priority, []
    for rule in parameters().dispatch_rule:
        if _CALL_WORDS.compile(rule.when).evaluate(answers) is True:
            found = min(found, rule.priority)
            why.append(rule.text)
    return found, why


def triage(values: Mapping[str, Any], age: int | None) -> tuple[int | None, list[str]]:
    """The gravest level that measured values call for and the sentences of its rules; None where nothing was measured that says so."""
    known = {"age": age} | {name: float(value) for name, value in values.items() if value is not None}
    hits = [r for r in parameters().triage_rule if _SIGNS_WORDS.compile(r.when).evaluate(known) is True]
    gravest = min((rule.level for rule in hits), default=None)
    return gravest, [rule.text for rule in hits if rule.level == gravest]


def sign_words() -> dict[str, tuple[str, str]]:
    """Name and unit of each sign by code, in the order of the page."""
    national = records.signs()
    return {
        code: (national[code].name, national[code].unit) if code in national else (OWN_SIGNS[code][0], "分")
        for code in SIGNS
    }


def check_signs(values: Mapping[str, Any]) -> dict[str, str]:
    """A sentence for each value that cannot be."""
    national, problems = records.signs(), {}
    for code, value in values.items():
        if value is None:
            continue
        if float(value) == 0 and code in UNMEASURABLE:
            continue
        least, most = (national[code].least, national[code].most) if code in national else OWN_SIGNS[code][1:]
        if not least <= float(value) <= most:
            problems[code] = _("应在 %(least)g–%(most)g 之间，请核对。") % {"least": least, "most": most}
    return problems
