"""The rules of a scheme compiled for speed.

Most of a decision hangs on the first diagnosis and the first procedure. Codes that stand in the same code sets are one class; for each
pair of classes the whole rule book is substituted with what the pair already answers, and what is left (usually sex, age, MCC/CC) becomes
a short tree. Rows, cells and branches are made when a case first needs them, so a scheme is ready at once and memory follows use.
Growing is idempotent, therefore an engine may be shared between threads.
"""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol, TypeAlias

from yigong.insurance.grouping.data import Case, Grouped
from yigong.insurance.grouping.rules import CC, MCC, And, Atom, Codes, Formula, atoms, conjunction, substitute
from yigong.insurance.grouping.scheme import Entry, Mdc, Scheme, Split


@dataclass(eq=False, slots=True)
class Leaf:
    """Where a case ends: the answers by CC/MCC state and the rules that lead here; ``failed`` when no group fits."""

    by_state: tuple[Grouped, ...]
    mdc: Mdc | None = None
    entry: Entry | None = None
    split: Split | None = None
    failed: bool = False


Program: TypeAlias = tuple[tuple[Formula, Leaf], ...]
Known: TypeAlias = Callable[[Atom], Formula]
# categories (with the leaf for cases that get no further), their ADRG entries, their DRGs
Splits: TypeAlias = list[tuple[Formula, Leaf]]
Entries: TypeAlias = list[tuple[Formula, Splits]]
Book: TypeAlias = list[tuple[Leaf, Formula, Entries]]


class Answers(Protocol):
    """Who words the answers: for a group, and for a case that entered this category, or none, without finding a group."""

    def found(self, drg: str) -> tuple[Grouped, ...]: ...
    def failed(self, mdc: Mdc | None) -> tuple[Grouped, ...]: ...


@dataclass(eq=False, slots=True)
class Branch:
    """One question, and what to do after either answer. Half of all questions ask for MCC or CC: these are a mask, without a call."""

    test: Callable[[Case, Codes, Codes, int], object]
    atom: Atom
    program: Program
    mask: int = 0
    yes: "Branch | Leaf | None" = None
    no: "Branch | Leaf | None" = None

    def grow(self, answer: bool) -> "Branch | Leaf":
        """The node after the answer."""
        atom, rest = self.atom, []
        for condition, leaf in self.program:
            reduced = substitute(condition, lambda asked: answer if asked is atom else asked)
            if reduced is not False:
                rest.append((reduced, leaf))
            if reduced is True:
                break
        node = plant(tuple(rest))
        if answer:
            self.yes = node
        else:
            self.no = node
        return node


def plant(program: Program) -> Branch | Leaf:
    """The node that decides a program: the first condition that holds gives the leaf."""
    condition, leaf = program[0]
    if condition is True:
        return leaf
    atom = next(atoms(condition))
    return Branch(atom.test, atom, program, _MASKS.get(atom.kind, 0))


_MASKS = {"mcc": MCC, "cc": CC}
Cells: TypeAlias = list["Branch | Leaf | None"]


@dataclass(eq=False, slots=True)
class Row:
    """All cases whose principal diagnosis stands in the same code sets; ``cells`` by procedure class."""

    sets: frozenset[str]
    cells: Cells
    book: Book | None = None
    asked: frozenset[str] = frozenset()
    needed: list[list[str | None]] = field(default_factory=list)
    shared: dict[frozenset[str] | None, Branch | Leaf] = field(default_factory=dict)


class Engine:
    """Decides cases of one scheme. ``rows`` (by principal diagnosis) and ``classes`` (by procedure) are open to the batch loop."""

    def __init__(self, scheme: Scheme, answers: Answers) -> None:
        self._atom = scheme.vocabulary.atom
        self._book = _whole_book(scheme, answers)
        self._no_mdc = Leaf(answers.failed(None), failed=True)
        known, sets = scheme.vocabulary.all_atoms(), scheme.vocabulary.sets
        # procedure class 0: no procedure at all, 1: a procedure that no set mentions
        self._memberships: list[frozenset[str] | None] = [None, frozenset()]
        numbers: dict[frozenset[str], int] = {frozenset(): 1}
        self.classes: dict[str, int] = {}
        for code, names in _memberships(sets, known, ("px_main", "px_any")).items():
            if names not in numbers:
                numbers[names] = len(self._memberships)
                self._memberships.append(names)
            self.classes[code] = numbers[names]
        self.other = self._make_row(frozenset())
        rows: dict[frozenset[str], Row] = {}
        self.rows: dict[str, Row] = {}
        for code, names in _memberships(sets, known, ("dx_main", "dx_any")).items():
            self.rows[code] = rows.get(names) or rows.setdefault(names, self._make_row(names))

    def _make_row(self, names: frozenset[str]) -> Row:
        return Row(names, [None] * len(self._memberships))

    def find(self, case: Case, dx: Codes, px: Codes, state: int) -> Leaf:
        """The leaf of a case; ``dx`` is not empty, ``state`` its complication flags after exclusions."""
        row = self.rows.get(dx[0], self.other)
        number = self.classes.get(px[0], 1) if px else 0
        node = row.cells[number] or self.open(row, number)
        while isinstance(node, Branch):
            node = (node.yes or node.grow(True)) if node.test(case, dx, px, state) else (node.no or node.grow(False))
        return node

    def categories(self, row: Row) -> list[Mdc]:
        """The MDCs that the principal diagnosis of a row does not already shut out, in order."""
        return [nothing.mdc for nothing, _rule, _entries in self._opened(row) if nothing.mdc]

    def _opened(self, row: Row) -> Book:
        if row.book is None:
            row.book = _reduce(self._book, self._known_by_diagnosis(row.sets))
            row.needed = [[_needed(rule) for rule, _splits in entries] for _nothing, _rule, entries in row.book]
            row.asked = frozenset(atom.argument for atom in _asked(row.book) if atom.kind in ("px_main", "px_any"))
        return row.book

    def open(self, row: Row, number: int) -> Branch | Leaf:
        """The tree of a cell that no case has reached before."""
        self._opened(row)
        membership = self._memberships[number]
        key = None if membership is None else membership & row.asked
        node = row.shared.get(key)
        if node is None:
            node = row.shared[key] = plant(
                _flatten(_reduce(_in_reach(row, key), self._known_by_procedure(key)), self._no_mdc)
            )
        row.cells[number] = node
        return node

    def _known_by_diagnosis(self, sets: frozenset[str]) -> Known:
        def known(atom: Atom) -> Formula:
            if atom.kind == "dx_main":
                return atom.argument in sets
            if atom.kind == "dx_any":
                return True if atom.argument in sets else self._atom("dx_other", atom.argument)
            return atom

        return known

    def _known_by_procedure(self, sets: frozenset[str] | None) -> Known:
        def known(atom: Atom) -> Formula:
            if sets is None:
                return False if atom.kind.startswith("px_") else atom
            if atom.kind == "px_main":
                return atom.argument in sets
            if atom.kind == "px_any":
                return True if atom.argument in sets else self._atom("px_other", atom.argument)
            return atom

        return known


def _memberships(
    sets: dict[str, frozenset[str]], known: list[Atom], kinds: tuple[str, ...]
) -> dict[str, frozenset[str]]:
    """Each code with the sets it stands in, of those that atoms of these kinds ask about; equal sets are one object."""
    found: dict[str, list[str]] = defaultdict(list)
    for name in dict.fromkeys(atom.argument for atom in known if atom.kind in kinds):
        for code in sets[name]:
            found[code].append(name)
    shared: dict[tuple[str, ...], frozenset[str]] = {}
    return {code: shared.setdefault(tuple(names), frozenset(names)) for code, names in found.items()}


def _whole_book(scheme: Scheme, answers: Answers) -> Book:
    return [
        (Leaf(answers.failed(mdc), mdc, failed=True), mdc.rule, _entries(mdc, answers, scheme.ambiguous_adrg))
        for mdc in scheme.mdcs
    ]


def _entries(mdc: Mdc, answers: Answers, ambiguous_adrg: str) -> Entries:
    listed = [(entry.rule, _splits(mdc, entry, answers)) for entry in mdc.before]
    if mdc.ambiguous is not False:
        leaf = Leaf(answers.found(mdc.code.removeprefix("MDC") + ambiguous_adrg), mdc)
        listed.append((mdc.ambiguous, [(True, leaf)]))
    return listed + [(entry.rule, _splits(mdc, entry, answers)) for entry in mdc.after]


def _splits(mdc: Mdc, entry: Entry, answers: Answers) -> Splits:
    listed: Splits = [(split.when, Leaf(answers.found(split.drg), mdc, entry, split)) for split in entry.splits]
    if entry.if_no_drg is not None:
        listed.append((True, Leaf(answers.found(entry.if_no_drg), mdc, entry)))
    return listed


def _reduce(book: Book, known: Known) -> Book:
    reduced: Book = []
    for nothing, rule, entries in book:
        mdc_rule = substitute(rule, known)
        if mdc_rule is not False:
            reduced.append((nothing, mdc_rule, _reduce_entries(entries, known)))
    return reduced


def _reduce_entries(entries: Entries, known: Known) -> Entries:
    reduced: Entries = []
    for rule, splits in entries:
        entry_rule = substitute(rule, known)
        if entry_rule is False:
            continue
        kept: Splits = []
        for when, leaf in splits:
            split_rule = substitute(when, known)
            if split_rule is not False:
                kept.append((split_rule, leaf))
        if kept:
            reduced.append((entry_rule, kept))
    return reduced


def _needed(rule: Formula) -> str | None:
    """The code set without whose main procedure the rule cannot hold."""
    parts = rule.parts if isinstance(rule, And) else (rule,)
    return next((part.argument for part in parts if isinstance(part, Atom) and part.kind == "px_main"), None)


def _in_reach(row: Row, key: frozenset[str] | None) -> Book:
    """The row's book without the entries that these procedures cannot open; most surgical entries go at once."""
    names = key or frozenset()
    return [
        (nothing, rule, [entry for entry, need in zip(entries, needs, strict=True) if need is None or need in names])
        for (nothing, rule, entries), needs in zip(row.book or [], row.needed, strict=True)
    ]


def _flatten(book: Book, no_mdc: Leaf) -> Program:
    program: list[tuple[Formula, Leaf]] = []
    for _nothing, mdc_rule, entries in book:
        for entry_rule, splits in entries:
            for when, leaf in splits:
                condition = conjunction((mdc_rule, entry_rule, when))
                program.append((condition, leaf))
                if condition is True:
                    return tuple(program)
    # Of several categories entered in vain the last is the most telling: the first is usually that of the procedures alone.
    return (*program, *((rule, nothing) for nothing, rule, _entries in reversed(book)), (True, no_mdc))


def _asked(book: Book) -> set[Atom]:
    found: set[Atom] = set()
    for _nothing, mdc_rule, entries in book:
        found.update(atoms(mdc_rule))
        for entry_rule, splits in entries:
            found.update(atoms(entry_rule), *(atoms(when) for when, _leaf in splits))
    return found
