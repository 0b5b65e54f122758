"""What the shared centres do: orders and their quality, results recognised, consultations and pathology, sterile supply, emergencies."""

# texts: data

from yigong.indicators.made_county.making import Maker, key


def orders(maker: Maker) -> None:
    """Images, tracings, samples of primary care read by the county hospital, and one in five its own."""
    n = maker.size.orders
    asking = (
        f"case when g % 5 = 0 then 0 when g % 5 < 3 then {maker.village('g / 5')} else {maker.township('g / 5')} end"
    )
    maker.fill(
        "orders_order", n,
        {
            "id": key("order", "g"), "state": "'final'", "number": "'S' || lpad(g::text, 9, '0')", "accession": "'A' || lpad(g::text, 9, '0')", "priority": "'routine'", "identity": "'unchecked'",
            "service": "case when g % 12 < 5 then 'imaging' when g % 12 < 9 then 'ecg' else 'laboratory' end", "resident_id": maker.person("g * 7"),
            "requesting_institution_id": key("house", f"({asking})"), "performing_institution_id": key("house", f"({asking})"), "reporting_institution_id": key("house", "0"),
            "requested_at": maker.at(n), "uploaded_at": f"{maker.at(n)} + interval '20 minutes'",
            "reported_at": f"case when g % 40 <> 0 then {maker.at(n)} + make_interval(mins => (25 + g * 37 % 130)::int) end",
        },
    )  # fmt: skip


def quality(maker: Maker) -> None:
    """One order in thirty raises a critical value; the laboratory's orders are tubes, the images are graded."""
    n = maker.size.orders
    found = f"({maker.at(n, '(g * 30)')})"
    maker.fill(
        "orders_criticalvalue", max(6, n // 30),
        {
            "id": key("critical", "g"), "state": "'closed'", "order_id": key("order", f"(g * 30 % {n})"), "item": "'K'", "found_at": found,
            "notified_at": f"case when g % 9 <> 4 then {found} + make_interval(mins => (g * 3 % 16)::int) end",
            "acknowledged_at": f"case when g % 9 <> 4 and g % 7 <> 0 then {found} + interval '20 minutes' end", "read_back": "g % 9 <> 4 and g % 7 <> 0",
        },
    )  # fmt: skip
    tube = f"join orders_order o on o.id = {key('order', 'g')} and o.service = 'laboratory'"
    maker.fill(
        "laboratory_tube", n,
        {
            "id": key("tube", "g"), "number": "'T' || g", "state": "case when g % 80 = 11 then 'rejected' else 'stored' end", "fault": "case when g % 80 = 11 then 'clotted' else '' end",
            "order_id": "o.id", "items": "'[]'", "collector_id": "o.requesting_institution_id", "centre_id": "o.reporting_institution_id", "collected_at": "o.requested_at",
            "received_at": "case when g % 80 <> 11 then o.uploaded_at end", "ended_at": "case when g % 80 = 11 then o.uploaded_at end",
        }, tube,
    )  # fmt: skip
    maker.fill(
        "imaging_imagingdetail", n,
        {"order_id": "o.id", "quality": "case when g % 60 = 1 then 'D' when g % 12 = 2 then 'B' when g % 12 = 3 then '' else 'A' end", "recorded_at": "o.uploaded_at"},
        tube.replace("laboratory", "imaging"),
    )  # fmt: skip


def recognitions(maker: Maker) -> None:
    """Four in five earlier results are taken; one in fifty of these was made again all the same."""
    n = maker.size.recognitions
    taken = "(g % 5 <> 0)"
    maker.fill(
        "orders_recognition", n,
        {
            "id": key("recognition", "g"), "resident_id": maker.person("g * 11"), "service": "'imaging'", "item_code": "'CT'", "item_name": "'CT 平扫'", "price": "18000",
            "decision": f"case when {taken} then 'recognised' else 'repeated' end", "reason_code": f"case when {taken} then '' else '1' end", "source_item_id": "g",
            "giver_id": key("house", maker.township("g")), "receiver_id": key("house", "(g % 2)"), "at": maker.at(n),
        },
    )  # fmt: skip
    maker.fill(
        "orders_repeatfinding", max(1, n // 50),
        {"recognition_id": key("recognition", "(g * 50 + 1)"), "item_id": "g", "found_at": "now()"},
    )  # fmt: skip


def centres(maker: Maker) -> None:
    """The seven centres at the leading hospital; consultations and pathology, whose orders follow the others."""
    kinds = "(array['imaging','ecg','laboratory','pathology','consultation','sterile','emergency'])[1 + g]"
    maker.fill(
        "network_centre", 7,
        {"id": key("centre", "g"), "kind": kinds, "name": f"'清溪县' || {kinds}", "institution_id": key("house", "0"), "starts_on": f"date '{maker.first.year - 1}-01-01'"},
    )  # fmt: skip
    n, talks, before = maker.size.pathology, maker.size.consultations, maker.size.orders
    of_pathology, at = f"(g < {n})", maker.at(n + talks)
    maker.fill(
        "orders_order", n + talks,
        {
            "id": key("order", f"(g + {before})"), "state": "case when g % 30 = 7 then 'cancelled' else 'final' end", "number": f"'S' || lpad((g + {before})::text, 9, '0')",
            "accession": f"'A' || lpad((g + {before})::text, 9, '0')", "priority": "case when g % 6 = 1 then 'urgent' else 'routine' end", "identity": "'unchecked'",
            "service": f"case when {of_pathology} then 'pathology' else 'consultation' end", "resident_id": maker.person("g * 13"),
            "requesting_institution_id": key("house", maker.township("g")), "performing_institution_id": key("house", "0"), "reporting_institution_id": key("house", "0"),
            "requested_at": at, "uploaded_at": f"case when {of_pathology} then {at} end",
            "reported_at": f"case when g % 30 <> 7 and g % 17 <> 5 then {at} + make_interval(mins => (g % 12 * 600)::int + case when g % 6 = 1 then 20 + (g % 4 * 20)::int else 0 end) end",
        },
    )  # fmt: skip
    maker.fill(
        "consultation_consultation",
        talks,
        {"id": key("done", "g"), "order_id": key("order", f"(g + {before + n})")},
    )
    order = f"join orders_order o on o.id = {key('order', f'(g + {before})')}"
    maker.fill(
        "pathology_case", n,
        {"order_id": "o.id", "number": "'P' || g", "registered_at": "o.uploaded_at + interval '1 hour'"}, order,
    )  # fmt: skip
    maker.fill(
        "orders_orderitem", n,
        {"order_id": "o.id", "position": "1", "name": "'活检'", "group": "(array['BIOPSY','SURGERY','CYTOLOGY','BIOPSY','FROZEN'])[1 + g % 5]"}, order,
    )  # fmt: skip
    maker.fill("orders_report", n, {"id": key("report", "g"), "order_id": "o.id"}, order)
    maker.fill(
        "orders_reportversion", n,
        {"id": key("version", "g"), "report_id": key("report", "g"), "kind": "case when g % 23 = 6 then 'preliminary' else 'final' end", "number": "1", "signed_at": "o.reported_at"},
        f"{order} and o.reported_at is not null",
    )  # fmt: skip


def sterile(maker: Maker) -> None:
    """Loads, a few of them rejected; packs with their eight steps, one in sixty short of one."""
    n, packs = maker.size.loads, maker.size.packs
    maker.fill(
        "sterile_load", n,
        {
            "id": key("load", "g"), "machine_id": key("load", "g"), "number": "'MJ' || g", "centre_id": key("house", "0"), "kind": "case when g % 4 = 0 then 'wash' else 'sterilise' end",
            "programme_label": "'134℃ 预真空'", "opened_at": maker.at(n), "started_at": maker.at(n), "finished_at": f"case when g % 90 <> 5 then {maker.at(n)} + interval '1 hour' end",
            "state": "case when g % 90 = 5 then 'running' when g % 70 = 9 then 'rejected' when g % 70 = 10 then 'recalled' when g % 70 = 11 then 'early' else 'released' end",
        },
    )  # fmt: skip
    maker.fill(
        "sterile_pack", packs,
        {"id": key("pack", "g"), "number": "'MP' || g", "centre_id": key("house", "0"), "holder_id": key("house", maker.township("g")), "state": "'used'"},
    )  # fmt: skip
    issued = f"case when g % 40 <> 7 then {maker.at(packs)} end"
    maker.fill(
        "sterile_round", packs,
        {
            "id": key("round", "g"), "pack_id": key("pack", "g"), "number": "1", "label": "'ML' || g", "returned_at": maker.at(packs), "issued_at": issued,
            "destination_id": key("house", maker.township("g")),
        },
    )  # fmt: skip
    steps = "(array['sort','clean','disinfect','inspect','pack','load','store','issue'])[1 + g % 8]"
    maker.fill(
        "sterile_scan", packs * 8,
        {
            "id": key("scan", "g"), "posting_id": key("scan", "g"), "pack_id": key("pack", "(g / 8)"), "round_id": key("round", "(g / 8)"), "at": maker.at(packs, "(g / 8)"),
            "action": f"case when g % 480 = 3 then 'sort' else {steps} end",
        },
    )  # fmt: skip


def emergencies(maker: Maker) -> None:
    """Chest pain and stroke, two targets each; some still run, some were never written down, some do not apply."""
    n = maker.size.emergencies
    maker.fill(
        "emergency_case", n,
        {
            "id": key("emergency", "g"), "number": "'MC' || g", "state": "case when g % 50 = 8 then 'cancelled' else 'care' end", "way": "'call'", "priority": "1",
            "centre_id": key("house", "0"), "destination_id": key("house", "(g % 5 / 4)"), "opened_at": maker.at(n), "patient_name": "'病人'", "patient_sex": "'1'", "complaint": "'x'",
            "pathway": "case when g % 2 = 0 then 'chest-pain' else 'stroke' end",
        },
    )  # fmt: skip
    case, took = "(g / 2)", "make_interval(mins => (g % 130)::int)"
    timed = "(g % 11 < 8)"
    maker.fill(
        "emergency_targetclock", n * 2,
        {
            "id": key("clock", "g"), "case_id": key("emergency", case), "pathway": f"case when g % 60 = 4 then 'trauma' when {case} % 2 = 0 then 'chest-pain' else 'stroke' end",
            "code": f"case when g % 2 = 0 then case when {case} % 2 = 0 then 'door_balloon' else 'door_needle' end else case when {case} % 2 = 0 then 'fmc_ecg' else 'door_ct' end end",
            "label": "'时限'", "minutes": "60", "state": f"case when {timed} and g % 11 < 6 then 'met' when {timed} then 'missed' when g % 11 = 8 then 'unknown' when g % 11 = 9 then 'running' else 'dropped' end",
            "started_at": maker.at(n, case), "stopped_at": f"case when {timed} then {maker.at(n, case)} + {took} end",
        },
    )  # fmt: skip


def logistics(maker: Maker) -> None:
    """Tours with four stops, some late and some passed by; goods of every kind, most of the cold ones read within their limits."""
    n, goods = maker.size.stops, maker.size.consignments
    runs = -(-n // 4)
    maker.fill(
        "logistics_run", runs,
        {
            "id": key("run", "g"), "number": "'MR' || g", "state": "case when g % 30 = 4 then 'planned' when g % 30 = 5 then 'under_way' else 'done' end",
            "base_id": key("house", "0"), "name": "'临时'", "why": "'临时'", "on": maker.day(runs), "van_id": key("run", "g"), "driver_id": key("run", "g"),
        },
    )  # fmt: skip
    planned, skipped = maker.at(n), "(g % 37 = 6)"
    maker.fill(
        "logistics_runstop", n,
        {
            "id": key("stop", "g"), "run_id": key("run", "(g / 4)"), "rank": "g % 4", "institution_id": key("house", maker.township("g")), "planned_at": planned,
            "arrived_at": f"case when not {skipped} and g % 41 <> 8 then {planned} + make_interval(mins => (g * 7 % 22)::int - 3) end",
            "skipped": f"case when {skipped} then '道路中断' else '' end",
        },
    )  # fmt: skip
    loaded = f"case when g % 29 <> 3 then {maker.at(goods)} end"
    maker.fill(
        "logistics_consignment", goods,
        {
            "id": key("consignment", "g"), "number": "'MX' || g", "kind": "(array['specimen','pathology','clean','used','medicine'])[1 + g % 5]",
            "band": "case when g % 5 = 0 then (array['2-8','15-25','frozen'])[1 + g % 3] when g % 5 = 4 then '2-8' else 'any' end",
            "state": "case when g % 29 = 3 then 'waiting' when g % 67 = 5 then 'lost' when g % 71 = 6 then 'damaged' when g % 73 = 8 then 'withdrawn' when g % 79 = 9 then 'aboard' else 'received' end",
            "sender_id": key("house", maker.township("g")), "receiver_id": key("house", "0"), "courier": "'司机'", "loaded_at": loaded,
            "received_at": f"{maker.at(goods)} + interval '2 hours'", "received_by": "'收'", "difference": "case when g % 59 = 7 then '少一支' else '' end",
        },
    )  # fmt: skip
    maker.fill(
        "logistics_temperature", goods,
        {"consignment_id": key("consignment", "(g * 2 / 3)"), "celsius": "5", "is_within": "g % 47 <> 11", "at": maker.at(goods), "recorded_by": "'司机'"},
    )  # fmt: skip
