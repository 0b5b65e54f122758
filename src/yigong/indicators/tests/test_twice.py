"""Every indicator a second time: by plain Python over the rooms' tables, without views, definitions or roll-ups. Both ways must agree, cell by cell."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from importlib.util import find_spec
from json import loads
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from django.db import connection

from yigong.core import clock
from yigong.core.months import add_months, first_of
from yigong.indicators import made_county
from yigong.indicators.models import NOWHERE, Cell
from yigong.indicators.queries.registry import counted
from yigong.indicators.tests.made import LEADING, house, make_county

Said = tuple[str, str, date, UUID | None, int, int | None]  # code, variant, month, institution, numerator, denominator
CHRONIC = {"hypertension", "diabetes", "copd"}


def table(name: str) -> list[Any]:
    """All rows of a table."""
    with connection.cursor() as cursor:
        cursor.execute(f"select * from {name}")
        names = [column.name for column in cursor.description]
        return [SimpleNamespace(**dict(zip(names, row, strict=True))) for row in cursor.fetchall()]


def day_of(moment: datetime) -> date:
    """The day in China."""
    return moment.astimezone(clock.SHANGHAI).date()


class Houses:
    """What kind of house a key names, as the definitions of the national documents tell them apart."""

    def __init__(self) -> None:
        self.known = {one.id: one for one in table("network_institution")}

    def primary(self, key: UUID, definition: str) -> bool:
        """Community centres, township centres, village clinics; by P2 private clinics too."""
        category = self.known[key].category
        narrow = category[0] in "BC" or category.startswith("D600")
        return narrow or (definition == "P2" and category[:2] in ("D1", "D2", "D3", "D4"))

    def level(self, key: UUID) -> str:
        """County, township or village."""
        return self.known[key].level

    def public(self, key: UUID) -> bool:
        """Run by the public hand."""
        return self.known[key].ownership == "public"


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


def of_reports(houses: Houses) -> Iterator[Said]:
    """By the asking house, in the month of the report; the coverage of a month counts the year up to it."""
    reports = [one for one in table("orders_order") if one.reported_at]
    helped: dict[tuple[UUID, str], list[date]] = defaultdict(list)
    for one in reports:
        at, month = one.requesting_institution_id, first_of(day_of(one.reported_at))
        minutes = int(
            (one.reported_at - (one.uploaded_at or one.performed_at or one.requested_at)).total_seconds() // 60
        )
        other = at != one.reporting_institution_id
        yield "reports", "", month, at, 1, None
        yield "report-time", "", month, at, minutes, 1
        yield "report-in-two-hours", "", month, at, int(minutes <= 120), 1
        yield "centre-reports", "", month, at, int(other), None
        for p in ("P1", "P2"):
            if one.service in ("imaging", "ecg"):
                yield f"{one.service}-for-primary-care", p, month, at, int(other and houses.primary(at, p)), None
        if other:
            helped[at, one.service].append(month)
    for month in months():

        def has(at: UUID, service: str, month: date = month) -> bool:
            return any(date(month.year, 1, 1) <= one <= month for one in helped[at, service])

        for at in houses.known:
            if houses.level(at) == "township":
                yield "imaging-township-coverage", "", month, at, int(has(at, "imaging")), 1
            if houses.level(at) == "village":
                yield "village-ecg-coverage", "", month, at, int(has(at, "ecg")), 1
            for p in ("P1", "P2"):
                if houses.primary(at, p):
                    yield "remote-reading-coverage", p, month, at, int(has(at, "imaging") or has(at, "ecg")), 1


def of_quality(_houses: Houses) -> Iterator[Said]:
    """Critical values by when they were found, tubes by when they came, images by when they were graded."""
    orders = {one.id: one for one in table("orders_order")}
    for one in table("orders_criticalvalue"):
        at, month = orders[one.order_id].requesting_institution_id, first_of(day_of(one.found_at))
        yield "critical-notified-share", "", month, at, int(one.notified_at is not None), 1
        yield "critical-acknowledged-share", "", month, at, int(one.acknowledged_at is not None), 1
        if one.notified_at:
            soon = one.notified_at - one.found_at < timedelta(minutes=11)
            yield "critical-in-time-share", "", month, at, int(soon), 1
    for one in table("laboratory_tube"):
        came = one.received_at or (one.ended_at if one.state == "rejected" else None)
        if came:
            yield (
                "specimen-rejected-share",
                "",
                first_of(day_of(came)),
                one.collector_id,
                int(one.state == "rejected"),
                1,
            )
    for one in table("imaging_imagingdetail"):
        if one.quality:
            at, month = orders[one.order_id].performing_institution_id, first_of(day_of(one.recorded_at))
            yield "image-grade-a-share", "", month, at, int(one.quality == "A"), 1
            yield "image-waste-share", "", month, at, int(one.quality == "D"), 1


def of_recognitions(_houses: Houses) -> Iterator[Said]:
    """Taken and not made again."""
    again = {one.recognition_id for one in table("orders_repeatfinding")}
    for one in table("orders_recognition"):
        if one.withdrawn_at is None:
            taken = one.decision == "recognised" and one.id not in again
            yield "recognition-share", "", first_of(day_of(one.at)), one.receiver_id, int(taken), 1


def of_programmes(_houses: Houses) -> Iterator[Said]:
    """Visits in their month; who is enrolled at a month's end, with the year up to it."""
    seen: dict[UUID, list[date]] = defaultdict(list)
    programme = {one.id: one.programme for one in table("programmes_enrolment")}
    for one in table("programmes_visit"):
        if one.void_reason:
            continue
        seen[one.enrolment_id].append(one.on)
        yield "follow-ups", "", first_of(one.on), one.institution_id, 1, None
        made = programme[one.enrolment_id] == "health_record" and one.stage == "creation"
        yield "records-made", "", first_of(one.on), one.institution_id, int(made), None
        yield "face-to-face-share", "", first_of(one.on), one.institution_id, int(one.way in "12"), 1
    lain: dict[UUID, list[date]] = defaultdict(list)
    for one in table("records_encounter"):
        if one.kind == "inpatient" and one.status == "finished":
            lain[one.resident_id].append(day_of(one.ended_at))
    for one in table("programmes_enrolment"):
        for month in months():
            end = add_months(month, 1)
            if first_of(one.started_on) > month or (one.ended_on and one.ended_on < end):
                continue
            year = date(month.year, 1, 1)
            yield (
                "seen-this-year",
                "",
                month,
                one.institution_id,
                int(any(year <= day < end for day in seen[one.id])),
                1,
            )
            if one.programme in CHRONIC:
                admitted = any(year <= day < end for day in lain[one.resident_id])
                yield "managed-patients-admitted", "", month, one.institution_id, int(admitted), 1


def of_people(_houses: Houses) -> Iterator[Said]:
    """Contracts signed, people insured at a month's end."""
    for one in table("contracts_contract"):
        if one.signed_on and one.state in ("valid", "ended", "expired"):
            yield "contracts-signed", "", first_of(one.signed_on), one.institution_id, 1, None
    homes = {one.id: one.managing_institution_id for one in table("residents_resident")}
    for one in table("coverage_enrolment"):
        for month in months():
            if first_of(one.starts_on) <= month and (one.ends_on is None or first_of(one.ends_on) > month):
                yield "insured-people", "", month, homes.get(one.resident_id), 1, None


def of_secondments(houses: Houses) -> Iterator[Said]:
    """The month of the 183rd day, of people with a title who came from a county hospital."""
    titles = {one.id: one.title for one in table("network_staff")}
    posts = [one for one in table("network_post") if houses.level(one.institution_id) == "county"]
    for one in table("network_secondment"):
        done = one.starts_on + timedelta(days=183)
        if (
            one.form != "stationed"
            or done > (one.ends_on or clock.today())
            or titles[one.staff_id] not in ("1", "2", "3")
        ):
            continue
        from_hospital = any(
            p.staff_id == one.staff_id
            and p.starts_on <= one.starts_on
            and (p.ends_on is None or p.ends_on > one.starts_on)
            for p in posts
        )
        if from_hospital and houses.level(one.institution_id) in ("township", "village"):
            yield "seconded-physicians", "", first_of(done), one.institution_id, 1, None


def of_teams(_houses: Houses) -> Iterator[Said]:
    """Teams that sign at a month's end, and the contracts they answer for on its last day."""
    states = {one.id: one.state for one in table("contracts_contract")}
    served = defaultdict(list)
    for one in table("contracts_stint"):
        if states[one.contract_id] in ("valid", "ended", "expired"):
            served[one.team_id].append((one.starts_on, one.ends_on))
    for one in table("contracts_team"):
        for month in months():
            end = add_months(month, 1)
            if one.started_on >= end or (one.ended_on and one.ended_on < end):
                continue
            people = sum(begins < end <= over for begins, over in served[one.id])
            yield "family-doctor-teams", "", month, one.institution_id, 1, None
            yield "contracts-per-team", "", month, one.institution_id, people, 1


def of_key_people(_houses: Houses) -> Iterator[Said]:
    """Residents in any group on a month's last day, each once, and whether a contract holds on it."""
    residents = {one.id: one for one in table("residents_resident")}
    groups, terms = defaultdict(list), defaultdict(list)
    for one in table("contracts_groupmember"):
        if one.group not in ("tuberculosis", "mental_illness"):
            groups[one.resident_id].append((one.since, one.until or date.max))
    for one in table("contracts_contract"):
        if one.state in ("valid", "ended", "expired"):
            terms[one.resident_id].append((one.starts_on, one.ends_on))
    for month in months():
        end = add_months(month, 1)
        for key, spans in groups.items():
            person = residents[key]
            there = person.status == "active" or (person.closed_on and person.closed_on >= end)
            if there and not person.is_test and any(since < end <= until for since, until in spans):
                signed = any(since < end <= until for since, until in terms[key])
                yield "key-people-contracts", "", month, person.managing_institution_id, int(signed), 1


def of_workers(_houses: Houses) -> Iterator[Said]:
    """People in post on a month's last day, each once: village doctors by their role, general practitioners beside all residents."""
    licences = [one for one in table("network_qualification") if one.kind == "practice" and one.practice_level in "12"]
    residents, posts = table("residents_resident"), table("network_post")
    for month in months():
        end = add_months(month, 1)
        held = [
            one
            for one in licences
            if (one.issued_on is None or one.issued_on < end) and (one.expires_on is None or one.expires_on >= end)
        ]
        licensed = {one.staff_id for one in held}
        general = {one.staff_id for one in held if "全科医学" in one.scope}
        met: set[Any] = set()
        for one in sorted(posts, key=lambda p: (p.starts_on, p.id)):
            if one.starts_on >= end or (one.ends_on and one.ends_on < end):
                continue
            if one.role == "village_doctor" and (one.staff_id, one.role) not in met:
                yield "village-doctors", "", month, one.institution_id, 1, None
                yield "licensed-village-doctors", "", month, one.institution_id, int(one.staff_id in licensed), 1
            if one.staff_id in general and one.staff_id not in met:
                yield "gp-per-ten-thousand", "", month, one.institution_id, 1, 0
            met |= {one.staff_id, (one.staff_id, one.role)}
        for one in residents:
            gone = one.closed_on if one.status in ("deceased", "moved", "cancelled") else None
            if not one.is_test and (one.status == "active" or (gone and gone >= end)):
                yield "gp-per-ten-thousand", "", month, one.managing_institution_id, 0, 1


def of_centres(_houses: Houses) -> Iterator[Said]:
    """Centres there; what was asked of consultation and pathology; what sterile supply passed and traced."""
    for one in table("network_centre"):
        for month in months():
            if one.starts_on < add_months(month, 1) <= (one.ends_on or date.max):
                yield "shared-centres", "", month, one.institution_id, 1, None
    orders = {one.id: one for one in table("orders_order")}
    limits = {"routine": timedelta(hours=48), "urgent": timedelta(hours=1)}
    for one in table("consultation_consultation"):
        order = orders[one.order_id]
        if order.state != "cancelled":
            at, month = order.requesting_institution_id, first_of(day_of(order.requested_at))
            soon = bool(order.reported_at and order.reported_at - order.requested_at <= limits[order.priority])
            yield "consultation-in-time-share", "", month, at, int(soon), 1
    days = {"BIOPSY": 3, "SURGERY": 5}
    groups = {one.order_id: one.group for one in table("orders_orderitem") if one.position == 1}
    of = {one.id: one.order_id for one in table("orders_report")}
    signed = {of[one.report_id]: one.signed_at for one in table("orders_reportversion") if one.kind == "final"}
    for one in table("pathology_case"):
        order, group = orders[one.order_id], groups[one.order_id]
        if group in days and one.order_id in signed:
            came, told = day_of(order.uploaded_at), day_of(signed[one.order_id])
            worked = sum((came + timedelta(n)).isoweekday() < 6 for n in range(1, (told - came).days + 1))
            month = first_of(day_of(one.registered_at))
            yield "histology-in-time-share", "", month, order.requesting_institution_id, int(worked <= days[group]), 1
    for one in table("sterile_load"):
        if one.kind == "sterilise" and one.finished_at and one.state in ("released", "early", "rejected", "recalled"):
            good = one.state in ("released", "early")
            yield "sterilisation-passed-share", "", first_of(day_of(one.finished_at)), one.centre_id, int(good), 1
    steps: dict[UUID, set[str]] = defaultdict(set)
    for one in table("sterile_scan"):
        steps[one.round_id].add(one.action)
    centre = {one.id: one.centre_id for one in table("sterile_pack")}
    every = {"sort", "clean", "disinfect", "inspect", "pack", "load", "store", "issue"}
    for one in table("sterile_round"):
        if one.issued_at:
            whole = int(every <= steps[one.id])
            yield "pack-traced-share", "", first_of(day_of(one.issued_at)), centre[one.pack_id], whole, 1


def of_standards(houses: Houses) -> Iterator[Said]:
    """The latest verdict that has begun by a month's end and has not run out."""
    verdicts = sorted(table("network_accreditation"), key=lambda one: (one.starts_on, one.recorded_at, one.id))
    for month in months():
        end = add_months(month, 1)
        held = {
            (one.institution_id, one.kind): one.level
            for one in verdicts
            if one.starts_on < end and (one.ends_on is None or one.ends_on >= end)
        }
        for at, house_of in houses.known.items():
            if house_of.category[0] == "C" or house_of.category.startswith("B1"):
                met = held.get((at, "service"), "none") != "none"
                yield "good-service-standard", "", month, at, int(met), 1
            if house_of.level == "village":
                yield "village-clinic-standard", "", month, at, int(held.get((at, "clinic")) == "met"), 1


TARGETS = {
    ("chest-pain", "door_balloon"): "door-to-balloon-share",
    ("stroke", "door_needle"): "door-to-needle-share",
    ("chest-pain", "fmc_ecg"): "first-ecg-in-ten-minutes",
}


def of_emergencies(_houses: Houses) -> Iterator[Said]:
    """Targets that are over, by the hospital and the month in which the case began."""
    cases = {one.id: one for one in table("emergency_case")}
    for one in table("emergency_targetclock"):
        case = cases[one.case_id]
        code = TARGETS.get((one.pathway, one.code))
        if (
            code
            and case.state != "cancelled"
            and case.pathway == one.pathway
            and one.state in ("met", "missed", "unknown")
        ):
            yield code, "", first_of(day_of(case.opened_at)), case.destination_id, int(one.state == "met"), 1


def of_the_public(_houses: Houses) -> Iterator[Said]:
    """Lectures and leaflets of health education; assistance by the house where it was given."""
    answers = {one.id: one.answers for one in table("forms_formresponse")}
    for one in table("programmes_siterecord"):
        if one.programme == "health_education" and not one.void_reason:
            at, month = one.institution_id, first_of(one.on)
            yield "health-lectures", "", month, at, int(one.activity in ("lecture", "consultation")), None
            if one.activity == "material":
                yield "health-education", "", month, at, loads(answers[one.response_id]).get("copies", 0), None
    for one in table("assistance_payment"):
        if one.state != "withdrawn":
            yield "assistance-relief", "", first_of(day_of(one.at)), one.institution_id, one.amount, None


def of_seconded_work(_houses: Houses) -> Iterator[Said]:
    """Months on whose last day somebody is stationed or helps out, and the visits with him there."""
    visits: dict[tuple[Any, Any, date], int] = defaultdict(int)
    for one in table("records_encounter"):
        if (
            one.kind in ("outpatient", "emergency", "home", "remote")
            and not one.is_automatic
            and one.status != "cancelled"
        ):
            visits[one.staff_id, one.institution_id, first_of(day_of(one.occurred_at))] += 1
    for one in table("network_secondment"):
        for month in months():
            end = add_months(month, 1)
            if (
                one.form in ("stationed", "support")
                and one.starts_on < end
                and (one.ends_on is None or one.ends_on >= end)
            ):
                seen = visits[one.staff_id, one.institution_id, month]
                yield "secondment-work", "", month, one.institution_id, seen, 1


WAYS: tuple[Callable[[Houses], Iterator[Said]], ...] = (
    of_visits, of_stays, of_charges, of_settlements, of_cases, of_referrals, of_reports, of_quality, of_recognitions, of_programmes, of_people, of_secondments,
    of_teams, of_key_people, of_workers, of_centres, of_standards, of_emergencies, of_the_public, of_seconded_work,
)  # fmt: skip


def agrees_in_the_lake(folder: Path) -> None:
    """Every cell of every indicator, by both engines."""
    from yigong.indicators import lake

    lake.export(folder)
    first, last = made_county.year()
    fields = ("code", "variant", "month", "institution_id", "numerator", "denominator", "provisional")
    mine = set(Cell.objects.filter(month__gte=first, month__lte=last).values_list(*fields))
    found = lake.count(lake.connect(folder), counted().values(), first, last)
    other = {tuple(getattr(cell, name) for name in fields) for cell in found}
    codes = {cell[0] for cell in mine & other}
    print(
        f"\n{len(mine & other)} of {len(mine | other)} cells of {len(codes)} indicators agree in PostgreSQL and DuckDB"
    )
    assert mine == other and codes == set(counted())


def months() -> list[date]:
    """The twelve months."""
    first, _last = made_county.year()
    return [add_months(first, n) for n in range(12)]


@pytest.mark.django_db
def test_every_indicator_agrees_with_a_count_by_hand(tmp_path: Path) -> None:
    """The roll-ups of SQL over views against sums of Python over tables, and against DuckDB over the exported facts."""
    make_county(2400)
    if find_spec("duckdb"):
        agrees_in_the_lake(tmp_path)
    by_hand: dict[tuple[str, str, date, UUID], list[int | None]] = {}
    houses, wanted = Houses(), set(months())
    for way in WAYS:
        for code, variant, month, place, above, below in way(houses):
            if month not in wanted:
                continue
            sums = by_hand.setdefault((code, variant, month, place or NOWHERE), [0, None if below is None else 0])
            sums[0] += above
            if below is not None:
                sums[1] += below
    mine = {key: tuple(sums) for key, sums in by_hand.items() if sums[0] or sums[1]}
    rolled = {
        (one.code, one.variant, one.month, one.institution_id): (one.numerator, one.denominator)
        for one in Cell.objects.filter(month__in=wanted)
    }
    wrong = sorted(key[0] for key in mine.keys() | rolled.keys() if mine.get(key) != rolled.get(key))
    agree = {key[0] for key in mine} - set(wrong)
    print(f"\n{len(agree)} of {len(counted())} indicators agree in all their {len(rolled)} cells with a count by hand")
    assert not wrong, sorted(set(wrong))
    assert agree == set(counted()), set(counted()) - agree
