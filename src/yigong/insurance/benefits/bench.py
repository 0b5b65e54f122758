"""``./yigong bench settlement``: settlements calculated per second, and a year of a county settled again under a changed plan.

The year is made up: so many outpatient and inpatient settlements of people who come several times, with the sums of each person's year
carried from one to the next. ``--outpatient`` and ``--inpatient`` set the size, ``--cores`` how many processes share the people.
"""

# texts: data (words for whoever writes plans)

import argparse
import gc
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from random import Random

import msgspec

from yigong.insurance.benefits.data import INPATIENT, Case, Settlement, Split
from yigong.insurance.benefits.engine import settle
from yigong.insurance.benefits.plan import BenefitPlan
from yigong.insurance.benefits.reading import read_plan
from yigong.insurance.benefits.rules import Rules
from yigong.insurance.benefits.telling import tell
from yigong.insurance.benefits.year import settle_in_order

PLAN = Path(__file__).resolve().parents[4] / "packs" / "demo" / "benefits" / "resident-2026.toml"
PER_PERSON = 8  # settlements of one made-up person's year
Totals = tuple[int, int, int, int]


def made_up_case(rules: Rules, dice: Random, kind: str) -> Case:
    """A case the plan knows; amounts from a bandage to a transplant."""
    benefit = rules.outpatient.get(kind)
    levels = rules.levels if benefit is None or benefit.like_inpatient else benefit.levels
    known = [level for level in levels if level != "*"] or list(rules.levels)
    identities = [one.code for one in rules.plan.identities]
    scope = int(dice.lognormvariate(8.0 if benefit else 12.5, 1.2))
    own, over, first = (dice.choice((0, 0, dice.randrange(scope // 4 + 1))) for _ in range(3))
    return Case(
        kind,
        Split(own + over + first + scope, own, over, first, scope),
        dice.choice(known),
        place=dice.choice(("", "", "", *rules.places)) if benefit is None else "",
        identities=frozenset([dice.choice(identities)]) if identities and dice.random() < 0.1 else frozenset(),
        disease=dice.choice(list(benefit.diseases)) if benefit and benefit.diseases else "",
    )


def made_up_year(rules: Rules, seed: int, outpatient: int, inpatient: int) -> list[Case]:
    """One person's year, in the order of time."""
    dice = Random(seed)
    benefits = list(rules.outpatient)
    kinds = [dice.choice(benefits) for _ in range(outpatient)] + [INPATIENT] * inpatient
    dice.shuffle(kinds)
    return [made_up_case(rules, dice, kind) for kind in kinds]


def county(outpatient: int, inpatient: int) -> Iterator[tuple[int, int, int]]:
    """The people of a county with that many settlements: (seed, outpatient, inpatient) of each person's year."""
    people = max(1, outpatient // PER_PERSON)
    for person in range(people):
        visits = outpatient * (person + 1) // people - outpatient * person // people
        stays = inpatient * (person + 1) // people - inpatient * person // people
        yield person, visits, stays


def changed(plan: BenefitPlan) -> BenefitPlan:
    """What somebody might want to know before it is law: county stays 3 points better, and the deductible there 100 yuan higher."""
    replace, points = msgspec.structs.replace, Decimal("0.03")
    levels = tuple(
        replace(one, ratio=one.ratio and min(one.ratio + points, Decimal(1)), deductible=one.deductible + 100)
        for one in plan.inpatient.levels
    )
    return replace(plan, version=plan.version + "-what-if", inpatient=replace(plan.inpatient, levels=levels))


def settle_again(rules: Rules, years: Sequence[Sequence[Case]]) -> Totals:
    """Settlements, and the money of pool, all funds and people, under a plan."""
    count = pool = funds = person = 0
    for year in years:
        for one in settle_in_order(rules, year):
            count, pool, funds, person = count + 1, pool + one.pool, funds + one.funds, person + one.person
    return count, pool, funds, person


@dataclass
class Part:
    """One process's part of the county: totals as it is and under the changed plan, and the seconds that each step took (of the processor)."""

    now: list[int]
    then: list[int]
    made: float = 0.0
    settled: float = 0.0
    again: float = 0.0


def what_if(share: Sequence[tuple[int, int, int]]) -> Part:
    """Person by person, so that a year never has to be in memory: made up, settled as it is, settled again under the changed plan."""
    now = read_plan(PLAN)
    changed_plan, part = Rules(changed(now.plan)), Part([0] * 4, [0] * 4)
    for place in range(0, len(share), 500):
        clock = [time.process_time()]
        years = [made_up_year(now, *person) for person in share[place : place + 500]]
        clock.append(time.process_time())
        part.now = _sum([part.now, settle_again(now, years)])
        clock.append(time.process_time())
        part.then = _sum([part.then, settle_again(changed_plan, years)])
        clock.append(time.process_time())
        made, settled, again = (clock[step + 1] - clock[step] for step in range(3))
        part.made, part.settled, part.again = part.made + made, part.settled + settled, part.again + again
    return part


def rate_of(
    rules: Rules, cases: Sequence[Case], before: Mapping[str, int], rounds: int = 3
) -> tuple[float, list[Settlement]]:
    """Settlements per CPU second, the best of some rounds."""
    best, done = float("inf"), []
    for _ in range(rounds):
        begin = time.process_time()
        done = [settle(rules, case, before) for case in cases]
        best = min(best, time.process_time() - begin)
    return len(cases) / best, done


def measure_rates(number: int) -> None:
    """Inpatient and outpatient settlements per second on one core, with all figures and with all sentences."""
    rules, dice, write = read_plan(PLAN), Random(1), sys.stdout.write
    before = {"pool": 1_000_000, "burden": 1_500_000, "critical": 100_000, "paid:pooling": 10_000}
    stays = [made_up_case(rules, dice, INPATIENT) for _ in range(number)]
    visits = [made_up_case(rules, dice, "pooling") for _ in range(number)]
    gc.collect()
    gc.freeze()
    for name, cases in (("inpatient", stays), ("outpatient", visits)):
        rate, done = rate_of(rules, cases, before)
        write(f"{name:<12} {rate:>10,.0f} settlements/s with every figure ({number:,} cases)\n")
        begin = time.process_time()
        for one in done[: number // 10]:
            tell(rules, one)
        write(f"{'':<12} {number // 10 / (time.process_time() - begin):>10,.0f} /s put into words\n")
    gc.unfreeze()


def measure_year(outpatient: int, inpatient: int, cores: int) -> None:
    """The what-if on a year."""
    people, write = list(county(outpatient, inpatient)), sys.stdout.write
    begin = time.perf_counter()
    with ProcessPoolExecutor(cores) as processes:
        parts = list(processes.map(what_if, [people[place::cores] for place in range(cores)]))
    whole = time.perf_counter() - begin
    now, then = _sum([part.now for part in parts]), _sum([part.then for part in parts])
    made, settled, again = (max(getattr(part, name) for part in parts) for name in ("made", "settled", "again"))
    write(f"a year: {now[0]:,} settlements of {len(people):,} people on {cores} processes, all in {whole:.1f} s\n")
    write(
        f"  processor seconds of the slowest: made up {made:.1f}, settled as it is {settled:.1f}, under the changed plan {again:.1f}\n"
    )
    for name, column in (("pool", 1), ("all funds", 2), ("people", 3)):
        change = then[column] - now[column]
        write(f"  {name:<10} {now[column] / 100:>18,.2f} -> {then[column] / 100:>18,.2f} yuan ({change / 100:+,.2f})\n")


def _sum(totals: Sequence[Sequence[int]]) -> list[int]:
    return [sum(column) for column in zip(*totals, strict=True)]


def main(arguments: Sequence[str] = ()) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="bench settlement")
    parser.add_argument("--cases", type=int, default=100_000)
    parser.add_argument("--outpatient", type=int, default=1_160_000)
    parser.add_argument("--inpatient", type=int, default=42_000)
    parser.add_argument("--cores", type=int, default=2)
    given = parser.parse_args(list(arguments))
    measure_rates(given.cases)
    measure_year(given.outpatient, given.inpatient, given.cores)
    return 0
