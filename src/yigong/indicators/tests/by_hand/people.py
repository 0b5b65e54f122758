"""Programmes, people insured and contracted, staff, standards, what is done for the public."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from json import loads
from typing import Any
from uuid import UUID

from yigong.core import clock
from yigong.core.months import add_months, first_of
from yigong.indicators.tests.by_hand import Houses, Said, day_of, months, table

CHRONIC = {"hypertension", "diabetes", "copd"}


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


def of_outside_experts(houses: Houses) -> Iterator[Said]:
    """Each beginning of a help by somebody whose post is outside the county."""
    posts = [one for one in table("network_post") if houses.level(one.institution_id) == "outside"]
    for one in table("network_secondment"):
        if one.form not in ("stationed", "support") or one.starts_on > clock.today():
            continue
        if any(p.staff_id == one.staff_id and p.starts_on <= one.starts_on for p in posts):
            yield "outside-experts", "", first_of(one.starts_on), one.institution_id, 1, None


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


def of_standards(houses: Houses) -> Iterator[Said]:
    """The latest verdict that has begun by a month's end and has not run out."""
    verdicts = sorted(table("network_accreditation"), key=lambda one: (one.starts_on, one.recorded_at, one.id))
    for month in months():
        end = add_months(month, 1)
        held = {
            (one.institution_id, one.kind): one.level
            for one in verdicts
            if one.withdrawn_at is None and one.starts_on < end and (one.ends_on is None or one.ends_on >= end)
        }
        for at, house_of in houses.known.items():
            if house_of.category[0] == "C" or house_of.category.startswith("B1"):
                met = held.get((at, "service"), "none") != "none"
                yield "good-service-standard", "", month, at, int(met), 1
            if house_of.level == "village":
                yield "village-clinic-standard", "", month, at, int(held.get((at, "clinic")) == "met"), 1


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
