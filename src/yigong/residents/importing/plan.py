"""What linked files mean for the index: who gets which record, who is new, what a person has to look at."""

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

from yigong.residents.importing.files import KNOWN


@dataclass
class Plan:
    """``known``: record -> resident it is linked to; ``new``: the records of each new person; ``doubts``: pairs of records (or residents,
    with the mark of their own file) to be reviewed."""

    known: dict[str, UUID] = field(default_factory=dict)
    new: list[list[str]] = field(default_factory=list)
    doubts: list[tuple[str, str]] = field(default_factory=list)


def make_plan(clusters: Path, pairs: Path) -> Plan:
    """From the two result files. Two residents in one cluster are never joined here: their records go to whom they resemble most, and the two
    become a question."""
    plan = Plan()
    links, reviews = _read_pairs(pairs)
    for members in _clusters(clusters):
        known = [m for m in members if m.startswith(KNOWN)]
        records = [m for m in members if not m.startswith(KNOWN)]
        if records and not known:
            plan.new.append(records)
        for record in records if known else ():
            best = max(known, key=lambda one: links.get((record, one), -1.0))
            plan.known[record] = UUID(best.removeprefix(KNOWN))
        plan.doubts += [(known[0], other) for other in known[1:]] if records else []
    plan.doubts += [pair for pair in reviews if not all(one.startswith(KNOWN) for one in pair)]
    return plan


def _clusters(path: Path) -> Iterable[list[str]]:
    groups: dict[str, list[str]] = {}
    for row in _rows(path):
        groups.setdefault(row["cluster_id"], []).append(row["record_id"])
    return groups.values()


def _read_pairs(path: Path) -> tuple[dict[tuple[str, str], float], list[tuple[str, str]]]:
    links: dict[tuple[str, str], float] = {}
    reviews = []
    for row in _rows(path):
        pair = (row["record_id_1"], row["record_id_2"])
        if row["verdict"] == "review":
            reviews.append(pair)
        elif row["verdict"] == "link":
            links[pair] = links[pair[1], pair[0]] = float(row["match_weight"] or 0)
    return links, reviews


def _rows(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as handle:
        yield from csv.DictReader(handle)


def own_part(source: Path, target: Path, columns: tuple[str, ...]) -> int:
    """A result file without the lines that name a resident: nobody reads an internal key. Returns how many lines stay."""
    count = 0
    with source.open(encoding="utf-8", newline="") as given, target.open("w", encoding="utf-8-sig", newline="") as out:
        reader = csv.DictReader(given)
        writer = csv.DictWriter(out, reader.fieldnames or [])
        writer.writeheader()
        for row in reader:
            if not any(row[c].startswith(KNOWN) for c in columns):
                writer.writerow(row)
                count += 1
    return count
