"""One person's coverage as the page shows it, and what may be registered for somebody."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from yigong.access import api as access
from yigong.access.data import Subject
from yigong.core import clock
from yigong.core.actor import Actor
from yigong.core.errors import NotFound
from yigong.insurance.benefits import api as benefits
from yigong.insurance.coverage import policies, rules
from yigong.insurance.coverage.models import Category, Enrolment, Entitlement, Exemption
from yigong.insurance.coverage.parameters import dual_channel_titles, enrolment_rules
from yigong.insurance.coverage.queries.coverage import coverages_on
from yigong.network import api as network
from yigong.records.api import FrontPart
from yigong.residents import api as residents
from yigong.residents.data import ResidentData

HOLDS, TO_COME, OVER, CALLED_OFF = "holds", "to_come", "over", "called_off"


@dataclass(frozen=True, slots=True)
class PeriodRow:
    """One period on the page: what in words, from when to the last day, its state, and what can be done."""

    what: str
    id: UUID
    title: str
    note: str
    starts_on: date
    last_on: date | None
    state: str
    source: str
    because: str

    @property
    def can_end(self) -> bool:
        """Whether it runs and was not ended."""
        return self.state in (HOLDS, TO_COME) and not self.because

    @property
    def can_undo(self) -> bool:
        """Whether there is an end or a calling off to undo."""
        return bool(self.because)


@dataclass(frozen=True, slots=True)
class Held:
    """All of a person's coverage."""

    enrolments: list[PeriodRow]
    categories: list[PeriodRow]
    entitlements: list[PeriodRow]
    exemptions: list[tuple[Exemption, str]]
    waiting: list[str]


def access_person(resident_id: UUID, actor: Actor) -> ResidentData:
    """The person after a logged decision: by the duty of whoever keeps the rolls, else by the relationship with the person."""
    if actor.is_system or actor.has(policies.KEEP):
        access.require(actor, "read_detail", Subject("coverage", resident_id), purpose=_("查看参保与待遇资格"))
        return residents.identity(resident_id)
    return residents.access_resident(resident_id, actor=actor, purpose=_("查看参保与待遇资格"))


def front_part(resident_id: UUID, actor: Actor) -> FrontPart:
    """What this room tells the front page of the health record, to who may read coverage; the caller has decided about the person."""
    if not actor.has(policies.READ):
        return FrontPart()
    found = coverages_on(resident_id, clock.today())
    lines = [
        (
            _("参保"),
            f"{rules.INSURANCES.get(c.insurance, c.insurance)} · {rules.PERSON_TYPES.get(c.person_type, c.person_type)}",
        )
        for c in found
    ]
    registered = sum(len(c.entitlements) for c in found)
    return FrontPart(
        insurance=[
            *(lines or [(_("参保"), _("今天没有参保登记"))]),
            *([(_("待遇登记"), _("%(n)s 项") % {"n": registered})] if registered else []),
        ]
    )


def held(resident_id: UUID) -> Held:
    """Everything recorded for a person, for a page that has decided."""
    keys, today = residents.identities(resident_id), clock.today()
    enrolments = list(Enrolment.objects.filter(resident_id__in=keys).order_by("-starts_on", "-id"))
    names = titles(today)
    entitlements = list(Entitlement.objects.filter(resident_id__in=keys).order_by("kind", "-starts_on", "-id"))
    houses = network.institutions([one.institution_id for one in entitlements if one.institution_id])
    reasons = {one.code: one.title for one in enrolment_rules(today).reasons}
    exemptions = list(Exemption.objects.filter(resident_id__in=keys).order_by("-year", "-id"))
    return Held(
        [_row("enrolment", one, _scheme(one), _paid(one), today) for one in enrolments],
        [
            _row("category", one, names["identity"].get(one.code, one.code), "", today)
            for one in Category.objects.filter(resident_id__in=keys).order_by("-starts_on", "-id")
        ],
        [_row("entitlement", one, *_entitled(one, names, houses), today) for one in entitlements],
        [(one, reasons.get(one.reason, one.reason)) for one in exemptions],
        [told for one in enrolments if (told := _waits(one, keys, today))],
    )


def _row(what: str, one: Any, title: str, note: str, today: date) -> PeriodRow:
    if one.ends_on == one.starts_on:
        state = CALLED_OFF
    elif one.ends_on is not None and one.ends_on <= today:
        state = OVER
    else:
        state = TO_COME if one.starts_on > today else HOLDS
    last = None if one.ends_on is None or state == CALLED_OFF else rules.day_before(one.ends_on)
    return PeriodRow(what, one.id, title, note, one.starts_on, last, state, one.source, one.ended_because)


def _scheme(one: Enrolment) -> str:
    insurance, kind = rules.INSURANCES.get(one.insurance, one.insurance), rules.PERSON_TYPES.get(one.person_type, "")
    place = network.place_by_code(one.region)
    return f"{insurance} · {kind} · {place.name if place else one.region}"


def _paid(one: Enrolment) -> str:
    if one.paid_on is None:
        return ""
    told = _("缴费 %(on)s") % {"on": one.paid_on}
    if one.missed_years:
        told += _("，断保 %(missed)s 年，已补缴 %(repaired)s 年") % {
            "missed": one.missed_years, "repaired": one.repaired_years,
        }  # fmt: skip
    return told


def _entitled(one: Entitlement, names: dict[str, dict[str, str]], houses: Any) -> tuple[str, str]:
    kind = str(Entitlement.Kind(one.kind).label)
    if one.institution_id:
        house = houses.get(one.institution_id)
        return f"{_(kind)}：{house.name if house else '—'}", ""
    word = names.get("place" if one.kind == "elsewhere" else one.kind, {}).get(one.code, one.code)
    return f"{_(kind)}：{word}", one.code if word != one.code and one.kind != "elsewhere" else ""


def _waits(one: Enrolment, keys: Any, today: date) -> str:
    if one.paid_on is None or (one.ends_on is not None and one.ends_on <= today):
        return ""
    held_codes = frozenset(
        Category.objects.filter(resident_id__in=keys, starts_on__lte=today)
        .exclude(ends_on__lte=today)
        .values_list("code", flat=True)
    )
    try:
        plan = benefits.plan_for(one.region, one.insurance, max(today, one.starts_on)).plan
    except NotFound:
        return ""
    found = benefits.waiting(
        plan, one.person_type, held_codes, one.starts_on, one.paid_on, one.missed_years, one.repaired_years
    )
    return benefits.tell_waiting(found, _) if found and found.until > today else ""


def titles(on: date) -> dict[str, dict[str, str]]:
    """Words of the plans in force for what can be registered: identities, places elsewhere, diseases by kind, dual-channel drugs."""
    found: dict[str, dict[str, str]] = {
        "identity": {}, "place": {}, "chronic": {}, "two_diseases": {}, "drug": dual_channel_titles(),
    }  # fmt: skip
    for plan in benefits.plans_on(on):
        found["identity"] |= {one.code: one.title for one in plan.identities}
        found["place"] |= {one.place: one.title for one in plan.elsewhere}
        for benefit in plan.outpatient:
            if benefit.kind in found:
                found[benefit.kind] |= {one.code: one.title for one in benefit.diseases}
    return found


def asked_for(kind: str, on: date) -> dict[str, str]:
    """What can be asked for: nobody asks for care elsewhere without registration."""
    known = titles(on)["place" if kind == Entitlement.Kind.ELSEWHERE else kind]
    return {code: title for code, title in known.items() if code != "unregistered"}


def askable(on: date) -> dict[str, dict[str, str]]:
    """What can be asked for, by kind."""
    return {kind: asked_for(kind, on) for kind in Entitlement.Kind.values if kind != Entitlement.Kind.INSTITUTION}


def home_card(actor: Actor) -> dict[str, Any] | None:
    """The way to the roll for whoever goes and collects; nothing is counted for a home page."""
    return {} if actor.role in ("township_manager", "village_doctor") else None


def held_about(ids: Any) -> int:
    """How many rows are kept under these residents' keys."""
    return sum(
        table.objects.filter(resident_id__in=ids).count() for table in (Enrolment, Category, Entitlement, Exemption)
    )
