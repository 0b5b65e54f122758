"""The sizes of the county, its keys, and how a table is filled with so many rows."""

# texts: data
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields, replace
from uuid import UUID

from django.db import connection

from yigong.core import clock
from yigong.core.months import add_months, first_of

KINDS = {
    name: number
    for number, name in enumerate(
        ("house", "department", "resident", "visit", "noise", "stay", "front", "procedure", "referral", "fact", "case", "order", "recognition",
         "enrolment", "programme", "contract", "staff", "post", "secondment", "insured", "bill", "line", "alliance", "critical", "tube", "team", "stint",
         "doctor", "licence", "centre", "document", "item", "report", "version", "load", "pack", "round", "scan", "emergency", "clock", "done", "answer", "aid", "verdict", "run", "stop", "consignment", "seat"), 0xA0
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
    outside_experts: int = 54  # "50 余"
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
    waits: int = 20_000
    stops: int = 6_000
    consignments: int = 4_000
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


@contextmanager
def without_triggers() -> Iterator[None]:
    """Rows as they are given: no trigger fires and no key is looked up, until the block is left."""
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


class Maker:
    """One table after the other; ``g`` counts the rows of a statement from zero."""

    def __init__(self, size: Size, townships: int, villages: int, clinics: int) -> None:
        self.size = size
        self.townships, self.villages, self.clinics = townships, villages, clinics
        self.outside = 2 + townships + villages + clinics  # the number of the one hospital outside the county
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

    def place_of_visit(self) -> str:
        """60 % at primary care, half of it in the villages; the rest at the hospitals and, one in eight of it, at private clinics."""
        primary = every("g", "0.6")
        return (
            f"case when {primary} then case when g % 10 in (0, 1, 4, 5, 8) then {self.village('g / 3')} else {self.township('g / 3')} end"
            f" when g % 8 = 0 then {self.clinic('g / 8')} when g % 4 = 1 then 1 else 0 end"
        )

    def place_of_stay(self) -> str:
        """Six in ten at the leading hospital, two at that of Chinese medicine, two at the townships."""
        return f"case when g % 10 < 6 then 0 when g % 10 < 8 then 1 else {self.township('g / 10')} end"
