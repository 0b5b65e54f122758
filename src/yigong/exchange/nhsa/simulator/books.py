"""The simulator's own books: people, institutions, visits, settlements, cumulations, in memory with a journal that is read again at start."""

# texts: data (the simulator speaks Chinese only, like the platforms it stands for)

import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

Row = dict[str, Any]


@dataclass
class Visit:
    """One registered visit or stay with its lines."""

    mdtrt_id: str
    psn_no: str
    insutype: str
    fixmedins: str
    inpatient: bool
    med_type: str = ""
    disease: str = ""
    kind: str = ""
    day: str = ""
    lines: list[Row] = field(default_factory=list)
    discharged: bool = False
    cancelled: bool = False
    began: str = ""
    referral: str = ""


@dataclass
class Settled:
    """One settlement; a reversed one keeps its sums and names its reversal."""

    setl_id: str
    msgid: str
    mdtrt_id: str
    psn_no: str
    insutype: str
    fixmedins: str
    day: str
    year: int
    figures: dict[str, Decimal]
    grown: dict[str, Decimal]
    words: list[str]
    serial: int
    reversal_id: str = ""
    reversed_on: str = ""
    line: Decimal = Decimal(0)


class Books:
    """Everything the simulator knows. ``lock`` makes one transaction after the other."""

    def __init__(self, folder: Path | None = None) -> None:
        self.lock = threading.RLock()
        self.folder = folder
        self.people: dict[str, Row] = {}
        self.by_certificate: dict[str, str] = {}
        self.institutions: dict[str, Row] = {}
        self.visits: dict[str, Visit] = {}
        self.settled: dict[str, Settled] = {}
        self.cumulated: dict[tuple[str, str, int], dict[str, Decimal]] = {}
        self.answers: dict[str, Row] = {}
        self.referred: dict[tuple[str, str], list[Row]] = {}
        self.files: dict[str, bytes] = {}
        self.serial = 0
        self.log: list[Row] = []

    def next(self, prefix: str) -> str:
        """A fresh reference."""
        self.serial += 1
        return f"{prefix}{self.serial:012d}"

    def add_person(self, person: Row) -> None:
        """Enter or replace a person; keys: psn_no, certno, psn_name, gend, brdy, insuinfo, idetinfo, diseases, chosen, balance, family, cards."""
        self.people[person["psn_no"]] = person
        self.by_certificate[person["certno"]] = person["psn_no"]
        for card in person.get("cards", ()):
            self.by_certificate[card["sn"]] = person["psn_no"]

    def add_institution(self, institution: Row) -> None:
        """Enter or replace an institution; keys: code, name, level, above (codes of those that manage it)."""
        self.institutions[institution["code"]] = institution

    def sums(self, psn_no: str, insutype: str, year: int) -> dict[str, Decimal]:
        """A person's cumulations of a year."""
        return self.cumulated.setdefault((psn_no, insutype, year), {})

    def grow(self, key: tuple[str, str, int], grown: Mapping[str, Decimal], sign: int) -> None:
        """Let cumulations grow or shrink."""
        sums = self.cumulated.setdefault(key, {})
        for name, amount in grown.items():
            sums[name] = sums.get(name, Decimal(0)) + sign * amount

    def write_down(self, entry: Row) -> None:
        """Append to the journal, if there is a folder."""
        if self.folder is not None:
            with (self.folder / "journal.jsonl").open("a", encoding="utf-8") as journal:
                journal.write(json.dumps(entry, ensure_ascii=False) + "\n")

    def journal(self) -> list[Row]:
        """What was written down before."""
        if self.folder is None or not (self.folder / "journal.jsonl").exists():
            return []
        # The last line may be cut short by a kill.
        rows = []
        for line in (self.folder / "journal.jsonl").read_text("utf-8").splitlines():
            try:
                rows.append(json.loads(line))
            except json.JSONDecodeError:
                break
        return rows
