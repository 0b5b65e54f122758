"""The rules of a scheme compiled for speed.

Most of a decision hangs on the first diagnosis and the first procedure. Codes that stand in the same code sets are one class; for each
pair of classes the whole rule book is substituted with what the pair already answers, and what is left (usually sex, age, MCC/CC) becomes
a short tree. Rows, cells and branches are made when a case first needs them, so a scheme is ready at once and memory follows use.
Growing is idempotent, therefore an engine may be shared between threads.
"""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeAlias

from yigong.insurance.grouping.data import Case, Grouped
from yigong.insurance.grouping.rules import Atom, Codes, Formula, atoms, conjunction, substitute
from yigong.insurance.grouping.scheme import Entry, Mdc, Scheme, Split


@dataclass(eq=False, slots=True)
class Leaf:
    """Where a case ends: the answers by CC/MCC state, and the rules that lead here. ``mdc`` is ``None`` when nothing fits."""

    mdc: Mdc | None = None
    entry: Entry | None = None
    split: Split | None = None
    by_state: tuple[Grouped, ...] = ()


Program: TypeAlias = tuple[tuple[Formula, Leaf], ...]
Known: TypeAlias = Callable[[Atom], Formula]
# (mdc, rule, [(rule, [(rule, leaf)])]): categories, their ADRG entries, their DRGs
Splits: TypeAlias = list[tuple[Formula, Leaf]]
Entries: TypeAlias = list[tuple[Formula, Splits]]
Book: TypeAlias = list[tuple[Mdc, Formula, Entries]]

UNGROUPED = Leaf()


@dataclass(eq=False, slots=True)
class Branch:
    """One question, and what to do after either answer."""

    test: Callable[[Case, Codes, Codes, int], object]
    atom: Atom
    program: Program
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
    return Branch(atom.test, atom, program)


@dataclass(eq=False, slots=True)
class Row:
    """All cases whose principal diagnosis stands in the same code sets."""

    sets: frozenset[str]
    cells: list[Branch | Leaf | None]
    book: Book | None = None
    asked: frozenset[str] = frozenset()
    shared: dict[frozenset[str] | None, Branch | Leaf] = field(default_factory=dict)


class Engine:
    """Decides cases of one scheme; ``answer`` makes the answers of a leaf."""

    def __init__(self, scheme: Scheme, answer: Callable[[str], tuple[Grouped, ...]]) -> None:
        self._atom = scheme.vocabulary.atom
        self._book = _whole_book(scheme, answer)
        known = scheme.vocabulary.all_atoms()
        sets = scheme.vocabulary.sets
        # procedure class 0: no procedure at all, 1: a procedure that no set mentions
        self._memberships: list[frozenset[str] | None] = [None, frozenset()]
        numbers: dict[frozenset[str], int] = {frozenset(): 1}
        self._classes: dict[str, int] = {}
        for code, names in _memberships(sets, known, ("px_main", "px_any")).items():
            if names not in numbers:
                numbers[names] = len(self._memberships)
                self._memberships.append(names)
            self._classes[code] = numbers[names]
        rows: dict[frozenset[str], Row] = {}
        self._other = self._make_row(frozenset())
        self._rows: dict[str, Row] = {}
        for code, names in _memberships(sets, known, ("dx_main", "dx_any")).items():
            self._rows[code] = rows.get(names) or rows.setdefault(names, self._make_row(names))

    def _make_row(self, names: frozenset[str]) -> Row:
        return Row(names, [None] * len(self._memberships))

    def find(self, case: Case, dx: Codes, px: Codes, state: int) -> Leaf:
        """The leaf of a case; ``dx`` is not empty, ``state`` its complication flags after exclusions."""
        row = self._rows.get(dx[0], self._other)
        number = self._classes.get(px[0], 1) if px else 0
        node = row.cells[number] or self._open(row, number)
        while node.__class__ is Branch:
            node = (node.yes or node.grow(True)) if node.test(case, dx, px, state) else (node.no or node.grow(False))
        return node

    def categories(self, main: str) -> list[Mdc]:
        """The MDCs that the principal diagnosis does not already shut out, in order."""
        row = self._rows.get(main, self._other)
        return [mdc for mdc, _rule, _entries in self._opened(row)]

    def _opened(self, row: Row) -> Book:
        if row.book is None:
            row.book = _reduce(self._book, self._known_by_diagnosis(row.sets))
            row.asked = frozenset(atom.argument for atom in _asked(row.book) if atom.kind in ("px_main", "px_any"))
        return row.book

    def _open(self, row: Row, number: int) -> Branch | Leaf:
        book, membership = self._opened(row), self._memberships[number]
        key = None if membership is None else membership & row.asked
        node = row.shared.get(key)
        if node is None:
            node = row.shared[key] = plant(_flatten(_reduce(book, self._known_by_procedure(key))))
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


def _whole_book(scheme: Scheme, answer: Callable[[str], tuple[Grouped, ...]]) -> Book:
    return [(mdc, mdc.rule, _entries(mdc, answer, scheme.ambiguous_adrg)) for mdc in scheme.mdcs]


def _entries(mdc: Mdc, answer: Callable[[str], tuple[Grouped, ...]], ambiguous_adrg: str) -> Entries:
    listed = [(entry.rule, _splits(mdc, entry, answer)) for entry in mdc.before]
    if mdc.ambiguous is not False:
        leaf = Leaf(mdc, by_state=answer(mdc.code.removeprefix("MDC") + ambiguous_adrg))
        listed.append((mdc.ambiguous, [(True, leaf)]))
    return listed + [(entry.rule, _splits(mdc, entry, answer)) for entry in mdc.after]


def _splits(mdc: Mdc, entry: Entry, answer: Callable[[str], tuple[Grouped, ...]]) -> Splits:
    listed: Splits = [(split.when, Leaf(mdc, entry, split, answer(split.drg))) for split in entry.splits]
    if entry.if_no_drg is not None:
        listed.append((True, Leaf(mdc, entry, None, answer(entry.if_no_drg))))
    return listed


def _reduce(book: Book, known: Known) -> Book:
    reduced: Book = []
    for mdc, rule, entries in book:
        mdc_rule = substitute(rule, known)
        if mdc_rule is not False:
            reduced.append((mdc, mdc_rule, _reduce_entries(entries, known)))
    return reduced


def _reduce_entries(entries: Entries, known: Known) -> Entries:
    reduced: Entries = []
    for rule, splits in entries:
        entry_rule = substitute(rule, known)
        if entry_rule is not False:
            kept = [
                (when, leaf)
                for when, leaf in ((substitute(when, known), leaf) for when, leaf in splits)
                if when is not False
            ]
            if kept:
                reduced.append((entry_rule, kept))
    return reduced


def _flatten(book: Book) -> Program:
    program = []
    for _mdc, mdc_rule, entries in book:
        for entry_rule, splits in entries:
            for when, leaf in splits:
                condition = conjunction((mdc_rule, entry_rule, when))
                program.append((condition, leaf))
                if condition is True:
                    return tuple(program)
    return (*program, (True, UNGROUPED))


def _asked(book: Book) -> set[Atom]:
    formulas = [rule for _mdc, rule, _entries in book]
    formulas += [rule for _mdc, _rule, entries in book for rule, _splits in entries]
    formulas += [when for _mdc, _rule, entries in book for _entry, splits in entries for when, _leaf in splits]
    return {atom for formula in formulas for atom in atoms(formula)}
