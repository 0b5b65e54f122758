"""``./yigong bench drg``: records per CPU second on one core, beside a plain restatement of the rules.

The yardsticks read the tables a second time and walk the JSON rules for every record; they share no code with the engine. One rebuilds
the list of codes for each question, as grouping programs written out by hand do; the other keeps sets.
"""

import argparse
import csv
import gc
import json
import operator
import random
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from yigong.insurance.grouping.data import Case
from yigong.insurance.grouping.grouper import Grouper
from yigong.insurance.grouping.scheme import Scheme, load_scheme

_OWN = Path(__file__).parent / "tests" / "scheme"
_SHARED = next(
    (path / "shared" / "data" for path in Path(__file__).parents if (path / "shared" / "data").is_dir()), _OWN
)
_COMPARE = {"lt": operator.lt, "le": operator.le, "gt": operator.gt, "ge": operator.ge, "eq": operator.eq}
_FIELDS = {"weight": "birth_weight"}


class Plain:
    """An interpreter of the tables without any preparation; ``rebuild`` makes a collection from a list of codes at each question."""

    def __init__(self, folder: Path, collect: Callable[[list[str]], Any], rebuild: Callable[[Any], Any]) -> None:
        self.head, self.mdcs, adrgs = (
            json.loads((folder / f"{name}.json").read_text(encoding="utf-8")) for name in ("scheme", "mdc", "adrg")
        )
        self.entries = {row["entry"]: row for row in adrgs}
        self.rebuild = rebuild
        sets: dict[str, list[str]] = {}
        self.tags: dict[str, list[tuple[str, str]]] = {}
        for row in _table(folder, "code_sets"):
            sets.setdefault(row["set"], []).append(row["code"])
            self.tags.setdefault(row["set"], []).append((row["code"], row["tag"]))
        sets[self.head["valid_procedure_set"]] = [row["code"] for row in _table(folder, "valid_procedures")]
        self.sets = {name: collect(codes) for name, codes in sets.items()}
        self.levels = {
            name: {row["code"]: row["exclusion_table"] for row in _table(folder, name)} for name in ("mcc", "cc")
        }
        self.exclusions = {row["principal_code"]: row["exclusion_table"] for row in _table(folder, "exclusions")}

    def group(self, case: Case) -> str:
        """The DRG code of a case."""
        newborn = case.age == 0 and (case.age_days is None or (case.age_days <= 28 and case.birth_weight is None))
        if case.sex not in (1, 2) or case.age is None or newborn:
            return "0000"
        found = self._walk(case)
        if found is None and self.head["retry_with_each_other_procedure"]:
            again = (self._walk(replace(case, procedures=(code,))) for code in case.procedures[1:])
            found = next((drg for drg in again if drg), None)
        return found or "0000"

    def _walk(self, case: Case) -> str | None:
        mdcs = {row["mdc"]: row for row in self.mdcs}
        for code in self.head["mdc_order"]:
            mdc = mdcs[code]
            if not self.holds(mdc["rule"], case):
                continue
            found = self._entries(mdc["adrg_before_ambiguous"], case)
            if found is None and mdc["ambiguous_rule"] and self.holds(mdc["ambiguous_rule"], case):
                found = code[3:] + "QY"
            found = found or self._entries(mdc["adrg_after_ambiguous"], case)
            if found is not None:
                return found
        return None

    def _entries(self, keys: list[str], case: Case) -> str | None:
        for key in keys:
            entry = self.entries[key]
            if self.holds(entry["rule"], case):
                for split in entry["drgs"]:
                    if self.holds(split["when"], case):
                        return split["drg"]
                if entry["if_no_drg"]:
                    return entry["if_no_drg"]
        return None

    def holds(self, rule: dict, case: Case) -> bool:
        """Whether one JSON rule is true."""
        ((key, value),) = rule.items()
        if key in ("all", "any"):
            return (all if key == "all" else any)(self.holds(part, case) for part in value)
        if key == "not":
            return not self.holds(value, case)
        if key in ("always", "sex"):
            return True if key == "always" else case.sex == value
        if key in self.levels:
            return self._complicated(self.levels[key], case)
        if key in ("dept", "leaving"):
            return getattr(case, key) in value
        if key.endswith("_tags"):
            return self._tagged(key, value, case)
        if key[:3] in ("dx_", "px_"):
            return self._within(key, value, case)
        number = getattr(case, _FIELDS.get(key, key))
        missing = number is None or (key == "weight" and number == 0)
        return not missing and all(_COMPARE[sign](number, limit) for sign, limit in value.items())

    def _within(self, key: str, name: Any, case: Case) -> bool:
        codes = case.diagnoses if key[:2] == "dx" else case.procedures
        asked = {"main": codes[:1], "any": codes, "other": codes[1:]}[key[3:]]
        members = self.rebuild(self.sets.get(name, ()) if isinstance(name, str) else name)
        return any(code in members for code in asked)

    def _tagged(self, key: str, value: dict, case: Case) -> bool:
        codes = case.diagnoses if key[:2] == "dx" else case.procedures
        tags = {tag for code, tag in self.tags[value["set"]] if code in codes and tag}
        return (
            len(tags) >= value["min_distinct"]
            if key == "dx_tags"
            else any(set(group) <= tags for group in value["any_of"])
        )

    def _complicated(self, level: dict[str, str], case: Case) -> bool:
        table = self.exclusions.get(case.diagnoses[0])
        return any(code in level and (table is None or level[code] != table) for code in case.diagnoses[1:])


def _table(folder: Path, name: str) -> list[dict[str, str]]:
    with (folder / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def random_cases(scheme: Scheme, number: int, seed: int = 1) -> list[Case]:
    """Made-up cases over the scheme's own codes: a principal diagnosis that some rule knows, 0 to 8 others, 0 to 4 procedures."""
    dice = random.Random(seed)
    sides = ("dx_main", "px_main")
    main, procedures = (
        [sorted(scheme.vocabulary.sets[atom.argument]) for atom in scheme.vocabulary.all_atoms() if atom.kind == side]
        for side in sides
    )
    main, procedures = [codes for codes in main if codes], [codes for codes in procedures if codes]
    others = sorted(scheme.complications) + sorted(scheme.known_diagnoses)
    return [_random_case(dice, main, procedures, others, place) for place in range(number)]


def _random_case(
    dice: random.Random, main: list[list[str]], procedures: list[list[str]], others: list[str], place: int
) -> Case:
    age = dice.choice((0, 1, 9, 16, 17, 30, 45, 60, 70, 80))
    return Case(
        sex=dice.choice((1, 2)),
        age=age,
        age_days=dice.randrange(60) if age == 0 else None,
        birth_weight=dice.choice((0, 999, 1499, 1500, 2000, 2499, 2500, 3300)) if age == 0 else None,
        diagnoses=(
            dice.choice(dice.choice(main)),
            *(dice.choice(others) for _ in range(dice.choice((0, 0, 1, 2, 3, 4, 6, 8)))),
        ),
        procedures=tuple(dice.choice(dice.choice(procedures)) for _ in range(dice.choice((0, 0, 1, 1, 2, 3, 4)))),
        dept=dice.choice(("ICU", "0301", "0403")),
        los=dice.randrange(1, 40),
        leaving=dice.choice("1234"),
        index=str(place),
    )


def _rate(work: Callable[[Case], object], cases: Sequence[Case], rounds: int = 3) -> float:
    best = float("inf")
    for _ in range(rounds):
        start = time.process_time()
        for case in cases:
            work(case)
        best = min(best, time.process_time() - start)
    return len(cases) / max(best, 1e-9)


def _batch_rate(grouper: Grouper, cases: Sequence[Case], rounds: int) -> float:
    best = float("inf")
    for _ in range(rounds):
        start = time.process_time()
        for _grouped in grouper.group_many(cases):
            pass
        best = min(best, time.process_time() - start)
    return len(cases) / max(best, 1e-9)


def measure(folder: Path, number: int) -> bool:
    """Measure one scheme and print its figures; False when a yardstick disagrees."""
    write = sys.stdout.write
    start = time.process_time()
    scheme = load_scheme(folder)
    grouper = Grouper(scheme)
    loading = time.process_time() - start
    cases = random_cases(scheme, number)
    gc.collect()
    gc.freeze()  # The tables live as long as the process: the collector need not walk them again and again.
    cold = _batch_rate(grouper, cases, 1)
    batch = _batch_rate(grouper, cases, 3)
    single = _rate(grouper.group, cases[: number // 4])
    grouper.explain(cases[0])
    explained = _rate(grouper.explain, cases[: number // 10])
    write(f"{scheme.id}: {number} random records, loaded in {loading:.2f} s CPU\n")
    write(f"  batch                     {batch:>10,.0f} records/s   (first pass, trees still growing: {cold:,.0f})\n")
    write(
        f"  one by one                {single:>10,.0f} records/s\n  with explanation          {explained:>10,.0f} records/s\n"
    )
    gc.unfreeze()
    return all(tuple(_yardstick(grouper, folder, cases, batch, *way) for way in _WAYS))


_WAYS: tuple[tuple[str, Callable, Callable, int], ...] = (
    ("plain, lists rebuilt", list, list, 300),
    ("plain, sets kept", frozenset, lambda codes: codes, 2000),
)


def _yardstick(
    grouper: Grouper,
    folder: Path,
    cases: list[Case],
    batch: float,
    name: str,
    collect: Callable,
    rebuild: Callable,
    size: int,
) -> bool:
    plain, some = Plain(folder, collect, rebuild), cases[:size]
    agreed = sum(plain.group(case) == grouper.group(case).drg for case in some)
    rate = _rate(plain.group, some, 1)
    sys.stdout.write(
        f"  {name:<25} {rate:>10,.0f} records/s   batch is {batch / rate:,.0f} times; {agreed} of {len(some)} agree\n"
    )
    return agreed == len(some)


def main(arguments: Sequence[str] = ()) -> int:
    """Measure the schemes given, or those in the shared data folder, or the small one of the tests."""
    parser = argparse.ArgumentParser(prog="bench drg")
    parser.add_argument("--scheme", type=Path, action="append", default=[])
    parser.add_argument("--records", type=int, default=100_000)
    given = parser.parse_args(list(arguments))
    folders = given.scheme or sorted(path.parent for path in _SHARED.glob("*/scheme.json")) or [_OWN]
    return 0 if all(tuple(measure(folder, given.records) for folder in folders)) else 1


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
