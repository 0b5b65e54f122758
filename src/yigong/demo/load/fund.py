"""Two years of the fund: each visit of the demo's year settled under the plan, once on its day and once a year before, with stays outside the
county that come back late; and, made by the rooms' own commands, packages, closed months, weights, statements, and the cleared last year.

The groups are the demo's own (codes DM…), not those of any published scheme.
"""

# texts: data (reasons and names of the demo)

from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from uuid import UUID

from yigong.access import api as access
from yigong.core import clock
from yigong.core.actor import Actor
from yigong.core.months import add_months
from yigong.demo.generate.county import County
from yigong.demo.generate.keys import chance, row_key
from yigong.demo.generate.people import Person
from yigong.demo.generate.visits import Visit
from yigong.demo.load.copying import Table
from yigong.demo.load.network import Keys
from yigong.insurance.benefits.api import (
    INPATIENT,
    Case,
    CaseInvalid,
    Settlement,
    Split,
    after,
    plan_documents,
    plan_of,
    settle,
)
from yigong.insurance.budget import api as budget

SCHEME, REGION = "390", "990100"
# principal diagnosis -> group, name, mean cost in yuan at the county hospital, days, deaths in a thousand
_GROUPS = {
    "J18.9": ("DM01", "肺炎", 4600, 8, 9), "I63.9": ("DM02", "脑梗死", 7200, 10, 16), "I25.1": ("DM03", "冠状动脉粥样硬化性心脏病", 6100, 8, 12),
    "K80.2": ("DM04", "胆囊结石手术", 8800, 7, 1), "S72.0": ("DM05", "股骨颈骨折手术", 21000, 14, 8), "K35.8": ("DM06", "急性阑尾炎手术", 7400, 6, 1),
    "O80.9": ("DM07", "单胎顺产", 3600, 4, 0), "J44.1": ("DM08", "慢性阻塞性肺疾病急性加重", 5400, 9, 14), "K92.2": ("DM09", "消化道出血", 5900, 7, 20),
    "M51.2": ("DM10", "腰椎间盘突出保守治疗", 3900, 9, 0), "J06.9": ("DM11", "上呼吸道感染", 2100, 5, 0), "J20.9": ("DM12", "急性支气管炎", 2700, 6, 1),
    "K52.9": ("DM13", "胃肠炎", 2500, 5, 1),
}  # fmt: skip
_OPERATED = {
    "K80.2": ("51.2300", "腹腔镜下胆囊切除术"), "S72.0": ("81.5100", "全髋关节置换"), "K35.8": ("47.0100", "腹腔镜下阑尾切除术"),
}  # fmt: skip
_LEVEL = {"village": "1", "township": "1", "county": "2"}
_TWO, _CHRONIC = {"I10", "E11.9"}, {"J44.9": "J44", "I69.3": "I69", "I25.1": "I25"}
_OUTSIDE = ("临岳市人民医院", "省人民医院", "省中医院", "邻省肿瘤医院")
_LATE = (0.58, 0.86, 0.96)  # share of the outside settlements known in their month, one, two months later
_GROWTH = Decimal("0.94")  # the year before against the last one
_FACT = (
    "id", "key", "source", "ref", "region", "scheme", "month", "booked", "settled_on", "kind", "place", "level", "institution_id",
    "institution_name", "home_id", "resident_id", "identities", "disease", "cases", "total", "own", "over", "first_self_pay", "in_scope", "pool",
    "other_funds", "institution_part", "person", "provisional",
)  # fmt: skip
_CASE = (
    "id", "number", "institution_id", "department_id", "doctor_id", "resident_id", "scheme", "insured_here", "month", "discharged_on", "days",
    "level", "group", "group_name", "why_not", "died", "cost", "own", "over", "first_self_pay", "deductible", "ratio", "pool", "other_funds",
    "person", "diagnosis", "diagnosis_name", "operation", "operation_name", "other_diagnoses", "age", "filed_ref",
)  # fmt: skip


class Writer:
    """Takes the visits person by person; ``flush`` sends what is left and the sums of the year before both."""

    def __init__(self, county: County, keys: Keys, day: date) -> None:
        self.keys, self.day = keys, day
        self.places = {one.key: one for one in county.institutions}
        self.source = chance(keys.seed, "fund")
        self.rules = plan_of(plan_documents(SCHEME)[0])
        self.facts, self.cases = Table("budget.FundFact", _FACT), Table("budget.FundCase", _CASE)
        self.earlier: dict[tuple[int, int, str, str, str, UUID | None, UUID], list[int]] = defaultdict(lambda: [0] * 9)
        self._waiting: list[tuple[date, Visit, Case, str]] = []
        self._who: tuple[Person, UUID] | None = None
        self._count = 0

    def consider(self, visit: Visit, person: Person, resident: UUID) -> None:
        """One visit; settled when all of the person's are known, in the order of time."""
        if self._who is None or self._who[1] != resident:
            self._settle()
            self._who = (person, resident)
        case = self._case(visit)
        if case is None:
            return
        outside = case.kind == INPATIENT and case.level == "2" and self.source.random() < 0.15
        if outside:
            fee = case.fee
            case = case._replace(fee=_split(fee.total * 19 // 10, self.source), level="3", place="registered")
            case = case._replace(place="registered" if self.source.random() < 0.7 else "unregistered")
        name = self.source.choice(_OUTSIDE) if outside else ""
        for years in (0, 1):
            day = visit.ended.date() - timedelta(days=365 * years)
            if day <= self.day and day.year >= self.day.year - 1:
                self._waiting.append((day, visit, case if not years else _cheaper(case), name))

    def flush(self) -> None:
        """Send what is left."""
        self._settle()
        self._carry()
        for table in (self.facts, self.cases):
            table.flush()

    def _case(self, visit: Visit) -> Case | None:
        place, code = self.places[visit.institution], visit.diagnoses[0][0]
        level = _LEVEL[place.level]
        if visit.kind == INPATIENT:
            mean = _GROUPS.get(code, ("", "", 4200))[2] * (80 if level == "1" else 128)
            return Case(INPATIENT, _split(int(mean * self.source.lognormvariate(0, 0.32)), self.source), level)
        amount = int(self.source.lognormvariate(8.5, 0.5))
        known = {one for one, _text in visit.diagnoses}
        if disease := next((_CHRONIC[one] for one in sorted(known & _CHRONIC.keys())), ""):
            return Case("chronic", _split(amount * 3, self.source), level, disease=disease)
        if (two := sorted(known & _TWO)) and visit.medicines:
            return Case("two-diseases", _split(amount, self.source), level, disease=two[0][:3])
        return Case("pooling", _split(amount, self.source), level) if level == "1" else None

    def _settle(self) -> None:
        if self._who is None:
            return
        person, resident = self._who
        home = self.keys.institution[self.places[person.village].parent]
        sums: dict[int, dict[str, int]] = defaultdict(dict)
        for day, visit, case, name in sorted(self._waiting, key=lambda one: (one[0], one[1].number)):
            before = sums[day.year]
            try:
                done = settle(
                    self.rules,
                    case._replace(admission=before.get("admissions", 0) + 1) if case.kind == INPATIENT else case,
                    before,
                )
            except CaseInvalid:
                continue
            sums[day.year] = after(before, done)
            self._write(day, visit, done, name, resident, home)
        self._waiting.clear()

    def _write(self, day: date, visit: Visit, done: Settlement, name: str, resident: UUID, home: UUID) -> None:
        case, month = done.case, day.replace(day=1)
        late = next((n for n, share in enumerate(_LATE) if self.source.random() < share), 3) if name else 0
        booked = add_months(month, late)
        if booked > self.day:
            return
        self._count += 1
        key = row_key(self.keys.seed, "fact", self._count, int(visit.at.timestamp() * 1000))
        place = "inside" if not name else case.place
        house = None if name else self.keys.institution[visit.institution]
        others = done.funds - done.pool
        fee, provisional = case.fee, bool(name) and add_months(month, 3) > self.day
        money = (
            fee.total,
            fee.own,
            fee.over,
            fee.first,
            fee.in_scope,
            done.pool,
            others,
            done.institution,
            done.person,
        )
        self.facts.add(
            key, f"demo:{key}", "return" if name else "settlement", f"demo:{key}", REGION, SCHEME, month, booked, day, case.kind, place,
            case.level, house, name, home, resident, "", case.disease, 1, *money, provisional,
        )  # fmt: skip
        if day.year == self.day.year - 1:
            self._before(month, late, case.kind, place, case.level, house, home, money)
        if case.kind == INPATIENT and not name:
            self._stay(key, day, visit, done, resident, money)

    def _stay(
        self, key: str, day: date, visit: Visit, done: Settlement, resident: UUID, money: tuple[int, ...]
    ) -> None:
        total, own, over, first, _scope, pool, others, _institution, person = money
        code = visit.diagnoses[0][0]
        group, name, _mean, days, deaths = _GROUPS.get(code, ("", "", 0, 6, 2))
        stay = max(1, (visit.ended.date() - visit.at.date()).days)
        doctor = visit.doctor
        self.cases.add(
            key, f"DM{self._count:08d}", self.keys.institution[visit.institution],
            self.keys.department.get((visit.institution, doctor.department)), self.keys.staff[doctor.code], resident, SCHEME, True,
            day.replace(day=1), day, min(stay, 3 * days + 70), done.case.level, group, name, "" if group else "主要诊断不在分组方案中",
            self.source.random() * 1000 < deaths, total, own, over, first, done.deductible, done.ratio, pool, others, person,
            code, visit.diagnoses[0][1], *_OPERATED.get(code, ("", "")), len(visit.diagnoses) - 1, max(0, self._who[0].age(day)) if self._who else None, "",
        )  # fmt: skip

    def _before(
        self,
        month: date,
        late: int,
        kind: str,
        place: str,
        level: str,
        house: UUID | None,
        home: UUID,
        money: tuple[int, ...],
    ) -> None:
        sums = self.earlier[month.month, late, kind, place, level, house, home]
        for position, amount in enumerate(money):
            sums[position] += amount

    def _carry(self) -> None:
        """The year before both as monthly sums, as a county that begins would carry them over; a little less, month by month by chance."""
        year = self.day.year - 2
        noise = {month: Decimal(self.source.randrange(960, 1041)).scaleb(-3) for month in range(1, 13)}
        for number, (at, sums) in enumerate(sorted(self.earlier.items(), key=str)):
            month, late, kind, place, level, house, home = at
            factor = _GROWTH * noise[month]
            own, over, first, scope, pool, others, institution = (int(sums[n] * factor) for n in (1, 2, 3, 4, 5, 6, 7))
            total = own + over + first + scope
            key = row_key(self.keys.seed, "carried", number, 0)
            day = date(year, month, 1)
            self.facts.add(
                key, f"demo:{key}", "carried", f"carried:{year}", REGION, SCHEME, day, add_months(day, late), day, kind, place, level, house, "",
                home, None, "", "", 1, total, own, over, first, scope, pool, others, institution, total - pool - others - institution, False,
            )  # fmt: skip


def _split(total: int, source: Random) -> Split:
    own, first = total * source.randrange(2, 9) // 100, total * source.randrange(3, 9) // 100
    return Split(total, own, 0, first, total - own - first)


def _cheaper(case: Case) -> Case:
    """The same a year earlier: a twentieth less."""
    fee = case.fee
    own, first, scope = (amount * 95 // 100 for amount in (fee.own, fee.first, fee.in_scope))
    return case._replace(fee=Split(own + first + scope, own, 0, first, scope))


def begin(keys: Keys, insured: int) -> None:
    """The last year from package to clearing and split, and this year so far, by the commands of the insurance office and the director."""
    today = clock.today()
    budget.build_sums()
    clerk, director = (access.actor_of(keys.of("account", name)) for name in ("yibao", "yuanzhang"))
    last, year = today.year - 1, today.year
    packages = {one: _package(one, insured, clerk, director) for one in (last, year)}
    month, until = date(last - 1, 1, 1), add_months(today.replace(day=1), -1)
    while month < until:
        budget.close_month(region=REGION, scheme=SCHEME, month=month, actor=clerk)
        month = add_months(month, 1)
    for one, method in ((last, "drg"), (year, "drg"), (year, "dip")):
        weights = budget.weigh_history(
            scheme=SCHEME, year=one, history=[last], predicted=_cost(last, one), method=method, actor=clerk
        )
        budget.move_weights(set_id=weights, action="adopt", actor=director)
    for back in (1, 2):
        budget.calculate_month(scheme=SCHEME, month=add_months(today.replace(day=1), -back), actor=clerk)
    _appraise(keys, last, clerk, director)
    _pay_heads(last, clerk)
    budget.clear_year(package_id=packages[last], actor=clerk)
    _ask_special(keys, add_months(today.replace(day=1), -1), clerk, director)


def _pay_heads(year: int, clerk: Actor) -> None:
    """The last year's months of the institutions that are paid by head, and its end."""
    centres = [key for key, level in budget.community_members().items() if level == "township"]
    for number in range(1, 13):
        month = date(year, number, 1)
        budget.calculate_month(scheme=SCHEME, month=month, actor=clerk)
        for key in budget.statements_to_pay(month, centres):
            budget.pay_statement(statement_id=key, scheme=SCHEME, actor=clerk)
    budget.close_year(scheme=SCHEME, year=year, kind="head", actor=clerk)


_WHY = (
    (
        "合并感染性休克、急性呼吸窘迫综合征，机械通气并在重症监护病房住 9 天，病程记录、血气分析和会诊记录已附。",
        "材料齐全，费用与病情相符。",
        95,
    ),
    (
        "多发伤分次手术，一次住院完成两次大手术，手术记录和费用清单已附。",
        "",
        0,
    ),
    (
        "患者要求使用进口耗材，费用较高。",
        "属患者自选项目，不符合特例单议条件。",
        0,
    ),
    (
        "术后并发肺栓塞，延长住院并用溶栓药物，CT 肺动脉造影报告和手术记录已附。",
        "并发症处理合规，按实际费用核减后同意。",
        88,
    ),
)


def _ask_special(keys: Keys, month: date, clerk: Actor, director: Actor) -> None:
    """Cases of the county hospital that cost far more than their group: some granted, one refused, one waits; and the month calculated with them."""
    county = next(key for key, level in budget.community_members().items() if level == "county")
    found = budget.beyond_their_group(county, month)
    for (case_id, cost), (evidence, opinion, share) in zip(found, _WHY, strict=False):
        try:
            key = budget.ask_special(case_id=case_id, asked=cost, evidence=evidence, actor=clerk)
        except budget.TooManySpecial:
            break  # a small county has few such places
        if opinion:
            granted = cost * share // 100 or None
            budget.decide_special(request_id=key, granted=granted, reason=opinion, actor=director)
    budget.calculate_month(scheme=SCHEME, month=month, actor=clerk)


def _package(year: int, insured: int, clerk: Actor, director: Actor) -> UUID:
    key = budget.make_package(scheme=SCHEME, year=year, insured=insured, actor=clerk)
    for action in ("publish", "begin"):
        budget.move_package(package_id=key, action=action, actor=director)
    return key


def _cost(last: int, year: int) -> int:
    """The last year's inpatient cost, three percent more for this one."""
    whole = budget.inpatient_cost(last)
    return whole * (103 if year > last else 100) // 100


def _appraise(keys: Keys, year: int, clerk: Actor, director: Actor) -> None:
    source = chance(keys.seed, "appraisal")
    members = budget.community_members()
    key = budget.new_appraisal(
        scheme=SCHEME,
        year=year,
        community_score=Decimal("88.6"),
        members=members,
        actor=clerk,
        note="年度考核办公室汇总",
    )
    scores = {one: (Decimal(source.randrange(780, 985)).scaleb(-1), "年度考核表") for one in sorted(members)}
    scored = {one: told for one, told in scores.items() if members[one] in {"county", "township", "village"}}
    budget.score_members(appraisal_id=key, scores=scored, actor=clerk)
    for action, actor in (("check", clerk), ("sign", director)):
        budget.move_appraisal(appraisal_id=key, action=action, actor=actor)
