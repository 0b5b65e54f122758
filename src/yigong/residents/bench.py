"""``./yigong bench residents``: search and match on create at a given number of residents, beside the raw SQL of the same candidates.

Loads made-up people into a throw-away cluster, then asks in one process and on one connection: the box as it is typed into, and registrations
of people who are known in another spelling and of people who are not. "whole request" is the page ``residents:near`` through Django's handler.
"""

# texts: data
import argparse
import random
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from yigong.launch.bench_house import migrated, say, throwaway

PLACES = 40


@dataclass(frozen=True)
class Row:
    """One line of the table, milliseconds."""

    label: str
    times: list[float]
    own: list[float] = field(default_factory=list)

    def text(self) -> str:
        """p50, p99 and the longest by the clock on the wall; where it was taken, p50 and p99 of this process's own work, the database's left out."""
        cuts = statistics.quantiles(self.times, n=100, method="inclusive")
        work = statistics.quantiles(self.own, n=100, method="inclusive") if self.own else []
        told = f"{self.label:<46}{cuts[49]:>9.2f}{cuts[98]:>9.2f}{max(self.times):>9.2f}"
        return told + (f"{work[49]:>9.2f}{work[98]:>9.2f}" if work else "")


def main(arguments: list[str]) -> int:
    """Load, measure, print."""
    parser = argparse.ArgumentParser("./yigong bench residents")
    parser.add_argument("--residents", type=int, default=1_000_000)
    parser.add_argument("--questions", type=int, default=500)
    parser.add_argument("--data", type=Path, help="keep the loaded database here and use it again")
    options = parser.parse_args(arguments)
    with throwaway(keep=options.data):
        migrated()
        _load(options.residents)
        _measure(options)
    return 0


def _load(count: int) -> None:
    from django.db import connection

    from yigong.core.actor import system
    from yigong.residents.bulk import loading
    from yigong.residents.models import Resident

    if (known := Resident.objects.count()) >= count:
        say(f"{known:,} residents of an earlier run")
        return
    begin = time.perf_counter()
    with loading(system("bench"), "benchmark") as batch:
        batch.load(_people(count))
    with connection.cursor() as cursor:
        cursor.execute("vacuum (analyze) residents_resident")
        cursor.execute("vacuum (analyze) residents_identifier")
    _count_names()
    say(f"{count:,} residents loaded in {time.perf_counter() - begin:.0f} s")


def _count_names() -> None:
    from yigong.residents.commands.counting import count_names

    begin = time.perf_counter()
    counted = count_names()
    say(f"{counted:,} names and sounds of several people counted in {time.perf_counter() - begin:.0f} s")


def _people(count: int) -> Iterator[Any]:
    from yigong.residents.bulk import BulkResident
    from yigong.residents.matching.generator import County

    for serial, human in enumerate(County(1).people(count)):
        yield BulkResident(
            name=human.name,
            sex=human.sex,
            birth_date=human.born,
            source=(None, "bench", str(serial)),
            numbers=(("01", human.number),),
            phone=human.own_phone or human.home.phone,
            township=human.home.town,
            village=human.home.village,
            address=human.home.door,
        )
        if serial + 1 == count:
            return


def _measure(options: argparse.Namespace) -> None:
    from yigong.residents.queries import near

    _remember_years()
    asked = _questions(options.questions)
    sizes: list[int] = []

    def raw(one: Any) -> None:
        from yigong.core import statements

        sizes.append(len(statements.fetch(near.CANDIDATES, near.parameters(one, near.digests_of(one)))))

    rows = [
        Row("search box: name", *_timed(_searching("name"), asked)),
        Row("search box: initials", *_timed(_searching("initials"), asked)),
        Row("search box: citizen number", *_timed(_searching("number"), asked)),
        Row("search box: phone", *_timed(_searching("phone"), asked)),
        Row("match on create", *_timed(near.near_matches, asked)),
        Row("  raw SQL of the same candidates", *_timed(raw, asked)),
        Row("  whole request (POST /residents/near/)", *_timed(_request(), asked)),
    ]
    say(f"{'milliseconds':<46}{'p50':>9}{'p99':>9}{'max':>9}{'own p50':>9}{'own p99':>9}")
    for row in rows:
        say(row.text())
    say(f"{options.questions} questions each, one process; candidates per match: {_spread(sizes)}")
    say(f"statements per match: {_spread(_statements(near.near_matches, asked))}")
    say(f"statements per whole request: {_spread(_statements(_request(), asked))}")


def _spread(counts: list[int]) -> str:
    return f"median {statistics.median(counts):.0f}, most {max(counts)}"


def _statements(ask: Callable[[Any], Any], asked: list[Any]) -> list[int]:
    """How many statements each question takes; this does not depend on what else the machine does."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    counts = []
    for one in asked[:100]:
        with CaptureQueriesContext(connection) as seen:
            ask(one)
        counts.append(len(seen))
    return counts


def _remember_years() -> None:
    """A process works out each lunar year once (13 ms); what is measured is one that has been up for a while."""
    from yigong.residents.matching import api as matching

    for year in range(1930, 2027):
        matching.prepare(matching.PersonFields("王", "1", date(year, 6, 1)))


def _timed(ask: Callable[[Any], Any], asked: list[Any]) -> tuple[list[float], list[float]]:
    for one in asked[:20]:
        ask(one)
    times, own = [], []
    for one in asked:
        begin, worked = time.perf_counter(), time.process_time()
        ask(one)
        times.append((time.perf_counter() - begin) * 1000)
        own.append((time.process_time() - worked) * 1000)
    return times, own


def _questions(count: int) -> list[Any]:
    """Known people in another spelling (a number with one digit wrong, none, another phone, a similar sound) and unknown ones."""
    from yigong.core import clock
    from yigong.residents.models import Resident
    from yigong.residents.queries import Sought, own_numbers, row_value
    from yigong.residents.rules import numbers

    chance, today = random.Random(7), clock.today()
    total = Resident.objects.count()
    found: list[Any] = []
    while len(found) < count:
        r = Resident.objects.order_by("id")[chance.randrange(total)]
        held = own_numbers(r.id, "01")
        kept = tuple(numbers.check_number("01", n, today) for n in held) if chance.random() < 0.3 else ()
        name = r.name if chance.random() < 0.6 else r.name[:1] + chance.choice("伟芳娜敏静丽强磊军洋") + r.name[2:]
        born = r.birth_date if chance.random() < 0.8 else date(r.birth_date.year if r.birth_date else 1960, 1, 1)
        phone = row_value(r, "phone")[0] if chance.random() < 0.5 else ""
        found.append(Sought(name, born, r.sex, kept, phone, r.township, r.village, r.address))
    return found


def _searching(way: str) -> Callable[[Any], Any]:
    from yigong.core.actor import system
    from yigong.residents.api import search_residents
    from yigong.residents.rules import pinyin

    texts: dict[str, Callable[[Any], str]] = {
        "name": lambda one: one.name,
        "initials": lambda one: pinyin.initials(one.name),
        "number": lambda one: one.documents[0].value if one.documents else "530181196005040023",
        "phone": lambda one: one.phone or "13800000001",
    }
    return lambda one: search_residents(texts[way](one), actor=system("bench"), limit=8)


def _request() -> Callable[[Any], Any]:
    """The page while typing, through the view with a clerk, without sessions and sockets."""
    from django.http import QueryDict
    from django.test import RequestFactory

    from yigong.core.actor import Actor
    from yigong.core.rights import permissions_of
    from yigong.residents.views.people import near

    clerk = Actor("clerk", "registrar", permissions=permissions_of("registrar"))
    factory = RequestFactory()

    def ask(one: Any) -> None:
        typed = {
            "name": one.name, "sex": one.sex, "phone": one.phone, "township": one.township, "village": one.village,
            "birth_date": one.birth_date.isoformat(), "number": one.documents[0].value if one.documents else "",
        }  # fmt: skip
        request: Any = factory.post("/residents/near/", typed)
        request.actor, request.htmx, request.user = clerk, True, None
        answer = near(request)
        assert answer.status_code == 200 and isinstance(request.POST, QueryDict)

    return ask


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
