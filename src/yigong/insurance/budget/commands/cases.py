"""Inpatient cases come in from the counter: with the settlement, grouped when the list is made, gone when the settlement is taken back."""

from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from yigong.clinic import api as clinic
from yigong.clinic.data import StayData
from yigong.core.clock import SHANGHAI
from yigong.core.commands import one_at_a_time
from yigong.core.errors import NotFound
from yigong.insurance.benefits.api import INPATIENT
from yigong.insurance.budget.commands.facts import region_of
from yigong.insurance.budget.models import CasePayment, FundCase, Statement
from yigong.insurance.budget.queries.year_end import closing_of
from yigong.insurance.settlement.api import SettlementFact

DIED = "5"  # RC019


@transaction.atomic
def keep_case(fact: SettlementFact) -> bool:
    """The inpatient case of a settlement of the county's insured people, new or with its group; False when it is none, or its month is paid.

    Until somebody has coded the front page it has no group and says so.
    """
    stay = _stay_of(fact)
    if stay is None or stay.discharged_at is None or fact.institution_id is None or fact.reverses:
        return False
    one_at_a_time("budget.statements", fact.month)
    if _is_paid(fact.institution_id, fact):
        return False
    days = [at.astimezone(SHANGHAI).date() for at in (stay.admitted_at, stay.discharged_at)]
    group, coded = fact.drg_code[:12], _coded(stay.id)
    FundCase.objects.update_or_create(
        id=fact.id,
        defaults={
            "number": fact.number, "institution_id": fact.institution_id, "department_id": stay.department_id, "doctor_id": stay.doctor_id,
            "resident_id": fact.resident_id, "scheme": fact.scheme, "month": fact.month, "discharged_on": days[1],
            "days": max(1, (days[1] - days[0]).days), "level": fact.level, "group": group, "group_name": fact.drg_name if group else "",
            "why_not": "" if group else _("病案首页尚未编码入组"), "died": stay.way_out == DIED, "cost": fact.total, "own": fact.own,
            "over": fact.over, "first_self_pay": fact.first_self_pay, "deductible": fact.deductible, "ratio": fact.ratio,
            "pool": fact.pool, "other_funds": fact.funds - fact.pool, "person": fact.person,
            **coded,
        },
    )  # fmt: skip
    return True


@transaction.atomic
def drop_case(settlement_id: UUID) -> bool:
    """The settlement was taken back: its case goes, unless its month is paid already; then the year's clearing, which counts facts, makes it good."""
    case = FundCase.objects.filter(pk=settlement_id).first()
    if case is None:
        return False
    one_at_a_time("budget.statements", case.month)
    if _is_paid(case.institution_id, case) or case.requests.exists():
        return False
    CasePayment.objects.filter(case=case).delete()
    case.delete()
    return True


def _stay_of(fact: SettlementFact) -> StayData | None:
    if fact.kind != INPATIENT or not region_of(fact.scheme) or fact.bill_id is None or fact.total <= 0:
        return None
    try:
        stay_id = clinic.bill(fact.bill_id).stay_id
    except NotFound:
        return None  # a bill of another system: its cases come in by file
    return clinic.stay(stay_id) if stay_id else None


def _coded(stay_id: UUID) -> dict[str, Any]:
    """What the front page says of the case once it is coded; blank before."""
    try:
        page = clinic.front_page(stay_id)
    except NotFound:
        return {}
    if page.state != "coded" or not page.diagnoses:
        return {}
    main, acts = page.diagnoses[0], page.procedures
    return {
        "diagnosis": main.code[:20], "diagnosis_name": main.name[:120], "operation": acts[0].code[:20] if acts else "",
        "operation_name": acts[0].name[:120] if acts else "", "other_diagnoses": len(page.diagnoses) - 1, "age": page.age_years,
    }  # fmt: skip


def _is_paid(institution_id: UUID, of: SettlementFact | FundCase) -> bool:
    if closing_of(of.month.year, "dip"):
        return True  # the year's value of a point is settled
    rows = Statement.objects.filter(institution_id=institution_id, month=of.month)
    return rows.exclude(state="calculated").exists()
