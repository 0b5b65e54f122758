"""Visits, stays with their front pages, referrals and every bill with its lines."""

# texts: data

from yigong.indicators.made_county.making import Maker, every, key


def visits(maker: Maker) -> None:
    """Visits, and beside them what is none: written by the system at admissions, or declared a mistake."""
    n = maker.size.visits
    place = f"cross join lateral (select ({maker.place_of_visit()})::bigint as house) p"
    given = {
        "id": key("visit", "g"), "resident_id": maker.person("g"), "institution_id": key("house", "p.house"), "occurred_at": maker.at(n),
        "recorded_at": maker.at(n), "kind": "case when g % 100 < 92 then 'outpatient' when g % 100 < 96 then 'emergency' when g % 100 < 99 then 'home' else 'remote' end",
        "class_code": "'AMB'", "status": "'finished'",
        "department_id": f"case when g % 7 = 0 and p.house < {2 + maker.townships} then {key('department', 'p.house')} end",
        # One visit in nine at a township is with somebody seconded there.
        "staff_id": f"case when g % 9 = 0 and p.house between 2 and {1 + maker.townships} then {key('staff', f'(p.house - 2 + {maker.townships} * (g % {max(1, maker.size.secondments // maker.townships)}))')} end",
    }  # fmt: skip
    maker.fill("records_encounter", n, given, place)
    noise = {
        "id": key("noise", "g"),
        "is_automatic": "g % 2 = 0",
        "status": "case when g % 2 = 0 then 'finished' else 'cancelled' end",
    }
    maker.fill("records_encounter", max(10, n // 100), given | noise | {"occurred_at": maker.at(n // 100 + 10)}, place)


def stays(maker: Maker) -> None:
    """Stays of 7.72 days on average with front pages and operations (25.43 % of level 4), each a case of the fund (95.86 % grouped)."""
    n, ops = maker.size.stays, maker.size.operations
    days = f"(7 + {every('g', '0.72')}::int)"
    source = f"cross join lateral (select ({maker.place_of_stay()})::bigint as house, {days} as days, {maker.at(n)} as ended) p"
    began = "(p.ended - make_interval(days => p.days))"
    maker.fill(
        "records_encounter", n,
        {
            "id": key("stay", "g"), "resident_id": maker.person("g"), "institution_id": key("house", "p.house"), "occurred_at": began, "recorded_at": "p.ended",
            "kind": "'inpatient'", "class_code": "'IMP'", "status": "'finished'", "ended_at": "p.ended",
        }, source,
    )  # fmt: skip
    maker.fill(
        "clinic_stay", n,
        {
            "id": key("stay", "g"), "state": "'discharged'", "state_since": "p.ended", "number": "'Z' || g", "times": "1 + g / 300000", "resident_id": maker.person("g"),
            "institution_id": key("house", "p.house"), "encounter_id": key("stay", "g"), "way_in": "'2'", "admitted_at": began, "discharged_at": "p.ended",
            "way_out": "case when g % 200 = 7 then '5' else '1' end",
        }, source,
    )  # fmt: skip
    maker.fill(
        "records_document", n,
        {
            "id": key("document", "g"), "series_id": key("document", "g"), "resident_id": maker.person("g"), "institution_id": key("house", "p.house"),
            "encounter_id": key("stay", "g"), "occurred_at": "p.ended", "recorded_at": "p.ended", "kind": "'discharge_summary'", "title": "'出院小结'",
            "status": "case when g % 20 = 3 then 'draft' when g % 50 = 9 then 'void' else 'final' end",
            "finalised_at": "case when g % 20 <> 3 then p.ended + make_interval(hours => (g % 27)::int) end",
        }, source,
    )  # fmt: skip
    maker.fill(
        "clinic_frontpage", n,
        {"id": key("front", "g"), "state": "'coded'", "stay_id": key("stay", "g"), "institution_id": key("house", "p.house")}, source,
    )  # fmt: skip
    maker.fill(
        "clinic_frontpageprocedure", ops,
        {
            "id": key("procedure", "g"), "front_page_id": key("front", f"(g::bigint * {n} / {ops})"), "place": "1", "name": "'手术'",
            "level": f"case when {every('g', '0.2543')} then '4' else (1 + g % 3)::text end",
        },
    )  # fmt: skip
    maker.fill(
        "budget_fundcase", n,
        {
            "id": key("case", "g"), "number": "'Z' || g", "institution_id": key("house", "p.house"), "scheme": "case when g % 6 = 0 then '310' else '390' end",
            "insured_here": "g % 50 <> 0", "month": "date_trunc('month', p.ended at time zone 'Asia/Shanghai')::date", "discharged_on": "(p.ended at time zone 'Asia/Shanghai')::date",
            "days": "p.days", "group": f"case when {every('g', '0.9586')} then 'ES21' else '' end", "why_not": f"case when {every('g', '0.9586')} then '' else '主诊断不在分组方案内' end",
            "died": "g % 200 = 7", "cost": "300000 + g % 7 * 50000", "pool": "180000 + g % 7 * 30000", "person": "120000 + g % 7 * 20000",
        }, source,
    )  # fmt: skip


def referrals(maker: Maker) -> None:
    """Seven in ten up, three down; one in twelve beside those that arrived never did. A referral down follows a stay."""
    n = maker.size.referrals + maker.size.referrals // 12
    down, arrived = "(g % 10 >= 7)", f"(g < {maker.size.referrals})"
    step = max(1, maker.size.stays // n)
    up = f"case when g % 2 = 0 then {maker.village('g')} else {maker.township('g')} end"
    maker.fill(
        "referrals_referral", n,
        {
            "id": key("referral", "g"), "state": f"case when {arrived} then 'closed' else 'accepted' end", "number": "'ZZ' || lpad(g::text, 8, '0')",
            "direction": f"case when {down} then 'down' else 'up' end", "urgency": "case when g % 9 = 0 then 'urgent' else 'routine' end",
            "resident_id": f"case when {down} then e.resident_id else {maker.person('g * 31')} end",
            "from_institution_id": f"case when {down} and e.institution_id = {key('house', '0')} then e.institution_id when {down} then {key('house', '1')} else {key('house', f'({up})')} end",
            "to_institution_id": f"case when {down} then {key('house', maker.township('g'))} else {key('house', '(g % 2)')} end",
            "created_at": "s.sent", "submitted_at": "s.sent", "answered_at": "case when g % 25 <> 3 then s.sent + make_interval(mins => (10 + g * 13 % 400)::int) end",
            "arrived_at": f"case when {arrived} then s.sent + interval '1 day' end", "feedback_at": f"case when {arrived} and g % 11 <> 0 then s.sent + interval '8 days' end",
            "first_contact_at": f"case when {down} and {arrived} and g % 5 <> 0 then s.sent + interval '3 days' end",
        },
        f"join records_encounter e on e.id = {key('stay', f'(g * {step})')} cross join lateral (select case when {down} then e.ended_at + interval '1 hour' else {maker.at(n)} end as sent) s",
    )  # fmt: skip


def charges(maker: Maker) -> None:
    """A bill of every visit and stay with its lines: nine kinds of charges, a few struck out."""
    per_visit, per_stay = maker.size.lines_per_visit, maker.size.lines_per_stay
    for kind, n, per, house in (
        ("visit", maker.size.visits, per_visit, f"({maker.place_of_visit()})"),
        ("stay", maker.size.stays, per_stay, f"({maker.place_of_stay()})"),
    ):
        at = maker.at(n)
        offset = "0" if kind == "visit" else str(maker.size.visits)
        bill = key("bill", f"(g + {offset})")
        maker.fill(
            "clinic_bill", n,
            {
                "id": bill, "state": "'settled'", "state_since": at, "number": f"'B' || g + {offset}", "resident_id": maker.person("g"), "institution_id": key("house", house),
                "institution_level": "'P'", "kind": "'outpatient'" if kind == "visit" else "'inpatient'", "visit_id": key("visit", "g") if kind == "visit" else "null",
                "stay_id": key("stay", "g") if kind == "stay" else "null", "opened_at": at, "ready_at": at, "settled_at": at, "settlement_ref": "'m'",
            },
        )  # fmt: skip
        categories = "(array['consultation','drug','laboratory','examination','drug','treatment','material','herbal','patent','nursing','bed','surgery'])"
        maker.fill(
            "clinic_chargeline", n * per,
            {
                "id": key("line", f"(g + {offset} * {per_visit}::bigint)"), "bill_id": key("bill", f"(g / {per} + {offset})"), "item_code": "'X'", "item_name": "'项目'", "front_page_group": "'01'",
                "category": f"{categories}[1 + g % 12]", "unit": "'次'", "unit_price": "10 + g % 50", "quantity": "1", "amount": "1000 + g % 50 * 100",
                "performed_at": maker.at(n, f"(g / {per})"), "written_at": f"timestamptz '{maker.first} 08:00+08'",
                "struck_at": "case when g % 400 = 0 then now() end", "struck_reason": "case when g % 400 = 0 then '开错' else '' end",
            },
        )  # fmt: skip


def waiting(maker: Maker) -> None:
    """Registrations at the hospitals and townships that were called: most at the window, one in eight sent by a referral and called sooner, some never."""
    n = maker.size.waits
    at = maker.at(n)
    house = f"(case when g % 3 = 0 then 1 when g % 3 = 1 then 0 else {maker.township('g / 3')} end)"
    wait = "make_interval(mins => case when g % 8 = 5 then (3 + g % 15)::int else (10 + g * 7 % 70)::int end)"
    maker.fill(
        "clinic_visit", n,
        {
            "id": key("seat", "g"), "state": "'finished'", "number": "'MZ' || g", "resident_id": maker.person("g * 5"), "institution_id": key("house", house),
            "manner": "case when g % 8 = 5 then 'referral' when g % 40 = 3 then 'emergency' else 'window' end", "registered_at": at,
            "registered_on": maker.day(n), "valid_until": maker.day(n),
            "called_at": f"case when g % 33 = 9 then null when g % 50 = 11 then {at} + interval '1 day' else {at} + {wait} end",
        },
    )  # fmt: skip
