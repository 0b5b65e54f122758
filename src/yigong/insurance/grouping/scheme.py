"""A scheme folder read, checked and parsed. Nothing here knows how a case is decided; see ``engine``."""

import csv
import io
import json
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from yigong.insurance.grouping.data import Status
from yigong.insurance.grouping.errors import Problem, SchemeInvalid
from yigong.insurance.grouping.rules import CC, MCC, Formula, RuleFault, Tags, Vocabulary

# the wording of a check in scheme.json → the reason code of a case that fails it
CHECKS = {
    "sex not in (1,2)": "sex",
    "age missing or not an integer": "age",
    "age == 0 and age_days missing": "age_days",
    "age == 0 and age_days <= 28 and weight missing": "birth_weight",
}
FORMAT = "drg-scheme/1"
_Shape = TypeVar("_Shape")


class _Check(msgspec.Struct):
    condition: str = msgspec.field(name="if")


class _HeadShape(msgspec.Struct):
    """``scheme.json``."""

    format: str
    id: str
    mdc_order: list[str]
    status: dict[str, str]
    name: str = ""
    valid_procedure_set: str = "VALID_PX"
    retry_with_each_other_procedure: bool = False
    icd_tables: str = "."
    checks: list[_Check] = []
    ungrouped_result: dict[str, str] = {}
    ambiguous_result: dict[str, str] = {}
    counts: dict[str, int] = {}


class _MdcShape(msgspec.Struct):
    """One row of ``mdc.json``."""

    mdc: str
    name: str
    rule: Any
    ambiguous_rule: Any
    adrg_before_ambiguous: list[str]
    adrg_after_ambiguous: list[str]


class _SplitShape(msgspec.Struct):
    drg: str
    when: Any


class _EntryShape(msgspec.Struct):
    """One row of ``adrg.json``."""

    entry: str
    adrg: str
    mdc: str
    name: str
    rule: Any
    drgs: list[_SplitShape]
    if_no_drg: str | None


@dataclass(frozen=True, slots=True)
class Split:
    """One DRG of an ADRG and the rule for it."""

    drg: str
    when: Formula


@dataclass(frozen=True, slots=True)
class Entry:
    """One way into an ADRG."""

    key: str
    adrg: str
    name: str
    rule: Formula
    splits: tuple[Split, ...]
    if_no_drg: str | None


@dataclass(frozen=True, slots=True)
class Mdc:
    """A major category: entries before and after its ambiguity rule."""

    code: str
    name: str
    rule: Formula
    ambiguous: Formula
    before: tuple[Entry, ...]
    after: tuple[Entry, ...]


@dataclass(frozen=True)
class Scheme:
    """A checked scheme. Complications and exclusions are ``code → (table, flag)`` and ``principal → table``."""

    folder: Path
    id: str
    name: str
    mdcs: tuple[Mdc, ...]
    vocabulary: Vocabulary
    complications: dict[str, tuple[int, int]]
    exclusions: dict[str, int]
    exclusion_names: tuple[str, ...]
    drg_names: dict[str, str]
    weights: dict[str, Decimal]
    checks: tuple[str, ...]
    status_texts: dict[Status, str]
    ungrouped: tuple[str, str, str]
    ambiguous_adrg: str
    retry_with_each_other_procedure: bool
    icd_folder: Path
    valid_procedure_set: str

    @property
    def warnings(self) -> tuple[str, ...]:
        """What is odd about the scheme but does not keep it from being used."""
        return tuple(f"编码集“{name}”没有编码，用到它的规则永不成立" for name in self.vocabulary.empty)

    @cached_property
    def diagnosis_names(self) -> dict[str, str]:
        """Names of diagnosis codes; empty when the folder brings none."""
        return _pairs(self.icd_folder / "icd10.csv", ("code", "name"))

    @cached_property
    def procedure_names(self) -> dict[str, str]:
        """Names of procedure codes; empty when the folder brings none."""
        return _pairs(self.icd_folder / "icd9cm3.csv", ("code", "name"))

    @cached_property
    def known_diagnoses(self) -> frozenset[str]:
        """Every diagnosis code that some table of the scheme mentions."""
        return (
            frozenset(self.diagnosis_names)
            | self._members("dx")
            | frozenset(self.complications)
            | frozenset(self.exclusions)
        )

    @cached_property
    def known_procedures(self) -> frozenset[str]:
        """Every procedure code that some table of the scheme mentions."""
        return frozenset(self.procedure_names) | self._members("px")

    def _members(self, side: str) -> frozenset[str]:
        kinds = {f"{side}_main", f"{side}_any", f"{side}_other"}
        asked = {atom.argument for atom in self.vocabulary.all_atoms() if atom.kind in kinds}
        asked |= {atom.argument[0] for atom in self.vocabulary.all_atoms() if atom.kind == f"{side}_tags"}
        return frozenset().union(*(self.vocabulary.sets[name] for name in asked))

    def conversion(self, side: str) -> dict[str, str]:
        """Clinical edition → insurance edition for ``icd10`` or ``icd9cm3``; raises ``SchemeInvalid`` when the scheme brings none."""
        path = self.icd_folder / f"{side}_map.csv"
        if not path.is_file():
            raise SchemeInvalid([Problem(path.name, 0, "方案没有编码转换表，不能转换临床版编码")])
        return _pairs(path, ("source", "target"))


def load_scheme(folder: Path | str) -> Scheme:
    """Read and check a scheme folder; raises ``SchemeInvalid`` with file and line of every fault."""
    return _Loader(Path(folder)).load()


@dataclass
class _Loader:
    folder: Path
    problems: list[Problem] = field(default_factory=list)
    _lines: dict[str, int] = field(default_factory=dict)
    _texts: dict[str, str] = field(default_factory=dict)

    def load(self) -> Scheme:
        head = self._head()
        mdc_rows = self._json_list("mdc.json", "mdc", _MdcShape)
        entry_rows = self._json_list("adrg.json", "entry", _EntryShape)
        vocabulary = self._vocabulary(head.valid_procedure_set, head.counts)
        complications, exclusions, tables = self._complications()
        drgs = {row[0]: row[1:] for _line, row in self._rows("drg.csv", "drg,adrg,mdc,name", unique=True)}
        entries = self._entries(entry_rows, vocabulary, drgs)
        mdcs = self._mdcs(mdc_rows, vocabulary, entries, head.mdc_order)
        scheme = Scheme(
            folder=self.folder,
            id=head.id,
            name=head.name,
            mdcs=mdcs,
            vocabulary=vocabulary,
            complications=complications,
            exclusions=exclusions,
            exclusion_names=tables,
            drg_names={drg: row[2] for drg, row in drgs.items()},
            weights=self._weights(drgs),
            checks=self._checks(head.checks),
            status_texts=self._status_texts(head.status),
            ungrouped=self._ungrouped(head.ungrouped_result),
            ambiguous_adrg=head.ambiguous_result.get("adrg", "QY"),
            retry_with_each_other_procedure=head.retry_with_each_other_procedure,
            icd_folder=self.folder / head.icd_tables,
            valid_procedure_set=vocabulary.valid_procedures,
        )
        self._check_counts(head.counts, scheme, len(entries))
        self._stop_on_problems()
        return scheme

    # scheme.json

    def _head(self) -> _HeadShape:
        head = self._shaped("scheme.json", 0, self._json("scheme.json"), _HeadShape)
        if head is not None and head.format != FORMAT:
            self._fault("scheme.json", self._line_of("scheme.json", "format"), f"“format”应为“{FORMAT}”")
        self._stop_on_problems()
        assert head is not None, "a head that is not in shape is a problem"
        return head

    def _checks(self, listed: list[_Check]) -> tuple[str, ...]:
        known = []
        for check in listed:
            wording = check.condition
            if wording in CHECKS:
                known.append(CHECKS[wording])
            else:
                self._fault("scheme.json", self._line_of("scheme.json", wording), f"不认识的信息校验“{wording}”")
        return tuple(known)

    def _status_texts(self, texts: dict[str, str]) -> dict[Status, str]:
        missing = [status.value for status in Status if status.value not in texts]
        if missing:
            self._fault("scheme.json", self._line_of("scheme.json", "status"), f"“status”缺少 {'、'.join(missing)}")
        return {status: texts.get(status.value, "") for status in Status}

    def _ungrouped(self, result: dict[str, str]) -> tuple[str, str, str]:
        return result.get("mdc", "0000"), result.get("adrg", "00"), result.get("drg", "0000")

    def _check_counts(self, counts: dict[str, int], scheme: Scheme, entries: int) -> None:
        flags = [flag for _table, flag in scheme.complications.values()]
        found = {
            "mdc": len(scheme.mdcs),
            "adrg_entries": entries,
            "drg": sum(drg[1:] != scheme.ambiguous_adrg for drg in scheme.drg_names),
            "code_set_rows": self._lines.get("code_sets.csv", 0),
            "valid_procedures": self._lines.get("valid_procedures.csv", 0),
            "cc": flags.count(CC),
            "mcc": flags.count(MCC),
            "exclusion_principals": len(scheme.exclusions),
        }
        for key, number in found.items():
            if key in counts and counts[key] != number:
                line = self._line_of("scheme.json", key)
                self._fault("scheme.json", line, f"“{key}”声明 {counts[key]} 条，表中实有 {number} 条")

    # rules

    def _entries(
        self, listed: list[tuple[int, _EntryShape]], vocabulary: Vocabulary, drgs: dict[str, list[str]]
    ) -> dict[str, tuple[str, Entry]]:
        entries: dict[str, tuple[str, Entry]] = {}
        for line, row in listed:
            if row.entry in entries:
                self._fault("adrg.json", line, f"入口“{row.entry}”重复")
            splits = tuple(self._split(line, split, row, vocabulary, drgs) for split in row.drgs)
            rule = self._rule("adrg.json", line, row.rule, vocabulary)
            entry = Entry(row.entry, row.adrg, row.name, rule, splits, row.if_no_drg)
            entries[entry.key] = row.mdc, entry
        return entries

    def _split(
        self, line: int, split: _SplitShape, row: _EntryShape, vocabulary: Vocabulary, drgs: dict[str, list[str]]
    ) -> Split:
        drg = split.drg
        if drg not in drgs:
            self._fault("adrg.json", line, f"“{drg}”不在 drg.csv 中")
        elif drgs[drg][:2] != [row.adrg, row.mdc]:
            self._fault(
                "adrg.json",
                line,
                f"“{drg}”在 drg.csv 中属于 {drgs[drg][0]}/{drgs[drg][1]}，此处为 {row.adrg}/{row.mdc}",
            )
        return Split(drg, self._rule("adrg.json", line, split.when, vocabulary))

    def _mdcs(
        self, listed: list[tuple[int, _MdcShape]], vocabulary: Vocabulary, entries: dict, order: list[str]
    ) -> tuple[Mdc, ...]:
        found: dict[str, Mdc] = {}
        used: set[str] = set()
        for line, row in listed:
            lists = (row.adrg_before_ambiguous, row.adrg_after_ambiguous)
            parts = [self._members(line, row, part, entries) for part in lists]
            used.update(entry.key for part in parts for entry in part)
            rule = self._rule("mdc.json", line, row.rule, vocabulary)
            unclear = row.ambiguous_rule
            ambiguous = False if unclear is None else self._rule("mdc.json", line, unclear, vocabulary)
            found[row.mdc] = Mdc(row.mdc, row.name, rule, ambiguous, *parts)
        for key in entries.keys() - used:
            self._fault("adrg.json", self._line_of("adrg.json", key), f"入口“{key}”没有列入任何 MDC")
        if sorted(order) != sorted(found):
            self._fault(
                "scheme.json", self._line_of("scheme.json", "mdc_order"), "“mdc_order”与 mdc.json 中的 MDC 不一致"
            )
            return tuple(found.values())
        return tuple(found[code] for code in order)

    def _members(
        self, line: int, row: _MdcShape, part: list[str], entries: dict[str, tuple[str, Entry]]
    ) -> tuple[Entry, ...]:
        members = []
        for key in part:
            mdc, entry = entries.get(key, ("", None))
            if entry is None:
                self._fault("mdc.json", line, f"入口“{key}”不在 adrg.json 中")
            elif mdc != row.mdc:
                self._fault("mdc.json", line, f"入口“{key}”在 adrg.json 中属于 {mdc}")
            else:
                members.append(entry)
        return tuple(members)

    def _rule(self, file: str, line: int, rule: object, vocabulary: Vocabulary) -> Formula:
        try:
            return vocabulary.parse(rule)
        except RuleFault as fault:
            self._fault(file, line, str(fault))
            return False

    # code tables

    def _vocabulary(self, valid: str, counts: dict[str, int]) -> Vocabulary:
        sets: dict[str, set[str]] = defaultdict(set)
        tags: dict[str, dict[str, tuple[str, ...]]] = defaultdict(dict)
        for _line, (name, code, tag) in self._rows("code_sets.csv", "set,code,tag"):
            sets[name].add(code)
            if tag:
                tags[name][code] = (*tags[name].get(code, ()), tag)
        whole = (counts.get("code_sets"), counts.get("code_set_rows")) == (
            len(sets),
            self._lines.get("code_sets.csv", 0),
        )
        for _line, (code, _name) in self._rows("valid_procedures.csv", "code,name"):
            sets[valid].add(code)
        frozen = {name: frozenset(codes) for name, codes in sets.items()}
        tables: dict[str, Tags] = dict(tags)
        return Vocabulary(frozen, tables, valid, may_be_empty=whole)

    def _complications(self) -> tuple[dict[str, tuple[int, int]], dict[str, int], tuple[str, ...]]:
        numbers: dict[str, int] = {}
        complications: dict[str, tuple[int, int]] = {}
        for file, flag in (("mcc.csv", MCC), ("cc.csv", CC)):
            for line, (code, table) in self._rows(file, "code,exclusion_table", unique=True):
                if code in complications:
                    self._fault(file, line, f"“{code}”同时在 mcc.csv 中")
                complications[code] = numbers.setdefault(table, len(numbers)), flag
        rows = self._rows("exclusions.csv", "principal_code,exclusion_table", unique=True)
        exclusions = {code: numbers.setdefault(table, len(numbers)) for _line, (code, table) in rows}
        return complications, exclusions, tuple(numbers)

    def _weights(self, drgs: dict[str, list[str]]) -> dict[str, Decimal]:
        weights: dict[str, Decimal] = {}
        if not (self.folder / "weights.csv").is_file():
            return weights
        for line, (drg, text) in self._rows("weights.csv", "drg,weight", unique=True):
            try:
                weights[drg] = Decimal(text)
            except InvalidOperation:
                self._fault("weights.csv", line, f"权重“{text}”不是数")
                continue
            if drg not in drgs:
                self._fault("weights.csv", line, f"“{drg}”不在 drg.csv 中")
            if not weights[drg].is_finite() or weights[drg] <= 0:
                self._fault("weights.csv", line, f"权重“{text}”应大于 0")
        return weights

    # files

    def _rows(self, file: str, header: str, *, unique: bool = False) -> Iterator[tuple[int, list[str]]]:
        text = self._text(file)
        if text is None:
            return
        reader = csv.reader(io.StringIO(text, newline=""))
        if next(reader, None) != header.split(","):
            self._fault(file, 1, f"表头应为“{header}”")
            return
        width, seen = header.count(",") + 1, set()
        for row in reader:
            if len(row) != width or not row[0]:
                self._fault(file, reader.line_num, f"应有 {width} 列且首列不空，实为“{','.join(row)[:60]}”")
            elif unique and row[0] in seen:
                self._fault(file, reader.line_num, f"“{row[0]}”重复")
            else:
                seen.add(row[0])
                self._lines[file] = self._lines.get(file, 0) + 1
                yield reader.line_num, row

    def _json_list(self, file: str, key: str, shape: type[_Shape]) -> list[tuple[int, _Shape]]:
        """The objects of a JSON list, each with the line it begins on."""
        listed = self._json(file)
        if not isinstance(listed, list):
            if listed is not None or not self.problems:
                self._fault(file, 1, "应是列表")
            return []
        shaped = []
        for place, row in enumerate(listed, 1):
            line = self._line_of(file, str(row.get(key, "")), key) if isinstance(row, dict) else 0
            found = self._shaped(file, line, row, shape, f"第 {place} 项：")
            if found is not None:
                shaped.append((line, found))
        return shaped

    def _shaped(self, file: str, line: int, value: object, shape: type[_Shape], place: str = "") -> _Shape | None:
        if value is None and self.problems:
            return None
        try:
            return msgspec.convert(value, shape)
        except msgspec.ValidationError as fault:
            self._fault(file, line, f"{place}内容不符合格式：{fault}")
            return None

    def _json(self, file: str) -> Any:
        text = self._text(file)
        if text is None:
            return None
        try:
            return json.loads(text)
        except json.JSONDecodeError as error:
            self._fault(file, error.lineno, f"不是完整的 JSON:{error.msg}")
            return None

    def _text(self, file: str) -> str | None:
        try:
            return (self.folder / file).read_text(encoding="utf-8-sig")
        except FileNotFoundError:
            self._fault(file, 0, "方案文件夹缺少这个文件")
        except UnicodeDecodeError:
            self._fault(file, 0, "不是 UTF-8 编码，请另存为 UTF-8 后再导入")
        return None

    def _line_of(self, file: str, word: str, key: str = "") -> int:
        if file not in self._texts:
            self._texts[file] = self._text(file) or ""
        text = self._texts[file]
        pattern = rf'"{re.escape(key)}"\s*:\s*"{re.escape(word)}"' if key else re.escape(f'"{word}"')
        found = re.search(pattern, text)
        return text.count("\n", 0, found.start()) + 1 if found else 0

    def _fault(self, file: str, line: int, sentence: str) -> None:
        self.problems.append(Problem(file, line, sentence))

    def _stop_on_problems(self) -> None:
        if self.problems:
            raise SchemeInvalid(self.problems)


def _pairs(path: Path, header: tuple[str, str]) -> dict[str, str]:
    if not path.is_file():
        return {}
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = csv.reader(file)
        if tuple(next(rows, ())) != header:
            raise SchemeInvalid([Problem(path.name, 1, f"表头应为“{','.join(header)}”")])
        return {row[0]: row[1] for row in rows if len(row) == 2}
