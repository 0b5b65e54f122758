"""The demo county's family-doctor teams, one per village, with this year's contracts; what was done follows from the records."""

# texts: data
from collections import defaultdict
from datetime import date, datetime, time, timedelta
from uuid import UUID

from django.db import transaction

from yigong.contracts import api
from yigong.contracts.commands import money
from yigong.contracts.commands.counting import count_again
from yigong.contracts.models import Contract
from yigong.contracts.rules import fees
from yigong.contracts.rules.counting import due_items
from yigong.contracts.rules.packs import packages, rules
from yigong.core.actor import system
from yigong.core.ledger import api as ledger
from yigong.demo.generate.county import County
from yigong.demo.generate.keys import CHINA, chance, key
from yigong.demo.generate.people import Person
from yigong.demo.load.copying import Table
from yigong.demo.load.network import Keys
from yigong.programmes import api as programmes

_BOSS = system("demo")
_MANAGED = ("hypertension", "diabetes", "copd")


class Teams:
    """A team per village clinic: its doctor, the township's general practitioner and nurse, a specialist of the county."""

    def __init__(self, county: County, keys: Keys, today: date) -> None:
        self.keys, self.begun = keys, date(today.year, 1, 1)
        self.of: dict[str, UUID] = {}
        self.house: dict[UUID, UUID] = {}
        workers: dict[tuple[str, str], list[str]] = defaultdict(list)
        for worker in sorted(county.workers, key=lambda w: not w.username):  # the logins lead their houses' teams
            workers[worker.institution, worker.role].append(worker.code)
        specialists = workers["COUNTY", "specialist"]
        team = Table("contracts.Team", ("id", "name", "institution_id", "started_on", "ended_on", "note"))
        self.members = Table(
            "contracts.Member", ("id", "team_id", "staff_id", "role", "institution_id", "starts_on", "ends_on")
        )
        area = Table("contracts.Area", ("id", "team_id", "institution_id"))
        for number, clinic in enumerate(i for i in county.institutions if i.level == "village"):
            one = self.of[clinic.key] = key(keys.seed, "team", number, datetime.combine(self.begun, time(8), CHINA))
            self.house[one] = keys.institution[clinic.parent]
            team.add(one, f"{clinic.name.removesuffix('卫生室')}家庭医生团队", self.house[one], self.begun, None, "")
            area.add(key(keys.seed, "team-area", number), one, keys.institution[clinic.key])
            seats = [
                ("leader", clinic.parent, workers[clinic.parent, "gp"][:1]),
                ("village", clinic.key, workers[clinic.key, "village_doctor"][:2]),
            ]
            seats += [
                ("nurse", clinic.parent, workers[clinic.parent, "nurse"][:1]),
                ("specialist", "COUNTY", specialists[number % 7 : number % 7 + 1]),
            ]
            self._seat(one, seats, number)
        for table in (team, self.members, area):
            table.flush()

    def _seat(self, team: UUID, seats: list[tuple[str, str, list[str]]], number: int) -> None:
        for role, place, codes in seats:
            for n, code in enumerate(codes):
                row = key(self.keys.seed, f"team-member/{role}/{n}", number)
                self.members.add(row, team, self.keys.staff[code], role, self.keys.institution[place], self.begun, None)


_CONTRACT = (
    "id", "state", "state_since", "due_at", "version", "number", "resident_id", "household_id", "team_id", "institution_id", "rules_version", "packages",
    "groups", "starts_on", "ends_on", "term_ends_on", "signed_on", "way", "signer_id", "signer_note", "staff_id", "fee_fen", "payers", "returned", "due_times", "done_times",
    "ending", "token", "tries",
)  # fmt: skip


def fill(county: County, keys: Keys, people: list[tuple[Person, UUID]], today: date) -> int:
    """Load teams and contracts; returns how many are signed. The relationships were opened with the residents, under the same keys."""
    teams = Teams(county, keys, today)
    managed = {code: set(programmes.under_management(code).values_list("resident_id", flat=True)) for code in _MANAGED}
    table = Table("contracts.Contract", _CONTRACT)
    stints = Table("contracts.Stint", ("id", "contract_id", "team_id", "starts_on", "ends_on"))
    steps = Table(
        "states.StateChange",
        (
            "id",
            "table",
            "object_id",
            "version",
            "action",
            "from_state",
            "to_state",
            "reason",
            "reason_code",
            "actor_name",
            "actor_role",
            "at",
            "address",
        ),
    )
    services = Table(
        "contracts.Service",
        (
            "id",
            "contract_id",
            "package",
            "item",
            "source_kind",
            "source_id",
            "on",
            "institution_id",
            "staff_id",
            "note",
        ),
    )
    taught = chance(keys.seed, "health-education")
    zeal = {village: taught.uniform(0.35, 0.95) for village in sorted(teams.of)}
    signed = datetime(today.year, 1, 1, 9, tzinfo=CHINA)
    begins, ends = signed.date(), date(today.year + 1, 1, 1)
    over = datetime.combine(ends, time(0), CHINA)
    known, version = packages(today), rules(today).version
    for person, resident in people:
        if not person.contracted or person.status != "active":
            continue
        row, team = key(keys.seed, "contract", person.index, signed), teams.of[person.village]
        age = person.age(today)
        groups = sorted(
            {c for c in _MANAGED if resident in managed[c]}
            | ({"elderly"} if age >= 65 else {"child"} if age < 7 else set())
        )
        chosen = [
            p for p in known.values() if p.kind == "basic" or (p.kind == "population" and set(groups) & set(p.groups))
        ]
        payers = fees.payers_of(chosen)
        table.add(
            row, "valid", signed, over, 1, f"QY{begins:%Y%m%d}{person.index:06d}", resident, key(keys.seed, "household", person.household), team,
            teams.house[team], version, {p.code: p.version for p in chosen}, groups, begins, ends, ends, begins, "paper", None, "本人" if age >= 18 else "监护人代签",
            None, sum(p.price_fen for p in chosen), payers, {}, sum(i.times for _p, i in due_items(chosen, groups)), 0, "", "", 0,
        )  # fmt: skip
        if taught.random() < zeal[person.village]:
            _taught(
                services,
                row,
                person,
                teams.house[team],
                begins + timedelta(days=taught.randrange(20, 330)),
                keys,
                today,
            )
        stints.add(key(keys.seed, "stint", person.index, signed), row, team, begins, ends)
        steps.add(
            key(keys.seed, "contract-step", person.index, signed),
            "contract",
            row,
            1,
            "create",
            "",
            "valid",
            "",
            "",
            "示例县载入",
            "system",
            signed,
            "",
        )
    for one in (table, stints, steps, services):
        one.flush()
    return table.count


def _taught(services: Table, contract: UUID, person: Person, house: UUID, on: date, keys: Keys, today: date) -> None:
    """Health education, of which no record elsewhere tells: noted by hand by the team."""
    if on < today:
        at = datetime.combine(on, time(10), CHINA)
        row, source = key(keys.seed, "service", person.index, at), key(keys.seed, "service-note", person.index, at)
        services.add(row, contract, "basic", "education", "manual", source, on, house, None, "发放健康教育处方")


def follow(today: date) -> None:
    """Fees, what was done, and who is in which key population, once triggers work and the tables have statistics."""
    with transaction.atomic():
        _charge(today.year)
        count_again(list(Contract.objects.values_list("id", flat=True)))
    api.refresh_groups(actor=_BOSS)


def _charge(year: int) -> None:
    """One posting per team instead of one per contract."""
    charged: dict[UUID, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for team, payers in Contract.objects.values_list("team_id", "payers").iterator(5000):
        for source, fen in payers.items():
            charged[team][source] += fen
    for team, paid in sorted(charged.items()):
        entries = [(money.payer_account(source), -fen) for source, fen in sorted(paid.items()) if fen]
        if entries:
            total = (money.pool_account(team), sum(paid.values()))
            ledger.post(
                [*entries, total], key=f"contracts/fee/{team}/{year}", actor=_BOSS, reason=f"{year} 年签约服务费"
            )
