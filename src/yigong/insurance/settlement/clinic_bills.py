"""A bill of the clinic as settlement needs it."""

from datetime import date
from uuid import UUID

from yigong.clinic import api as clinic
from yigong.clinic.data import BillData, ChargeLineData
from yigong.core import clock
from yigong.insurance.settlement.bills import Bill, Charge
from yigong.referrals import api as referrals
from yigong.residents import api as residents


def bill_of(data: BillData) -> Bill:
    """Lines with what is left of them after returns; the days of a stay, or the day of the visit."""
    today = clock.today()
    opened = data.opened_at.astimezone(clock.SHANGHAI).date() if data.opened_at else today
    began = data.admitted_on or opened
    order = _order(data, began)
    charges = tuple(charge for line in data.lines if (charge := _charge(line)) is not None)
    return Bill(
        data.id, data.number, data.resident_id, data.institution_id, data.kind, charges, began,
        data.discharged_on or (today if data.kind == "inpatient" else opened), tuple(code for code, _name in data.diagnoses),
        referral=order.direction if order else "", referral_number=order.number if order else "", encounter_id=data.encounter_id, from_clinic=True,
    )  # fmt: skip


def _order(data: BillData, began: date) -> referrals.ReferralData | None:
    """The referral order by which the institution took the person in; of stays only."""
    if data.kind != "inpatient":
        return None
    return referrals.referral_into(residents.identities(data.resident_id), data.institution_id, began)


def clinic_bill(bill_id: UUID) -> Bill:
    """The bill with this key, for commands and pages that have decided; NotFound."""
    return bill_of(clinic.bill(bill_id))


def _charge(line: ChargeLineData) -> Charge | None:
    if not line.net_quantity and not line.net_amount:
        return None
    quantity, price = int(line.net_quantity.scaleb(4)), int(line.unit_price.scaleb(6))
    return Charge(
        str(line.id), line.national_code, line.item_name, line.national_category, quantity, price, line.net_amount, line.unit
    )  # fmt: skip
