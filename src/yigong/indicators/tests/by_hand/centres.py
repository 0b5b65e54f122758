"""What the shared centres and logistics do."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from uuid import UUID

from yigong.core.months import add_months, first_of
from yigong.indicators.tests.by_hand import Houses, Said, day_of, months, table


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
    days = {"BIOPSY": 3, "SURGERY": 5, "CYTOLOGY": 2}
    groups = {one.order_id: one.group for one in table("orders_orderitem") if one.position == 1}
    of = {one.id: one.order_id for one in table("orders_report")}
    first: dict[UUID, datetime] = {}
    for one in table("orders_reportversion"):
        key = of[one.report_id]
        first[key] = min(first.get(key, one.signed_at), one.signed_at)
    signed = {of[one.report_id]: one.signed_at for one in table("orders_reportversion") if one.kind == "final"}
    for one in table("pathology_case"):
        order, group = orders[one.order_id], groups[one.order_id]
        if group in days and one.order_id in signed:
            came, told = day_of(order.uploaded_at), day_of(signed[one.order_id])
            worked = sum((came + timedelta(n)).isoweekday() < 6 for n in range(1, (told - came).days + 1))
            month, name = first_of(day_of(one.registered_at)), "cytology" if group == "CYTOLOGY" else "histology"
            asking = order.requesting_institution_id
            yield f"{name}-in-time-share", "", month, asking, int(worked <= days[group]), 1
        if group == "FROZEN" and one.order_id in first:
            soon = first[one.order_id] - order.uploaded_at <= timedelta(minutes=30)
            month = first_of(day_of(one.registered_at))
            yield "frozen-in-time-share", "", month, order.requesting_institution_id, int(soon), 1
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


def of_logistics(_houses: Houses) -> Iterator[Said]:
    """Stops of tours that were driven; goods by the day they were loaded, by the sender."""
    driven = {one.id for one in table("logistics_run") if one.state in ("under_way", "done")}
    for one in table("logistics_runstop"):
        if one.run_id in driven and (one.arrived_at or one.skipped):
            soon = bool(one.arrived_at and one.arrived_at - one.planned_at < timedelta(minutes=16))
            yield "stops-on-time-share", "", first_of(day_of(one.planned_at)), one.institution_id, int(soon), 1
    read: dict[UUID, list[bool]] = defaultdict(list)
    for one in table("logistics_temperature"):
        read[one.consignment_id].append(one.is_within)
    for one in table("logistics_consignment"):
        if one.loaded_at is None or one.state == "withdrawn":
            continue
        month = first_of(day_of(one.loaded_at))
        if one.band in ("2-8", "frozen"):
            yield "cold-chain-share", "", month, one.sender_id, int(bool(read[one.id]) and all(read[one.id])), 1
        if one.state in ("received", "damaged", "lost"):
            whole = one.state == "received" and not one.difference
            yield "goods-received-share", "", month, one.sender_id, int(whole), 1
