"""What a list is made from, fetched through the doors of the other rooms."""

from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from yigong.clinic import api as clinic
from yigong.clinic.data import BillData, FrontPageData
from yigong.core import clock
from yigong.core.clock import SHANGHAI
from yigong.insurance.claims import groupers
from yigong.insurance.claims.errors import NothingToDeclare
from yigong.insurance.claims.grouping import case_of, group
from yigong.insurance.claims.rules.assembling import Known
from yigong.insurance.coverage import api as coverage
from yigong.insurance.grouping.api import SchemeInvalid
from yigong.insurance.invoices import api as invoices
from yigong.insurance.settlement import api as settlement
from yigong.network import api as network
from yigong.residents import api as residents

# Kinds of documents here → certificate types of the list.
_CERTIFICATES = {"01": "01", "02": "02", "03": "03", "04": "04", "05": "04", "06": "06", "07": "06"}


def known_of(bill_id: UUID, *, own: dict[str, Any] | None = None, filled_by: str = "") -> Known:
    """Everything about one inpatient settlement; NothingToDeclare says what is missing."""
    bill = clinic.bill(bill_id)
    if bill.kind != "inpatient" or bill.stay_id is None:
        raise NothingToDeclare(_("只有住院结算才做结算清单。"))
    page, sheet = clinic.front_page(bill.stay_id), settlement.sheet_of_bill(bill_id)
    if sheet is None or not sheet.scheme:
        raise NothingToDeclare(_("这张账单还没有医保结算，不能生成结算清单。"))
    if page.state != "coded":
        raise NothingToDeclare(_("病案首页还没有编码锁定，不能生成结算清单。"))
    place, person = network.institution(bill.institution_id), residents.identity(page.resident_id)
    invoice = invoices.counting([sheet.id]).get(sheet.id)
    certificate = person.numbers[0] if person.numbers else None
    return Known(
        page=page, bill=bill, sheet=sheet, institution_name=place.name, institution_code=place.code, ethnicity=person.ethnicity,
        address=person.place, departments=_departments(page), staff=_staff(page), filled_by=filled_by, own=own or {},
        certificate=(_CERTIFICATES.get(certificate.kind, "99"), certificate.masked) if certificate else ("", ""),
        category=_category(page, sheet), invoice=(invoice.code, invoice.number) if invoice else ("", ""),
    )  # fmt: skip


def _category(page: FrontPageData, sheet: settlement.SheetData) -> str:
    try:
        return ",".join(sorted(coverage.coverage_on(page.resident_id, sheet.settled_on).identities))[:6]
    except coverage.NotInsured:
        return ""


def _departments(page: FrontPageData) -> dict[UUID, str]:
    keys = {page.stay.department_id, page.stay.admission_department_id, *page.transfers}
    return {key: one.name for key, one in network.departments_many(keys).items()}


def _people(page: FrontPageData) -> set[UUID]:
    keys = {page.stay.doctor_id, *(one.operator_id for one in page.procedures)}
    return {key for key in keys if key is not None}


def _staff(page: FrontPageData) -> dict[UUID, str]:
    return {key: one.code for key, one in network.staff_many(_people(page)).items()}


def basis_of(known: Known) -> dict[str, Any]:
    """What the checks look at beside the list: charges, group, who worked here on the day, death, conversions of clinical codes."""
    page, on = known.page, known.sheet.settled_on
    codes = [one.code for one in page.diagnoses]
    case = case_of(page, codes, [one.code for one in page.procedures], known.sheet.total)
    found = group(case, known.sheet.total, on, level=known.sheet.level, explain=False)
    person = residents.identity(page.resident_id)
    died = (person.closed_on or clock.today()).isoformat() if person.status == "deceased" else None
    return {
        "charges": charges_of(known.bill), "family": known.sheet.family, "died_on": died, "staff": _working(known),
        "drg": {"scheme": found.scheme, "code": found.code, "name": found.name, "weight": found.weight, "ambiguous": found.ambiguous, "status": found.status},
        "expected": found.expected, "multiple": round(known.sheet.total / found.standard, 4) if found.standard else None,
        "conversions": _conversions(found.scheme, codes),
    }  # fmt: skip


def charges_of(bill: BillData) -> list[dict[str, Any]]:
    """Charges by item: what stands on the bill and was not returned."""
    sums: dict[str, dict[str, Any]] = {}
    for line in bill.lines:
        if line.net_amount:
            one = sums.setdefault(
                line.item_code, {"item": line.item_code, "name": line.item_name, "amount": 0, "first": ""}
            )
            one["amount"] += line.net_amount
            one["first"] = one["first"] or line.performed_at.astimezone(SHANGHAI).date().isoformat()
    return list(sums.values())


def _working(known: Known) -> dict[str, bool]:
    """Code of each person who treated → whether they held a post here on the day of discharge."""
    stay = known.page.stay
    on = (stay.discharged_at or clock.now()).astimezone(SHANGHAI).date()
    posts = network.posts_of_many(known.staff, on)
    return {
        code: any(post.institution_id == stay.institution_id for post in posts.get(key, ()))
        for key, code in known.staff.items()
    }


def _conversions(scheme: str, codes: list[str]) -> dict[str, str]:
    if not scheme:
        return {}
    engine = groupers.grouper(scheme).scheme
    try:
        table = engine.conversion("icd10")
    except (SchemeInvalid, OSError):
        return {}
    return {code: table[code] for code in codes if code not in engine.diagnosis_names and code in table}
