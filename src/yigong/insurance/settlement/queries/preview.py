"""What a bill would cost whom today: nothing is written."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from yigong.core import clock, statements
from yigong.core.once import one_page
from yigong.insurance.benefits import api as benefits
from yigong.insurance.benefits.api import INPATIENT, NOTHING, Episode, Rules
from yigong.insurance.coverage import api as coverage
from yigong.insurance.settlement import calculation
from yigong.insurance.settlement.bills import Bill, check_bill
from yigong.insurance.settlement.calculation import SELF, Figures, Insured, Option
from yigong.insurance.settlement.errors import AfterDeath, KindNotOpen, TwoCoverages
from yigong.insurance.settlement.models import PersonYear, Settlement
from yigong.insurance.settlement.money import ACCOUNT, ask_balances, balances
from yigong.insurance.settlement.parameters import rules_on
from yigong.network import api as network
from yigong.residents import api as residents

_LEVELS = {"village": "1", "township": "1", "county": "2", "outside": "3"}
_SAME_EPISODE = timedelta(hours=72)


@dataclass(frozen=True, slots=True)
class Preview:
    """A bill calculated: the person's coverage, the benefits that can be chosen, the figures and the words."""

    bill: Bill
    insured: coverage.CoverageData | None
    uninsured: str
    level: str
    options: tuple[Option, ...]
    option: Option
    figures: Figures
    lines: tuple[Mapping[str, Any], ...]
    settled: benefits.Settlement | None
    rules: Rules | None
    sums: Mapping[str, int]
    year: int
    account: int
    family: int
    notices: tuple[str, ...] = ()
    platform: Any = None
    continues: UUID | None = None  # the settlement of the stay that a referral continues

    @property
    def scheme(self) -> str:
        """The scheme under which it is settled, empty when all is the person's own."""
        return self.insured.insurance if self.insured and self.option.kind != SELF else ""

    @property
    def warnings(self) -> list[str]:
        """Lines that are paid differently from what one might think."""
        return [f"{line['name']}：{line['warning']}" for line in self.lines if line["warning"]]


@dataclass(slots=True)
class Choice:
    """What the counter chose: the benefit, which of two coverages, whether the account is used, what the platform says of it."""

    kind: str = ""
    scheme: str = ""
    use_account: bool = True
    account: int | None = None
    family: int | None = None
    given_sums: Mapping[str, int] | None = field(default=None)
    # Who settles locks the person's year (resident, scheme, year) here and gives its sums; who only looks reads them.
    lock: Callable[[UUID, str, int], Mapping[str, int]] | None = None


def look(bill: Bill, choice: Choice | None = None) -> Preview:
    """Calculate a bill. Refused: lines that cannot be, charges after death, two coverages without a choice, a benefit that does not apply."""
    with one_page():  # nothing is written here, so who somebody is linked with is asked once
        return _looked(bill, choice or Choice())


def _looked(bill: Bill, choice: Choice) -> Preview:
    check_bill(bill)
    asked = _Asked(bill, choice)
    person, on, dead, level, notices = asked.person, asked.on, asked.dead, asked.level, []
    if dead:
        notices.append(
            _("该居民已于 %(on)s 死亡：由家属结算死亡前的费用，个人账户不再使用。") % {"on": person.closed_on}
        )
    covered = _of_the_scheme(asked.covered, choice.scheme)
    rules = benefits.plan_for(covered.region, covered.insurance, on) if covered else None
    if covered is None or rules is None:
        only = (Option(SELF, _("全部自费")),)
        return _own(bill, None, _("当天没有参保记录，按自费结算"), level, only, on, notices)
    if waits := _waits(covered, rules, on):
        return _own(bill, covered, waits, level, (Option(SELF, _("全部自费")),), on, notices)
    account, family = (0, 0) if dead else asked.accounts(choice)
    insured = _insured(
        bill, covered, person, on, account if choice.use_account else 0, family if choice.use_account else 0
    )
    known = tuple(calculation.options(rules, bill, level, insured))
    option = _chosen(known, choice.kind)
    if option.kind == SELF:
        why = next((f"{one.title}：{one.refused}" for one in reversed(known) if one.refused), _("按本人要求自费"))
        return _own(bill, covered, why, level, known, on, notices)
    year = year_of(bill, on)
    sums = choice.given_sums
    if sums is None:
        sums = (choice.lock or sums_of)(bill.resident_id, covered.insurance, year)
    relief = rules.plan.relief
    poor = bool(relief and relief.when == "before" and relief.identities & insured.identities)
    split, lines = calculation.take_apart(
        rules, bill.charges, kind=option.kind, poor=poor, relieved=sums.get("relief", 0), drugs=insured.drugs
    )
    continued, told = _continued(bill, level, covered.insurance, year)
    episode = _episode(bill, continued) if continued else None
    case = calculation.case_of(
        bill, option, split, level, insured, admission=calculation.admission_of(rules, level, sums), episode=episode
    )
    settled = benefits.settle(rules, case, sums)
    figures = calculation.figures_of(settled)
    assert not figures.faults(), figures.faults()
    return Preview(
        bill,
        covered,
        "",
        level,
        known,
        option,
        figures,
        tuple(lines),
        settled,
        rules,
        sums,
        year,
        account,
        family,
        (*notices, *told),
        continues=continued.id if continued else None,
    )


class _Asked:
    """What is known of the person and the place before anything is calculated: one journey to the server for nearly everybody.

    It asks as if the person were alive and had one registration; for others what depends on that is asked again.
    """

    def __init__(self, bill: Bill, choice: Choice) -> None:
        me = frozenset({bill.resident_id})
        day = _day_if_alive(bill)
        self.person, place, self.covered, self._own, self._givers = statements.answers(
            residents.ask_lifespan(bill.resident_id), network.ask_institution(bill.institution_id),
            coverage.ask_coverages(bill.resident_id, me, day), ask_balances(me, ACCOUNT), ask_family_givers(me, day),
        )  # fmt: skip
        self.level = _LEVELS.get(place.level, "1")
        self.on, self.dead = _reference_day(bill, self.person)
        keys = residents.identities(bill.resident_id)
        if keys != me or self.on != day:
            self.covered, self._own, self._givers = statements.answers(
                coverage.ask_coverages(bill.resident_id, keys, self.on), ask_balances(keys, ACCOUNT), ask_family_givers(keys, self.on),
            )  # fmt: skip

    def accounts(self, choice: Choice) -> tuple[int, int]:
        """What the own account and those of the family hold, as the platform or our ledger says."""
        if choice.account is not None:
            return choice.account, choice.family or 0
        return sum(self._own.values()), sum(balances(self._givers, ACCOUNT).values())


def _waits(covered: coverage.CoverageData, rules: Rules, on: date) -> str:
    """Why there is no benefit yet for who paid late; empty for everybody else."""
    if covered.paid_on is None:
        return ""
    found = benefits.waiting(
        rules.plan, covered.person_type, covered.identities, covered.starts_on, covered.paid_on, covered.missed_years,
        covered.repaired_years,
    )  # fmt: skip
    if found is None or on >= found.until:
        return ""
    return _("待遇等待期内，按自费结算：%(told)s") % {"told": benefits.tell_waiting(found, _)}


def year_of(bill: Bill, on: date) -> int:
    """The benefit year a bill counts to."""
    if bill.is_stay and rules_on(on).stay_year == "admission":
        return bill.began_on.year
    return on.year


def sums_of(resident_id: UUID, scheme: str, year: int) -> dict[str, int]:
    """The sums of the person's year, over all keys of a linked identity."""
    keys = residents.identities(resident_id)
    values = {"keys": list(keys), "scheme": scheme, "year": year}
    rows = statements.objects(
        PersonYear, "where resident_id = any(%(keys)s) and scheme = %(scheme)s and year = %(year)s", values
    )
    return added_up(row.sums for row in rows)


def added_up(rows: Any) -> dict[str, int]:
    """Sums of several rows of one person."""
    whole: dict[str, int] = {}
    for row in rows:
        for name, amount in row.items():
            whole[name] = whole.get(name, 0) + amount
    return whole


def family_givers(resident_id: UUID, on: date) -> list[UUID]:
    """Whose personal accounts may pay for this person on a day."""
    return statements.answers(ask_family_givers(residents.identities(resident_id), on))[0]


_GIVERS = """
    select giver_id from settlement_familyshare
    where user_id = any(%(keys)s) and starts_on <= %(on)s and (ends_on is null or ends_on > %(on)s) order by starts_on, id
"""


def ask_family_givers(keys: Collection[UUID], on: date) -> statements.Asked[list[UUID]]:
    """The same as a question that travels with others, for the keys of a person's registrations."""
    sql, values = statements.of_keys(_GIVERS, keys)
    return statements.Asked(sql, values | {"on": on}, lambda rows: [giver for (giver,) in rows])


def _reference_day(bill: Bill, person: Any) -> tuple[date, bool]:
    """The day whose coverage and plan count, and whether the person has died since."""
    if person.status != "deceased" or person.closed_on is None:
        return _day_if_alive(bill), False
    on = bill.ended_on if bill.is_stay else bill.began_on
    if bill.began_on > person.closed_on or on > person.closed_on + timedelta(days=1):
        raise AfterDeath(on=person.closed_on)
    return min(on, person.closed_on), True


def _day_if_alive(bill: Bill) -> date:
    return min(bill.ended_on if bill.is_stay else bill.began_on, clock.today())


def _of_the_scheme(found: list[coverage.CoverageData], scheme: str) -> coverage.CoverageData | None:
    if len(found) > 1:
        chosen = [one for one in found if one.insurance == scheme]
        if not chosen:
            raise TwoCoverages(which="、".join(scheme_label(one.insurance) for one in found))
        return chosen[0]
    return found[0] if found else None


def scheme_label(scheme: str) -> str:
    """The scheme in words."""
    return {"390": _("城乡居民"), "310": _("城镇职工"), "": _("自费")}.get(scheme, scheme)


def _insured(bill: Bill, covered: coverage.CoverageData, person: Any, on: date, account: int, family: int) -> Insured:
    chosen = covered.institution_id
    here = chosen is not None and (chosen == bill.institution_id or network.is_above(chosen, bill.institution_id))
    return Insured(
        covered.identities, covered.is_retired, covered.is_civil_servant, residents.age_on(person.birth_date, on), account, family,
        covered.diseases("chronic"), covered.diseases("two_diseases"), here, covered.diseases("drug"),
    )  # fmt: skip


def _chosen(known: tuple[Option, ...], kind: str) -> Option:
    if not kind:
        return next(one for one in known if not one.refused)
    found = next((one for one in known if one.kind == kind), None)
    if found is None or found.refused:
        raise KindNotOpen(kind=found.title if found else kind, why=found.refused if found else _("方案没有这项待遇"))
    return found


def _own(
    bill: Bill,
    covered: coverage.CoverageData | None,
    why: str,
    level: str,
    known: tuple[Option, ...],
    on: date,
    notices: list[str],
) -> Preview:
    figures, lines = calculation.self_paid(bill.charges)
    option = next(one for one in known if one.kind == SELF)
    return Preview(
        bill,
        covered,
        why,
        level,
        known,
        option,
        figures,
        tuple(lines),
        None,
        None,
        NOTHING,
        on.year,
        0,
        0,
        tuple(notices),
    )


def _continued(bill: Bill, level: str, scheme: str, year: int) -> tuple[Settlement | None, list[str]]:
    """The stay that a referral continues: the last one of the year at the other level, left at most 72 hours before; and that in words."""
    if not bill.is_stay or not bill.referral:
        return None, []
    words = {"number": bill.referral_number, "way": _("上转") if bill.referral == "up" else _("下转")}
    rows = Settlement.objects.filter(
        resident_id__in=residents.identities(bill.resident_id), scheme=scheme, kind=INPATIENT, state="settled",
        reverses__isnull=True, year__year=year, settled_on__gte=bill.began_on - _SAME_EPISODE,
    ).order_by("-settled_on", "-id")  # fmt: skip
    earliest = (bill.began_on - _SAME_EPISODE).isoformat()
    row = next(
        (
            one
            for one in rows
            if one.level != level
            and (one.level < level) == (bill.referral == "up")
            and one.working.get("ended_on", "") >= earliest
        ),
        None,
    )
    if row is None:
        told = _(
            "有%(way)s转诊单 %(number)s，但没有找到入院前 72 小时内出院的上一段住院结算，起付线按普通住院计算。如上一段尚未结算，请先结算上一段。"
        )
        return None, [told % words]
    words["before"] = row.number
    told = _("凭%(way)s转诊单 %(number)s 接续上一段住院（%(before)s）计算起付线。")
    return row, [told % words]


def _episode(bill: Bill, before: Settlement) -> Episode:
    """What was paid and what was asked for in the stay before."""
    standard = next((value for name, value, _facts in before.working.get("steps", ()) if name == "standard"), 0)
    return Episode(bill.referral, before.deductible, standard)


def with_figures(preview: Preview, figures: Figures) -> Preview:
    """The same preview with other figures (those of the platform)."""
    return replace(preview, figures=figures)
