"""Houses, what assessments found of them, who works there, and the people they care for."""

# texts: data
from datetime import date

from yigong.indicators.made_county.making import Maker, every, key


def houses(maker: Maker) -> None:
    """Two county hospitals (one of Chinese medicine), townships, villages, private clinics, one alliance led by the first; a hospital of the province."""
    start = date(maker.today.year - 3, 1, 1)
    townships, villages, clinics = maker.townships, maker.villages, maker.clinics
    outside = 2 + townships + villages + clinics
    t, v = 2 + townships, 2 + townships + villages
    maker.fill(
        "network_institution", outside + 1,
        {
            "id": key("house", "g"), "code": "'M' || lpad(g::text, 9, '0')",
            "name": f"case when g = 0 then '清溪县人民医院' when g = 1 then '清溪县中医院' when g < {t} then '第' || g - 1 || '镇卫生院' when g < {v} then '第' || g - {t} + 1 || '村卫生室' when g = {outside} then '省人民医院' else '第' || g - {v} + 1 || '诊所' end",
            "level": f"case when g < 2 then 'county' when g < {t} then 'township' when g < {v} then 'village' when g = {outside} then 'outside' else 'township' end",
            "category": f"case when g = 0 then 'A100' when g = 1 then 'A210' when g < {t} then 'C220' when g < {v} then 'D600' when g = {outside} then 'A100' else 'D211' end",
            "ownership": f"case when g < {v} then 'public' else 'private' end",
            "parent_id": f"case when g >= {t} and g < {v} then {key('house', f'(2 + (g - {t}) % {townships})')} when g >= 2 and g < {t} then {key('house', '0')} end",
            "opened_on": f"date '{start}'",
        },
    )  # fmt: skip
    maker.fill(
        "network_department", t,
        {"id": key("department", "g"), "institution_id": key("house", "g"), "code": "'50'", "name": "'中医科'", "specialty": "'50'"},
    )  # fmt: skip
    maker.fill(
        "network_alliance", 1,
        {"id": key("alliance", "g"), "kind": "'community'", "name": "'清溪县医共体'", "starts_on": f"date '{start}'"},
    )  # fmt: skip
    maker.fill(
        "network_membership", t,
        {
            "id": key("alliance", "g"), "alliance_id": key("alliance", "0"), "kind": "'community'", "institution_id": key("house", "g"),
            "role": "case when g = 0 then 'lead' else 'member' end", "starts_on": f"date '{start}'", "reason": "'章程'",
        },
    )  # fmt: skip


def standards(maker: Maker) -> None:
    """Every township meets the standard, one of them that of a community hospital; nineteen in twenty village clinics, one of them after a first refusal
    (a second one was entered by mistake and withdrawn)."""
    judged = f"date '{maker.first.year - 1}-06-01'"
    met, t = maker.villages - maker.villages // 20, maker.townships
    maker.fill(
        "network_accreditation", t + met + 3,
        {
            "id": key("verdict", "g"), "institution_id": key("house", "(2 + least(g, " + str(t + met - 1) + "))"), "document": "'评审通报 ' || g", "decided_by": "'县卫生健康局'", "recorded_by": "'局'",
            "kind": f"case when g < {t} then 'service' else 'clinic' end", "starts_on": f"case when g < {t + met} then {judged} else date '{maker.first}' + 40 * (g - {t + met})::int end",
            "level": f"case when g = 0 then 'community_hospital' when g < {t} then 'basic' when g in ({t + met}, {t + met + 2}) then 'none' else 'met' end",
            "ends_on": f"case when g = {t} then date '{maker.today}' + 500 end",
            "withdrawn_at": f"case when g = {t + met + 2} then now() end", "withdrawn_by": f"case when g = {t + met + 2} then '局' else '' end",
            "withdrawn_reason": f"case when g = {t + met + 2} then '登错' else '' end",
        },
    )  # fmt: skip


def people(maker: Maker) -> None:
    """Residents and their insurance: nineteen in twenty are insured."""
    n = maker.size.people
    maker.fill(
        "residents_resident", n,
        {
            "id": key("resident", "g"), "name": "'王' || g", "name_key": "'王' || g", "sex": "(1 + g % 2)::text", "birth_date": "date '1950-01-01' + (g % 25000)::int",
            "birth_precision": "'day'", "managing_institution_id": key("house", maker.township("g")), "status": "'active'", "created_at": "now()",
        },
    )  # fmt: skip
    maker.fill(
        "coverage_enrolment", n * 19 // 20,
        {
            "id": key("insured", "g"), "resident_id": key("resident", "g"), "starts_on": f"date '{maker.first.year - 1}-01-01'",
            "insurance": "case when g % 6 = 0 then '310' else '390' end", "region": "'140121'", "person_type": "'11'",
        },
    )  # fmt: skip


def workers(maker: Maker) -> None:
    """Village doctors, seven in ten of them licensed; general practitioners at townships, some at two; a licence or two that has run out."""
    doctors, gps = maker.size.village_doctors, maker.size.general_practitioners
    n = doctors + gps
    maker.fill(
        "network_staff",
        n,
        {"id": key("doctor", "g"), "code": "'MD' || g", "name": "'医' || g", "sex": "'1'", "title": "'4'"},
    )
    start = f"date '{maker.first.year - 2}-01-01'"
    again = n // 20
    maker.fill(
        "network_post", n + again,
        {
            "id": key("post", f"(g + {maker.size.secondments + maker.size.outside_experts})"), "staff_id": key("doctor", f"(g % {n})"), "starts_on": f"{start} + (g / {n})::int",
            "institution_id": f"case when g % {n} < {doctors} then {key('house', maker.village(f'g + g / {n}'))} else {key('house', maker.township('g'))} end",
            "role": f"case when g % {n} < {doctors} then 'village_doctor' when g >= {n} then 'director' else 'gp' end",
        },
    )  # fmt: skip
    licensed = f"(g >= {doctors} or {every('g', '0.715')})"
    maker.fill(
        "network_qualification", n,
        {
            "id": key("licence", "g"), "staff_id": key("doctor", "g"), "number": "'ML' || g", "kind": f"case when {licensed} then 'practice' else 'village_doctor' end",
            "practice_level": f"case when {licensed} then (1 + g % 2)::text else '' end", "scope": f"case when g >= {doctors} then '全科医学专业' else '' end",
            "expires_on": f"case when g % {n} = {n - 1} then date '{maker.first}' end",
        },
    )  # fmt: skip


def secondments(maker: Maker) -> None:
    """Staff of the county hospital at townships; not all stay for six months, not all have a title."""
    n = maker.size.secondments
    maker.fill(
        "network_staff", n,
        {"id": key("staff", "g"), "code": "'MS' || g", "name": "'派' || g", "sex": "'1'", "title": "case g % 5 when 0 then '' when 1 then '4' else (g % 5 - 1)::text end"},
    )  # fmt: skip
    maker.fill(
        "network_post", n,
        {"id": key("post", "g"), "staff_id": key("staff", "g"), "institution_id": key("house", "0"), "role": "'specialist'", "starts_on": f"date '{maker.first.year - 2}-01-01'"},
    )  # fmt: skip
    starts = f"(date '{maker.first}' - 150 + ({'g'} * 300 / {n})::int)"
    maker.fill(
        "network_secondment", n,
        {
            "id": key("secondment", "g"), "staff_id": key("staff", "g"), "institution_id": key("house", maker.township("g")), "form": "case g % 9 when 8 then 'rotation' when 7 then 'support' else 'stationed' end",
            "starts_on": starts, "ends_on": f"case when g % 4 = 0 then {starts} + 100 end", "reason": "'派驻'",
        },
    )  # fmt: skip


def outside_experts(maker: Maker) -> None:
    """People of a hospital of the province who help out in the county: half at the hospitals, half at the townships."""
    n, before = maker.size.outside_experts, maker.size.secondments
    maker.fill(
        "network_staff", n,
        {"id": key("staff", f"(g + {before})"), "code": "'ME' || g", "name": "'专' || g", "sex": "'1'", "title": "'1'"},
    )  # fmt: skip
    maker.fill(
        "network_post", n,
        {
            "id": key("post", f"(g + {before})"), "staff_id": key("staff", f"(g + {before})"), "institution_id": key("house", str(maker.outside)),
            "role": "'specialist'", "starts_on": f"date '{maker.first.year - 2}-01-01'",
        },
    )  # fmt: skip
    maker.fill(
        "network_secondment", n,
        {
            "id": key("secondment", f"(g + {before})"), "staff_id": key("staff", f"(g + {before})"), "reason": "'结对帮扶'", "form": "'support'",
            "institution_id": key("house", f"(case when g % 2 = 0 then g / 2 % 2 else {maker.township('g / 2')} end)"),
            "starts_on": maker.day(n), "ends_on": f"{maker.day(n)} + 5",
        },
    )  # fmt: skip
