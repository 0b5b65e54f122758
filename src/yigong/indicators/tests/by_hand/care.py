"""Visits, stays, charges, settlements, referrals, and how long people wait."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

from yigong.core.months import first_of
from yigong.indicators.tests.by_hand import Houses, Said, day_of, table
from yigong.indicators.tests.made import LEADING, house


def of_visits(houses: Houses) -> Iterator[Said]:
    """By the place of the visit, in the month of its time."""
    departments = {one.id: one.specialty for one in table("network_department")}
    for one in table("records_encounter"):
        if (
            one.kind not in ("outpatient", "emergency", "home", "remote")
            or one.is_automatic
            or one.status == "cancelled"
        ):
            continue
        at, month = one.institution_id, first_of(day_of(one.occurred_at))
        chinese = departments.get(one.department_id, "").startswith("50")
        yield "visits", "", month, at, 1, None
        yield (
            "chinese-medicine-share", "", month, at, int(chinese or houses.known[at].category.startswith("A2")), 1,
        )  # fmt: skip
        for p in ("P1", "P2"):
            primary, open_to = houses.primary(at, p), one.kind in ("outpatient", "emergency")
            yield "primary-visit-share", p, month, at, int(primary), 1
            yield "primary-outpatient-share", p, month, at, int(primary and open_to), int(open_to)
            yield (
                "primary-chinese-medicine-share",
                p,
                month,
                at,
                int(primary and open_to and chinese),
                int(primary and open_to),
            )


def of_stays(houses: Houses) -> Iterator[Said]:
    """By the place and month of the discharge."""
    stays = {one.encounter_id: one.id for one in table("clinic_stay")}
    pages = {one.stay_id: one.id for one in table("clinic_frontpage")}
    operations: dict[UUID, list[str]] = defaultdict(list)
    for one in table("clinic_frontpageprocedure"):
        operations[one.front_page_id].append(one.level)
    down = [one for one in table("referrals_referral") if one.direction == "down"]
    summaries = {
        one.encounter_id: one.finalised_at or one.recorded_at
        for one in table("records_document")
        if one.kind == "discharge_summary" and one.status in ("final", "superseded")
    }
    for one in table("records_encounter"):
        if one.kind != "inpatient" or one.status != "finished" or one.ended_at is None:
            continue
        at, month = one.institution_id, first_of(day_of(one.ended_at))
        levels = [level for level in operations[pages.get(stays.get(one.id))] if level]
        days = max(1, (day_of(one.ended_at) - day_of(one.occurred_at)).days)
        yield "discharges", "", month, at, 1, None
        yield "length-of-stay", "", month, at, days, 1
        if houses.level(at) == "county":
            told = summaries.get(one.id)
            yield "discharge-information", "", month, at, int(told is not None), 1
            soon = bool(told and told - one.ended_at <= timedelta(hours=24))
            yield "discharge-information-in-time", "", month, at, int(soon), 1
        if houses.public(at):
            yield "level-4-operations", "", month, at, levels.count("4"), len(levels)
        if at == house(LEADING):
            sent = any(
                r.resident_id == one.resident_id
                and r.from_institution_id == at
                and one.occurred_at <= r.submitted_at <= one.ended_at + timedelta(days=7)
                for r in down
            )
            yield "lead-length-of-stay", "", month, at, days, 1
            yield "lead-level-3-4-operations", "", month, at, len([x for x in levels if x in "34"]), len(levels)
            yield "lead-referred-down-share", "", month, at, int(sent), 1


def of_charges(_houses: Houses) -> Iterator[Said]:
    """Lines that were not struck out, by the bill's house, in the month in which they were performed."""
    bills = {one.id: one.institution_id for one in table("clinic_bill")}
    for one in table("clinic_chargeline"):
        if one.struck_at is None:
            at, month, medicine = (
                bills[one.bill_id],
                first_of(day_of(one.performed_at)),
                one.category in ("drug", "herbal", "patent"),
            )
            service = not medicine and one.category not in ("material", "examination", "laboratory")
            yield "medicine-charge-share", "", month, at, one.amount * medicine, one.amount
            yield "service-income-share", "", month, at, one.amount * service, one.amount


def of_settlements(houses: Houses) -> Iterator[Said]:
    """By the home of the insured, but costs by the place that charged."""
    for one in table("budget_fundfact"):
        inside, stay, month, home = one.place == "inside", one.kind == "inpatient", one.month, one.home_id
        at, n = one.institution_id, one.cases
        yield "fund-paid", "", month, home, one.pool, None
        yield "care-in-county-share", "", month, home, n * inside, n
        yield "fund-in-county-share", "", month, home, one.pool * inside, one.pool
        for p in ("P1", "P2"):
            yield "fund-primary-share", p, month, home, one.pool * (inside and houses.primary(at, p)), one.pool * inside
        if stay:
            yield "inpatient-in-county-share", "", month, home, n * inside, n
            yield "inpatient-reimbursed-share", "", month, home, one.pool + one.other_funds, one.total
            yield "person-per-stay", "", month, home, one.person, n
        if inside:
            yield "inpatient-cost" if stay else "outpatient-cost", "", month, at, one.total, n


def of_cases(houses: Houses) -> Iterator[Said]:
    """Cases of public hospitals."""
    for one in table("budget_fundcase"):
        if houses.public(one.institution_id):
            yield "payment-by-group-share", "", one.month, one.institution_id, int(one.group != ""), 1


def of_referrals(_houses: Houses) -> Iterator[Said]:
    """By the sending house, in the month of the submission."""
    for one in table("referrals_referral"):
        if one.submitted_at is None or (one.state == "cancelled" and one.answered_at is None):
            continue
        at, month, down = one.from_institution_id, first_of(day_of(one.submitted_at)), one.direction == "down"
        done = one.first_contact_at if down else one.feedback_at
        yield "referral-completion", "", month, at, int(done is not None), 1
        if one.arrived_at:
            yield f"referrals-{one.direction}", "", month, at, 1, None
        if down:
            yield "first-visit-share", "", month, at, int(one.first_contact_at is not None), 1
        if one.answered_at:
            yield (
                "referral-answer-time",
                "",
                month,
                at,
                int((one.answered_at - one.submitted_at).total_seconds() // 60),
                1,
            )


def of_waiting(_houses: Houses) -> Iterator[Said]:
    """From the registration to the call on the same day: sent by a referral, and those at the window."""
    codes = {"referral": "priority-waiting", "window": "ordinary-waiting"}
    for one in table("clinic_visit"):
        if one.called_at and day_of(one.called_at) == one.registered_on and one.manner in codes:
            minutes = int((one.called_at - one.registered_at).total_seconds() // 60)
            yield codes[one.manner], "", first_of(one.registered_on), one.institution_id, minutes, 1
