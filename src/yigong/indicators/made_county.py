"""A county made by SQL alone, for measurements, calibration and tests: a year of it at full size is there in minutes.

What the commands of the rooms would write one by one is written here a table at a time, without their triggers and events. The sizes are
those of the published county where it published any; what it did not publish is a guess of this file and said to be one.
"""

# texts: data
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields, replace
from datetime import date
from uuid import UUID

from django.db import connection, transaction

from yigong.core import clock
from yigong.core.months import add_months, first_of

KINDS = {
    name: number
    for number, name in enumerate(
        ("house", "department", "resident", "visit", "noise", "stay", "front", "procedure", "referral", "fact", "case", "order", "recognition",
         "enrolment", "programme", "contract", "staff", "post", "secondment", "insured", "bill", "line", "alliance", "critical", "tube", "team", "stint",
         "doctor", "licence", "centre", "document", "item", "report", "version", "load", "pack", "round", "scan", "emergency", "clock", "done", "answer", "aid", "verdict"), 0xA0
    )
}  # fmt: skip
_ZEROES = {
    "boolean": "false", "uuid": "'00000000-0000-0000-0000-000000000000'", "jsonb": "'{}'", "ARRAY": "'{}'", "bytea": "''", "date": "date '2024-01-01'",
    "timestamp with time zone": "timestamptz '2024-01-01 00:00+08'", "interval": "interval '0'",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Size:
    """How much of everything in twelve months."""

    visits: int = 1_163_518
    stays: int = 42_000
    operations: int = 10_000
    referrals: int = 2_481  # those that arrived; one in twelve more never did
    settlements: int = 500_000
    orders: int = 60_000
    recognitions: int = 3_000
    enrolments: int = 80_000
    follow_ups: int = 300_000
    contracts: int = 274_575  # 78.45 % of 350,000
    people: int = 350_000
    secondments: int = 50
    teams: int = 153
    village_doctors: int = 318
    general_practitioners: int = 160
    key_people: int = 90_000
    consultations: int = 600
    pathology: int = 2_000
    loads: int = 1_200
    packs: int = 5_000
    emergencies: int = 900
    outreach: int = 600
    aid: int = 4_000
    lines_per_visit: int = 4
    lines_per_stay: int = 10

    def scaled(self, parts: int) -> "Size":
        """One of so many equal parts."""
        smaller = {
            f.name: max(24, round(getattr(self, f.name) / parts))
            for f in fields(self)
            if not f.name.startswith("lines")
        }
        return replace(self, **smaller)


def make(size: Size, *, townships: int = 10, villages: int = 170, clinics: int = 20) -> None:
    """The houses and twelve months of everything up to today. Runs as a superuser: triggers are off meanwhile."""
    with transaction.atomic(), _without_triggers():
        maker = _Maker(size)
        maker.houses(townships, villages, clinics)
        for step in (
            maker.people, maker.visits, maker.stays, maker.referrals, maker.settlements, maker.orders, maker.quality, maker.recognitions, maker.programmes,
            maker.contracts, maker.secondments, maker.workers, maker.centres, maker.sterile, maker.emergencies, maker.outreach, maker.charges,
        ):  # fmt: skip
            step()
    with connection.cursor() as cursor:
        if not connection.in_atomic_block:
            cursor.execute("vacuum analyze")


@contextmanager
def _without_triggers() -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute("set local session_replication_role = replica")
        yield
        cursor.execute("set local session_replication_role = origin")


def house(number: int) -> UUID:
    """The key of a house by its number: the leading hospital, the one of Chinese medicine, the townships, the villages, the clinics."""
    return UUID(f"{KINDS['house']:08x}-0000-7000-8000-{number:012x}")


def key(kind: str, number: str) -> str:
    """The key of the row ``number`` (an SQL expression) of a kind: they rise, so that indexes grow at their end only."""
    return f"('{KINDS[kind]:08x}-0000-7000-8000-' || lpad(to_hex({number}), 12, '0'))::uuid"


def every(number: str, share: str) -> str:
    """True for just this share of the whole numbers, spread evenly."""
    return f"(floor(({number} + 1) * {share}) > floor({number} * {share}))"


class _Maker:
    """One table after the other; ``g`` counts the rows of a statement from zero."""

    def __init__(self, size: Size) -> None:
        self.size = size
        self.today = clock.today()
        self.first = add_months(first_of(self.today), -11)
        self.days = (self.today - self.first).days

    def fill(self, table: str, count: int, given: dict[str, str], source: str = "") -> None:
        """Insert so many rows; columns that may not be empty and are not named get the zero of their type."""
        with connection.cursor() as cursor:
            cursor.execute(
                "select column_name, data_type from information_schema.columns where table_name = %s and table_schema = current_schema() "
                "and is_nullable = 'NO' and column_default is null and is_identity = 'NO'",
                [table],
            )
            rest = {n: _ZEROES.get(t, "0" if "int" in t or t == "numeric" else "''") for n, t in cursor.fetchall()}
            columns = rest | given
            names = ", ".join(f'"{name}"' for name in columns)
            cursor.execute(
                f"insert into {table} ({names}) select {', '.join(columns.values())} from generate_series(0, {count} - 1) g {source}"
            )

    def at(self, count: int, number: str = "g") -> str:
        """The time of row ``number`` of ``count``: evenly over the days, by day."""
        return (
            f"(timestamptz '{self.first} 08:00+08' + make_interval(days => ({number}::bigint * {self.days} / {count})::int,"
            f" mins => ({number} * 7 % 540)::int))"
        )

    def day(self, count: int, number: str = "g") -> str:
        """The same as a date."""
        return f"(date '{self.first}' + ({number}::bigint * {self.days} / {count})::int)"

    def houses(self, townships: int, villages: int, clinics: int) -> None:
        """Two county hospitals (one of Chinese medicine), townships, villages, private clinics, and one alliance led by the first."""
        start = date(self.today.year - 3, 1, 1)
        rows = 2 + townships + villages + clinics
        t, v = 2 + townships, 2 + townships + villages
        self.fill(
            "network_institution", rows,
            {
                "id": key("house", "g"), "code": "'M' || lpad(g::text, 9, '0')",
                "name": f"case when g = 0 then '清溪县人民医院' when g = 1 then '清溪县中医院' when g < {t} then '第' || g - 1 || '镇卫生院' when g < {v} then '第' || g - {t} + 1 || '村卫生室' else '第' || g - {v} + 1 || '诊所' end",
                "level": f"case when g < 2 then 'county' when g < {t} then 'township' when g < {v} then 'village' else 'township' end",
                "category": f"case when g = 0 then 'A100' when g = 1 then 'A210' when g < {t} then 'C220' when g < {v} then 'D600' else 'D211' end",
                "ownership": f"case when g < {v} then 'public' else 'private' end",
                "parent_id": f"case when g >= {t} and g < {v} then {key('house', f'(2 + (g - {t}) % {townships})')} when g >= 2 and g < {t} then {key('house', '0')} end",
                "opened_on": f"date '{start}'",
            },
        )  # fmt: skip
        self.fill(
            "network_department", t,
            {"id": key("department", "g"), "institution_id": key("house", "g"), "code": "'50'", "name": "'中医科'", "specialty": "'50'"},
        )  # fmt: skip
        self.fill(
            "network_alliance", 1,
            {"id": key("alliance", "g"), "kind": "'community'", "name": "'清溪县医共体'", "starts_on": f"date '{start}'"},
        )  # fmt: skip
        self.fill(
            "network_membership", t,
            {
                "id": key("alliance", "g"), "alliance_id": key("alliance", "0"), "kind": "'community'", "institution_id": key("house", "g"),
                "role": "case when g = 0 then 'lead' else 'member' end", "starts_on": f"date '{start}'", "reason": "'章程'",
            },
        )  # fmt: skip
        self.townships, self.villages, self.clinics = townships, villages, clinics
        self.standards()

    def standards(self) -> None:
        """Every township meets the standard, one of them that of a community hospital; nineteen in twenty village clinics, one of them after a first refusal."""
        judged = f"date '{self.first.year - 1}-06-01'"
        met, t = self.villages - self.villages // 20, self.townships
        self.fill(
            "network_accreditation", t + met + 2,
            {
                "id": key("verdict", "g"), "institution_id": key("house", "(2 + least(g, " + str(t + met - 1) + "))"), "document": "'评审通报 ' || g", "decided_by": "'县卫生健康局'", "recorded_by": "'局'",
                "kind": f"case when g < {t} then 'service' else 'clinic' end", "starts_on": f"case when g < {t + met} then {judged} else date '{self.first}' + 40 * (g - {t + met})::int end",
                "level": f"case when g = 0 then 'community_hospital' when g < {t} then 'basic' when g = {t + met} then 'none' else 'met' end",
                "ends_on": f"case when g = {t} then date '{self.today}' + 500 end",
            },
        )  # fmt: skip

    def township(self, number: str) -> str:
        """The number of a township's house."""
        return f"(2 + ({number}) % {self.townships})"

    def village(self, number: str) -> str:
        """The number of a village's house."""
        return f"({2 + self.townships} + ({number}) % {self.villages})"

    def clinic(self, number: str) -> str:
        """The number of a private clinic's house."""
        return f"({2 + self.townships + self.villages} + ({number}) % {self.clinics})"

    def person(self, number: str) -> str:
        """A resident's key."""
        return key("resident", f"(({number}) % {self.size.people})")

    def people(self) -> None:
        """Residents and their insurance: nineteen in twenty are insured."""
        n = self.size.people
        self.fill(
            "residents_resident", n,
            {
                "id": key("resident", "g"), "name": "'王' || g", "name_key": "'王' || g", "sex": "(1 + g % 2)::text", "birth_date": "date '1950-01-01' + (g % 25000)::int",
                "birth_precision": "'day'", "managing_institution_id": key("house", self.township("g")), "status": "'active'", "created_at": "now()",
            },
        )  # fmt: skip
        self.fill(
            "coverage_enrolment", n * 19 // 20,
            {
                "id": key("insured", "g"), "resident_id": key("resident", "g"), "starts_on": f"date '{self.first.year - 1}-01-01'",
                "insurance": "case when g % 6 = 0 then '310' else '390' end", "region": "'140121'", "person_type": "'11'",
            },
        )  # fmt: skip

    def place_of_visit(self) -> str:
        """60 % at primary care, half of it in the villages; the rest at the hospitals and, one in eight of it, at private clinics."""
        primary = every("g", "0.6")
        return (
            f"case when {primary} then case when g % 10 in (0, 1, 4, 5, 8) then {self.village('g / 3')} else {self.township('g / 3')} end"
            f" when g % 8 = 0 then {self.clinic('g / 8')} when g % 4 = 1 then 1 else 0 end"
        )

    def visits(self) -> None:
        """Visits, and beside them what is none: written by the system at admissions, or declared a mistake."""
        n = self.size.visits
        place = f"cross join lateral (select ({self.place_of_visit()})::bigint as house) p"
        given = {
            "id": key("visit", "g"), "resident_id": self.person("g"), "institution_id": key("house", "p.house"), "occurred_at": self.at(n),
            "recorded_at": self.at(n), "kind": "case when g % 100 < 92 then 'outpatient' when g % 100 < 96 then 'emergency' when g % 100 < 99 then 'home' else 'remote' end",
            "class_code": "'AMB'", "status": "'finished'",
            "department_id": f"case when g % 7 = 0 and p.house < {2 + self.townships} then {key('department', 'p.house')} end",
            # One visit in nine at a township is with somebody seconded there.
            "staff_id": f"case when g % 9 = 0 and p.house between 2 and {1 + self.townships} then {key('staff', f'(p.house - 2 + {self.townships} * (g % {max(1, self.size.secondments // self.townships)}))')} end",
        }  # fmt: skip
        self.fill("records_encounter", n, given, place)
        noise = {
            "id": key("noise", "g"),
            "is_automatic": "g % 2 = 0",
            "status": "case when g % 2 = 0 then 'finished' else 'cancelled' end",
        }
        self.fill(
            "records_encounter", max(10, n // 100), given | noise | {"occurred_at": self.at(n // 100 + 10)}, place
        )

    def place_of_stay(self) -> str:
        """Six in ten at the leading hospital, two at that of Chinese medicine, two at the townships."""
        return f"case when g % 10 < 6 then 0 when g % 10 < 8 then 1 else {self.township('g / 10')} end"

    def stays(self) -> None:
        """Stays of 7.72 days on average with front pages and operations (25.43 % of level 4), each a case of the fund (95.86 % grouped)."""
        n, ops = self.size.stays, self.size.operations
        days = f"(7 + {every('g', '0.72')}::int)"
        source = f"cross join lateral (select ({self.place_of_stay()})::bigint as house, {days} as days, {self.at(n)} as ended) p"
        began = "(p.ended - make_interval(days => p.days))"
        self.fill(
            "records_encounter", n,
            {
                "id": key("stay", "g"), "resident_id": self.person("g"), "institution_id": key("house", "p.house"), "occurred_at": began, "recorded_at": "p.ended",
                "kind": "'inpatient'", "class_code": "'IMP'", "status": "'finished'", "ended_at": "p.ended",
            }, source,
        )  # fmt: skip
        self.fill(
            "clinic_stay", n,
            {
                "id": key("stay", "g"), "state": "'discharged'", "state_since": "p.ended", "number": "'Z' || g", "times": "1 + g / 300000", "resident_id": self.person("g"),
                "institution_id": key("house", "p.house"), "encounter_id": key("stay", "g"), "way_in": "'2'", "admitted_at": began, "discharged_at": "p.ended",
                "way_out": "case when g % 200 = 7 then '5' else '1' end",
            }, source,
        )  # fmt: skip
        self.fill(
            "records_document", n,
            {
                "id": key("document", "g"), "series_id": key("document", "g"), "resident_id": self.person("g"), "institution_id": key("house", "p.house"),
                "encounter_id": key("stay", "g"), "occurred_at": "p.ended", "recorded_at": "p.ended", "kind": "'discharge_summary'", "title": "'出院小结'",
                "status": "case when g % 20 = 3 then 'draft' when g % 50 = 9 then 'void' else 'final' end",
                "finalised_at": "case when g % 20 <> 3 then p.ended + make_interval(hours => (g % 27)::int) end",
            }, source,
        )  # fmt: skip
        self.fill(
            "clinic_frontpage", n,
            {"id": key("front", "g"), "state": "'coded'", "stay_id": key("stay", "g"), "institution_id": key("house", "p.house")}, source,
        )  # fmt: skip
        self.fill(
            "clinic_frontpageprocedure", ops,
            {
                "id": key("procedure", "g"), "front_page_id": key("front", f"(g::bigint * {n} / {ops})"), "place": "1", "name": "'手术'",
                "level": f"case when {every('g', '0.2543')} then '4' else (1 + g % 3)::text end",
            },
        )  # fmt: skip
        self.fill(
            "budget_fundcase", n,
            {
                "id": key("case", "g"), "number": "'Z' || g", "institution_id": key("house", "p.house"), "scheme": "case when g % 6 = 0 then '310' else '390' end",
                "insured_here": "g % 50 <> 0", "month": "date_trunc('month', p.ended at time zone 'Asia/Shanghai')::date", "discharged_on": "(p.ended at time zone 'Asia/Shanghai')::date",
                "days": "p.days", "group": f"case when {every('g', '0.9586')} then 'ES21' else '' end", "why_not": f"case when {every('g', '0.9586')} then '' else '主诊断不在分组方案内' end",
                "died": "g % 200 = 7", "cost": "300000 + g % 7 * 50000", "pool": "180000 + g % 7 * 30000", "person": "120000 + g % 7 * 20000",
            }, source,
        )  # fmt: skip

    def referrals(self) -> None:
        """Seven in ten up, three down; one in twelve beside those that arrived never did. A referral down follows a stay."""
        n = self.size.referrals + self.size.referrals // 12
        down, arrived = "(g % 10 >= 7)", f"(g < {self.size.referrals})"
        step = max(1, self.size.stays // n)
        up = f"case when g % 2 = 0 then {self.village('g')} else {self.township('g')} end"
        self.fill(
            "referrals_referral", n,
            {
                "id": key("referral", "g"), "state": f"case when {arrived} then 'closed' else 'accepted' end", "number": "'ZZ' || lpad(g::text, 8, '0')",
                "direction": f"case when {down} then 'down' else 'up' end", "urgency": "case when g % 9 = 0 then 'urgent' else 'routine' end",
                "resident_id": f"case when {down} then e.resident_id else {self.person('g * 31')} end",
                "from_institution_id": f"case when {down} and e.institution_id = {key('house', '0')} then e.institution_id when {down} then {key('house', '1')} else {key('house', f'({up})')} end",
                "to_institution_id": f"case when {down} then {key('house', self.township('g'))} else {key('house', '(g % 2)')} end",
                "created_at": "s.sent", "submitted_at": "s.sent", "answered_at": "case when g % 25 <> 3 then s.sent + make_interval(mins => (10 + g * 13 % 400)::int) end",
                "arrived_at": f"case when {arrived} then s.sent + interval '1 day' end", "feedback_at": f"case when {arrived} and g % 11 <> 0 then s.sent + interval '8 days' end",
                "first_contact_at": f"case when {down} and {arrived} and g % 5 <> 0 then s.sent + interval '3 days' end",
            },
            f"join records_encounter e on e.id = {key('stay', f'(g * {step})')} cross join lateral (select case when {down} then e.ended_at + interval '1 hour' else {self.at(n)} end as sent) s",
        )  # fmt: skip

    def settlements(self) -> None:
        """One in ten is a stay, one in six of these outside; of the rest one in twenty is outside. What came back late is provisional."""
        n = self.size.settlements
        stay = "(g % 10 = 0)"
        outside = f"(case when {stay} then g % 60 = 0 else g % 20 = 1 end)"
        total = f"(case when {stay} then 300000 + g % 7 * 50000 else 8000 + g % 13 * 500 end)"
        recent = f"({self.day(n)} >= date '{add_months(first_of(self.today), -1)}')"
        inside_place = f"case when {stay} then case when g % 3 = 0 then {self.township('g / 10')} else 0 end when g % 3 = 0 then 0 when g % 3 = 1 then {self.village('g')} else {self.township('g')} end"
        month = f"date_trunc('month', {self.day(n)}::timestamp)::date"
        self.fill(
            "budget_fundfact", n,
            {
                "id": key("fact", "g"), "key": "'m' || g", "source": f"case when {outside} then 'return' else 'settlement' end", "ref": "'m' || g", "region": "'140121'",
                "scheme": "case when g % 6 = 0 then '310' else '390' end", "month": month, "booked": month, "settled_on": self.day(n),
                "kind": f"case when {stay} then 'inpatient' when g % 5 = 1 then 'chronic' else 'pooling' end", "place": f"case when {outside} then 'registered' else 'inside' end",
                "institution_id": f"case when not {outside} then {key('house', f'({inside_place})')} end", "home_id": key("house", self.township("g")),
                "cases": "1", "total": total, "in_scope": total, "pool": f"{total} * 6 / 10", "other_funds": f"{total} / 10", "person": f"{total} - {total} * 6 / 10 - {total} / 10",
                "provisional": f"{outside} and {recent}",
            },
        )  # fmt: skip

    def orders(self) -> None:
        """Images, tracings, samples of primary care read by the county hospital, and one in five its own."""
        n = self.size.orders
        asking = (
            f"case when g % 5 = 0 then 0 when g % 5 < 3 then {self.village('g / 5')} else {self.township('g / 5')} end"
        )
        self.fill(
            "orders_order", n,
            {
                "id": key("order", "g"), "state": "'final'", "number": "'S' || lpad(g::text, 9, '0')", "accession": "'A' || lpad(g::text, 9, '0')", "priority": "'routine'", "identity": "'unchecked'",
                "service": "case when g % 12 < 5 then 'imaging' when g % 12 < 9 then 'ecg' else 'laboratory' end", "resident_id": self.person("g * 7"),
                "requesting_institution_id": key("house", f"({asking})"), "performing_institution_id": key("house", f"({asking})"), "reporting_institution_id": key("house", "0"),
                "requested_at": self.at(n), "uploaded_at": f"{self.at(n)} + interval '20 minutes'",
                "reported_at": f"case when g % 40 <> 0 then {self.at(n)} + make_interval(mins => (25 + g * 37 % 130)::int) end",
            },
        )  # fmt: skip

    def quality(self) -> None:
        """One order in thirty raises a critical value; the laboratory's orders are tubes, the images are graded."""
        n = self.size.orders
        found = f"({self.at(n, '(g * 30)')})"
        self.fill(
            "orders_criticalvalue", max(6, n // 30),
            {
                "id": key("critical", "g"), "state": "'closed'", "order_id": key("order", f"(g * 30 % {n})"), "item": "'K'", "found_at": found,
                "notified_at": f"case when g % 9 <> 4 then {found} + make_interval(mins => (g * 3 % 16)::int) end",
                "acknowledged_at": f"case when g % 9 <> 4 and g % 7 <> 0 then {found} + interval '20 minutes' end", "read_back": "g % 9 <> 4 and g % 7 <> 0",
            },
        )  # fmt: skip
        tube = f"join orders_order o on o.id = {key('order', 'g')} and o.service = 'laboratory'"
        self.fill(
            "laboratory_tube", n,
            {
                "id": key("tube", "g"), "number": "'T' || g", "state": "case when g % 80 = 11 then 'rejected' else 'stored' end", "fault": "case when g % 80 = 11 then 'clotted' else '' end",
                "order_id": "o.id", "items": "'[]'", "collector_id": "o.requesting_institution_id", "centre_id": "o.reporting_institution_id", "collected_at": "o.requested_at",
                "received_at": "case when g % 80 <> 11 then o.uploaded_at end", "ended_at": "case when g % 80 = 11 then o.uploaded_at end",
            }, tube,
        )  # fmt: skip
        self.fill(
            "imaging_imagingdetail", n,
            {"order_id": "o.id", "quality": "case when g % 60 = 1 then 'D' when g % 12 = 2 then 'B' when g % 12 = 3 then '' else 'A' end", "recorded_at": "o.uploaded_at"},
            tube.replace("laboratory", "imaging"),
        )  # fmt: skip

    def recognitions(self) -> None:
        """Four in five earlier results are taken; one in fifty of these was made again all the same."""
        n = self.size.recognitions
        taken = "(g % 5 <> 0)"
        self.fill(
            "orders_recognition", n,
            {
                "id": key("recognition", "g"), "resident_id": self.person("g * 11"), "service": "'imaging'", "item_code": "'CT'", "item_name": "'CT 平扫'", "price": "18000",
                "decision": f"case when {taken} then 'recognised' else 'repeated' end", "reason_code": f"case when {taken} then '' else '1' end", "source_item_id": "g",
                "giver_id": key("house", self.township("g")), "receiver_id": key("house", "(g % 2)"), "at": self.at(n),
            },
        )  # fmt: skip
        self.fill(
            "orders_repeatfinding", max(1, n // 50),
            {"recognition_id": key("recognition", "(g * 50 + 1)"), "item_id": "g", "found_at": "now()"},
        )  # fmt: skip

    def programmes(self) -> None:
        """Enrolments at townships and villages, and their visits of the year."""
        n, visits = self.size.enrolments, self.size.follow_ups
        house = f"(case when g % 3 = 0 then {self.township('g')} else {self.village('g')} end)"
        self.fill(
            "programmes_enrolment", n,
            {
                "id": key("enrolment", "g"), "state": "case when g % 97 = 5 then 'ended' else 'active' end", "resident_id": self.person("g"),
                "programme": "case g % 8 when 0 then 'diabetes' when 1 then 'hypertension' when 2 then 'hypertension' when 3 then 'hypertension' when 4 then 'copd' when 5 then 'health_record' else 'elderly' end",
                "institution_id": key("house", house), "started_on": f"date '{self.first}' + (g % 200)::int", "began_at": f"timestamptz '{self.first} 08:00+08'",
                "ended_on": f"case when g % 97 = 5 then date '{self.first}' + 260 end", "ending": "case when g % 97 = 5 then '迁出' else '' end",
            },
        )  # fmt: skip
        each = f"(g / {n})"
        self.fill(
            "programmes_visit", visits,
            {
                "id": key("programme", "g"), "enrolment_id": key("enrolment", f"(g % {n})"), "stage": f"case when {each} = 0 and g % 8 = 5 then 'creation' else 'follow-up' end",
                "on": f"least(date '{self.today}', date '{self.first}' + ({each} * 80 + g % 79)::int)", "way": "(1 + g % 3)::text",
                "institution_id": key("house", house.replace("g", f"(g % {n})")), "entered_late": "g % 30 = 0", "void_reason": "case when g % 500 = 3 then '录错人' else '' end",
            },
        )  # fmt: skip

    def contracts(self) -> None:
        """Teams at townships; contracts signed over the year, a few only offered; nine in ten of the key people among those who signed."""
        n, teams = self.size.contracts, self.size.teams
        offered, begins = f"(g >= {n})", self.day(n + n // 60)
        self.fill(
            "contracts_team", teams,
            {
                "id": key("team", "g"), "name": "'第' || g + 1 || '家庭医生团队'", "institution_id": key("house", self.township("g")),
                "started_on": f"date '{self.first.year - 1}-01-01' + (g % 7 * 60)::int",
            },
        )  # fmt: skip
        team = {
            "team_id": key("team", f"(g % {teams})"),
            "starts_on": begins,
            "ends_on": f"{begins} + case when g % 61 = 8 then 100 else 365 end",
        }
        self.fill(
            "contracts_contract", n + n // 60,
            {
                "id": key("contract", "g"), "state": f"case when {offered} then 'offered' else 'valid' end", "number": "'Q' || lpad(g::text, 9, '0')", "resident_id": key("resident", "g"),
                "institution_id": key("house", self.township(f"(g % {teams})")), "term_ends_on": f"{begins} + 365",
                "signed_on": f"case when not {offered} then {begins} end", "way": "'paper'", "token": "''",
            } | team,
        )  # fmt: skip
        self.fill("contracts_stint", n + n // 60, {"id": key("stint", "g"), "contract_id": key("contract", "g")} | team)
        people = self.size.people
        signed = every("g", "0.93")
        self.fill(
            "contracts_groupmember", self.size.key_people,
            {
                "resident_id": key("resident", f"(case when {signed} then g % {n} else {n} + (g - floor(g * 0.93))::bigint % {people - n} end)"), "since": f"date '{self.first}'",
                "group": "case g % 3 when 0 then 'elderly' when 1 then 'hypertension' else 'diabetes' end",
            },
        )  # fmt: skip

    def secondments(self) -> None:
        """Staff of the county hospital at townships; not all stay for six months, not all have a title."""
        n = self.size.secondments
        self.fill(
            "network_staff", n,
            {"id": key("staff", "g"), "code": "'MS' || g", "name": "'派' || g", "sex": "'1'", "title": "case g % 5 when 0 then '' when 1 then '4' else (g % 5 - 1)::text end"},
        )  # fmt: skip
        self.fill(
            "network_post", n,
            {"id": key("post", "g"), "staff_id": key("staff", "g"), "institution_id": key("house", "0"), "role": "'specialist'", "starts_on": f"date '{self.first.year - 2}-01-01'"},
        )  # fmt: skip
        starts = f"(date '{self.first}' - 150 + ({'g'} * 300 / {n})::int)"
        self.fill(
            "network_secondment", n,
            {
                "id": key("secondment", "g"), "staff_id": key("staff", "g"), "institution_id": key("house", self.township("g")), "form": "case g % 9 when 8 then 'rotation' when 7 then 'support' else 'stationed' end",
                "starts_on": starts, "ends_on": f"case when g % 4 = 0 then {starts} + 100 end", "reason": "'派驻'",
            },
        )  # fmt: skip

    def workers(self) -> None:
        """Village doctors, seven in ten of them licensed; general practitioners at townships, some at two; a licence or two that has run out."""
        doctors, gps = self.size.village_doctors, self.size.general_practitioners
        n = doctors + gps
        self.fill(
            "network_staff",
            n,
            {"id": key("doctor", "g"), "code": "'MD' || g", "name": "'医' || g", "sex": "'1'", "title": "'4'"},
        )
        start = f"date '{self.first.year - 2}-01-01'"
        again = n // 20
        self.fill(
            "network_post", n + again,
            {
                "id": key("post", f"(g + {self.size.secondments})"), "staff_id": key("doctor", f"(g % {n})"), "starts_on": f"{start} + (g / {n})::int",
                "institution_id": f"case when g % {n} < {doctors} then {key('house', self.village(f'g + g / {n}'))} else {key('house', self.township('g'))} end",
                "role": f"case when g % {n} < {doctors} then 'village_doctor' when g >= {n} then 'director' else 'gp' end",
            },
        )  # fmt: skip
        licensed = f"(g >= {doctors} or {every('g', '0.715')})"
        self.fill(
            "network_qualification", n,
            {
                "id": key("licence", "g"), "staff_id": key("doctor", "g"), "number": "'ML' || g", "kind": f"case when {licensed} then 'practice' else 'village_doctor' end",
                "practice_level": f"case when {licensed} then (1 + g % 2)::text else '' end", "scope": f"case when g >= {doctors} then '全科医学专业' else '' end",
                "expires_on": f"case when g % {n} = {n - 1} then date '{self.first}' end",
            },
        )  # fmt: skip

    def centres(self) -> None:
        """The seven centres at the leading hospital; consultations and pathology, whose orders follow the others."""
        kinds = "(array['imaging','ecg','laboratory','pathology','consultation','sterile','emergency'])[1 + g]"
        self.fill(
            "network_centre", 7,
            {"id": key("centre", "g"), "kind": kinds, "name": f"'清溪县' || {kinds}", "institution_id": key("house", "0"), "starts_on": f"date '{self.first.year - 1}-01-01'"},
        )  # fmt: skip
        n, talks, before = self.size.pathology, self.size.consultations, self.size.orders
        of_pathology, at = f"(g < {n})", self.at(n + talks)
        self.fill(
            "orders_order", n + talks,
            {
                "id": key("order", f"(g + {before})"), "state": "case when g % 30 = 7 then 'cancelled' else 'final' end", "number": f"'S' || lpad((g + {before})::text, 9, '0')",
                "accession": f"'A' || lpad((g + {before})::text, 9, '0')", "priority": "case when g % 6 = 1 then 'urgent' else 'routine' end", "identity": "'unchecked'",
                "service": f"case when {of_pathology} then 'pathology' else 'consultation' end", "resident_id": self.person("g * 13"),
                "requesting_institution_id": key("house", self.township("g")), "performing_institution_id": key("house", "0"), "reporting_institution_id": key("house", "0"),
                "requested_at": at, "uploaded_at": f"case when {of_pathology} then {at} end",
                "reported_at": f"case when g % 30 <> 7 and g % 17 <> 5 then {at} + make_interval(mins => (g % 12 * 600)::int + case when g % 6 = 1 then 20 + (g % 4 * 20)::int else 0 end) end",
            },
        )  # fmt: skip
        self.fill(
            "consultation_consultation",
            talks,
            {"id": key("done", "g"), "order_id": key("order", f"(g + {before + n})")},
        )
        order = f"join orders_order o on o.id = {key('order', f'(g + {before})')}"
        self.fill(
            "pathology_case", n,
            {"order_id": "o.id", "number": "'P' || g", "registered_at": "o.uploaded_at + interval '1 hour'"}, order,
        )  # fmt: skip
        self.fill(
            "orders_orderitem", n,
            {"order_id": "o.id", "position": "1", "name": "'活检'", "group": "(array['BIOPSY','SURGERY','CYTOLOGY','BIOPSY','FROZEN'])[1 + g % 5]"}, order,
        )  # fmt: skip
        self.fill("orders_report", n, {"id": key("report", "g"), "order_id": "o.id"}, order)
        self.fill(
            "orders_reportversion", n,
            {"id": key("version", "g"), "report_id": key("report", "g"), "kind": "case when g % 23 = 6 then 'preliminary' else 'final' end", "number": "1", "signed_at": "o.reported_at"},
            f"{order} and o.reported_at is not null",
        )  # fmt: skip

    def sterile(self) -> None:
        """Loads, a few of them rejected; packs with their eight steps, one in sixty short of one."""
        n, packs = self.size.loads, self.size.packs
        self.fill(
            "sterile_load", n,
            {
                "id": key("load", "g"), "machine_id": key("load", "g"), "number": "'MJ' || g", "centre_id": key("house", "0"), "kind": "case when g % 4 = 0 then 'wash' else 'sterilise' end",
                "programme_label": "'134℃ 预真空'", "opened_at": self.at(n), "started_at": self.at(n), "finished_at": f"case when g % 90 <> 5 then {self.at(n)} + interval '1 hour' end",
                "state": "case when g % 90 = 5 then 'running' when g % 70 = 9 then 'rejected' when g % 70 = 10 then 'recalled' when g % 70 = 11 then 'early' else 'released' end",
            },
        )  # fmt: skip
        self.fill(
            "sterile_pack", packs,
            {"id": key("pack", "g"), "number": "'MP' || g", "centre_id": key("house", "0"), "holder_id": key("house", self.township("g")), "state": "'used'"},
        )  # fmt: skip
        issued = f"case when g % 40 <> 7 then {self.at(packs)} end"
        self.fill(
            "sterile_round", packs,
            {
                "id": key("round", "g"), "pack_id": key("pack", "g"), "number": "1", "label": "'ML' || g", "returned_at": self.at(packs), "issued_at": issued,
                "destination_id": key("house", self.township("g")),
            },
        )  # fmt: skip
        steps = "(array['sort','clean','disinfect','inspect','pack','load','store','issue'])[1 + g % 8]"
        self.fill(
            "sterile_scan", packs * 8,
            {
                "id": key("scan", "g"), "posting_id": key("scan", "g"), "pack_id": key("pack", "(g / 8)"), "round_id": key("round", "(g / 8)"), "at": self.at(packs, "(g / 8)"),
                "action": f"case when g % 480 = 3 then 'sort' else {steps} end",
            },
        )  # fmt: skip

    def emergencies(self) -> None:
        """Chest pain and stroke, two targets each; some still run, some were never written down, some do not apply."""
        n = self.size.emergencies
        self.fill(
            "emergency_case", n,
            {
                "id": key("emergency", "g"), "number": "'MC' || g", "state": "case when g % 50 = 8 then 'cancelled' else 'care' end", "way": "'call'", "priority": "1",
                "centre_id": key("house", "0"), "destination_id": key("house", "(g % 5 / 4)"), "opened_at": self.at(n), "patient_name": "'病人'", "patient_sex": "'1'", "complaint": "'x'",
                "pathway": "case when g % 2 = 0 then 'chest-pain' else 'stroke' end",
            },
        )  # fmt: skip
        case, took = "(g / 2)", "make_interval(mins => (g % 130)::int)"
        timed = "(g % 11 < 8)"
        self.fill(
            "emergency_targetclock", n * 2,
            {
                "id": key("clock", "g"), "case_id": key("emergency", case), "pathway": f"case when g % 60 = 4 then 'trauma' when {case} % 2 = 0 then 'chest-pain' else 'stroke' end",
                "code": f"case when g % 2 = 0 then case when {case} % 2 = 0 then 'door_balloon' else 'door_needle' end else case when {case} % 2 = 0 then 'fmc_ecg' else 'door_ct' end end",
                "label": "'时限'", "minutes": "60", "state": f"case when {timed} and g % 11 < 6 then 'met' when {timed} then 'missed' when g % 11 = 8 then 'unknown' when g % 11 = 9 then 'running' else 'dropped' end",
                "started_at": self.at(n, case), "stopped_at": f"case when {timed} then {self.at(n, case)} + {took} end",
            },
        )  # fmt: skip

    def outreach(self) -> None:
        """Lectures and leaflets of the townships; assistance and relief at the counters, some paid to the person at home."""
        n, aid = self.size.outreach, self.size.aid
        self.fill(
            "forms_formresponse", n,
            {"id": key("answer", "g"), "form_code": "'x'", "answers": "case when g % 3 = 1 then jsonb_build_object('copies', 50 + g % 40) else '{}'::jsonb end"},
        )  # fmt: skip
        self.fill(
            "programmes_siterecord", n,
            {
                "id": key("answer", "g"), "programme": "case when g % 20 = 19 then 'school_health' else 'health_education' end", "institution_id": key("house", self.township("g")),
                "activity": "(array['lecture','material','board'])[1 + g % 3]", "on": self.day(n), "response_id": key("answer", "g"), "reach": "20 + g % 30",
                "void_reason": "case when g % 25 = 2 then '重复' else '' end",
            },
        )  # fmt: skip
        owed, back = "(g % 15 = 4)", "(g % 30 = 8)"
        self.fill(
            "assistance_payment", aid,
            {
                "id": key("aid", "g"), "number": "'MA' || g", "key": key("aid", "g"), "fund": "case when g % 5 = 0 then 'relief' else 'aid' end", "resident_id": self.person("g * 3"),
                "state": f"case when {back} then 'withdrawn' when {owed} then 'owed' else 'paid' end", "amount": "5000 + g % 70 * 100", "at": self.at(aid),
                "settlement_id": f"case when g % 6 <> 1 or {owed} then {key('fact', 'g')} end", "institution_id": f"case when g % 6 <> 1 or {owed} then {key('house', '(g % 2)')} end",
                "posting_id": f"case when not {owed} then {key('aid', 'g')} end", "reversal_id": f"case when {back} then {key('aid', 'g')} end",
            },
        )  # fmt: skip

    def charges(self) -> None:
        """A bill of every visit and stay with its lines: nine kinds of charges, a few struck out."""
        per_visit, per_stay = self.size.lines_per_visit, self.size.lines_per_stay
        for kind, n, per, house in (
            ("visit", self.size.visits, per_visit, f"({self.place_of_visit()})"),
            ("stay", self.size.stays, per_stay, f"({self.place_of_stay()})"),
        ):
            at = self.at(n)
            offset = "0" if kind == "visit" else str(self.size.visits)
            bill = key("bill", f"(g + {offset})")
            self.fill(
                "clinic_bill", n,
                {
                    "id": bill, "state": "'settled'", "state_since": at, "number": f"'B' || g + {offset}", "resident_id": self.person("g"), "institution_id": key("house", house),
                    "institution_level": "'P'", "kind": "'outpatient'" if kind == "visit" else "'inpatient'", "visit_id": key("visit", "g") if kind == "visit" else "null",
                    "stay_id": key("stay", "g") if kind == "stay" else "null", "opened_at": at, "ready_at": at, "settled_at": at, "settlement_ref": "'m'",
                },
            )  # fmt: skip
            categories = "(array['consultation','drug','laboratory','examination','drug','treatment','material','herbal','patent','nursing','bed','surgery'])"
            self.fill(
                "clinic_chargeline", n * per,
                {
                    "id": key("line", f"(g + {offset} * {per_visit}::bigint)"), "bill_id": key("bill", f"(g / {per} + {offset})"), "item_code": "'X'", "item_name": "'项目'", "front_page_group": "'01'",
                    "category": f"{categories}[1 + g % 12]", "unit": "'次'", "unit_price": "10 + g % 50", "quantity": "1", "amount": "1000 + g % 50 * 100",
                    "performed_at": self.at(n, f"(g / {per})"), "written_at": f"timestamptz '{self.first} 08:00+08'",
                    "struck_at": "case when g % 400 = 0 then now() end", "struck_reason": "case when g % 400 = 0 then '开错' else '' end",
                },
            )  # fmt: skip


def year() -> tuple[date, date]:
    """The months that were made, the first and the last."""
    last = first_of(clock.today())
    return add_months(last, -11), last
