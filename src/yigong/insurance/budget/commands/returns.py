"""Late returns from outside: read and checked, taken in, undone. Of all lines about one settlement the highest revision counts, whatever the
order in which the files came."""

from collections.abc import Iterable
from datetime import date
from hashlib import sha256
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from yigong.core import clock
from yigong.core.actor import Actor
from yigong.core.commands import one_at_a_time, racing
from yigong.core.constraints import refusing
from yigong.core.ids import new_id
from yigong.core.numbers.api import dated_number
from yigong.core.states.api import start, transition
from yigong.insurance.budget import errors, policies
from yigong.insurance.budget.commands.common import found, require
from yigong.insurance.budget.commands.facts import home_of, open_month, put_all, region_of
from yigong.insurance.budget.models import FundFact, ReturnBatch, ReturnLine
from yigong.insurance.budget.models.facts import FIGURES
from yigong.insurance.budget.queries.terms import schemes
from yigong.insurance.budget.rules import returns as reading
from yigong.insurance.budget.rules.states import RETURNS
from yigong.residents import api as residents

_MOST_FAULTS = 500


@racing("budget.check_returns")
@transaction.atomic
def check_returns(*, name: str, content: bytes, actor: Actor) -> UUID:
    """The trial run: read a file, check each line, match people by number; nothing is booked. FileKnown, FileUnreadable."""
    require(actor, policies.KEEP)
    digest = sha256(content).hexdigest()
    known = ReturnBatch.objects.filter(digest=digest, state__in=["checked", "taken"]).first()
    if known:
        raise errors.FileKnown(number=known.number)
    read = reading.read(content, dict(schemes()), clock.today())
    faults = [*read.faults, *_clashes(read.lines)]
    batch = ReturnBatch(
        number=dated_number("returns", "HL"), region=region_of(read.lines[0].figures["scheme"]) if read.lines else "", file_name=name[-120:],
        digest=digest, rows=len(read.lines) + len({line for line, _text in read.faults}), faults=sorted(faults)[:_MOST_FAULTS],
        pool=sum(line.figures["pool"] for line in read.lines), made_by=actor.name,
    )  # fmt: skip
    with refusing(return_file_once=errors.FileKnown(number="")):
        start(RETURNS, batch, "checked", actor=actor)
    ReturnLine.objects.bulk_create(
        [
            ReturnLine(batch=batch, line=one.line, ref=one.ref, revision=one.revision, figures=_matched(one, actor))
            for one in read.lines
        ],
        batch_size=1000,
    )
    return batch.id


def _matched(one: reading.Line, actor: Actor) -> dict[str, Any]:
    """The figures with the person's key, never the number itself."""
    person = _person(one.number, actor) if one.number else None
    return {**one.figures, "resident_id": str(person) if person else None}


def _person(number: str, actor: Actor) -> UUID | None:
    hits = residents.search_residents(number, actor=actor, limit=2).items
    return hits[0].id if len(hits) == 1 else None


def _clashes(lines: list[reading.Line]) -> list[tuple[int, str]]:
    """The same settlement and revision with other figures than those that were taken in before."""
    refs = [one.ref for one in lines]
    known = {(row.ref, row.revision): row for row in ReturnLine.objects.filter(taken=True, ref__in=refs)}
    found_: list[tuple[int, str]] = []
    for one in lines:
        row = known.get((one.ref, one.revision))
        if row and any(row.figures[name] != one.figures[name] for name in one.figures):
            found_.append(
                (
                    one.line,
                    _("结算编号 %(ref)s 第 %(n)s 版已入账且内容不同：更正请提高版次。")
                    % {"ref": one.ref, "n": one.revision},
                )
            )
    return found_


@racing("budget.take_returns")
@transaction.atomic
def take_returns(*, batch_id: UUID, actor: Actor) -> int:
    """Book a checked file; lines that are known already (same settlement, same revision) change nothing. Says how many lines were new."""
    one_at_a_time("budget.returns")
    batch = found(ReturnBatch, batch_id, lock=True)
    if batch.faults:
        raise errors.HasFaults(n=len({line for line, _text in batch.faults}))
    transition(RETURNS, batch, "take", actor=actor)
    lines = list(batch.lines.all())
    known = set(
        ReturnLine.objects.filter(taken=True, ref__in=[one.ref for one in lines]).values_list("ref", "revision")
    )
    fresh = [one for one in lines if (one.ref, one.revision) not in known]
    for one in fresh:
        one.taken = True
    ReturnLine.objects.bulk_update(fresh, ["taken"], batch_size=1000)
    _settle({one.ref for one in fresh})
    return len(fresh)


@transaction.atomic
def drop_returns(*, batch_id: UUID, actor: Actor) -> None:
    """Throw a checked file away."""
    transition(RETURNS, found(ReturnBatch, batch_id), "drop", actor=actor)


@racing("budget.undo_returns")
@transaction.atomic
def undo_returns(*, batch_id: UUID, reason: str, actor: Actor) -> None:
    """Take a file back: what it had brought is booked with the opposite sums, and the revision before it counts again."""
    one_at_a_time("budget.returns")
    batch = transition(RETURNS, found(ReturnBatch, batch_id), "undo", actor=actor, reason=reason)
    refs = set(batch.lines.filter(taken=True).values_list("ref", flat=True))
    batch.lines.filter(taken=True).update(taken=False, counts=False)
    _settle(refs)


def _settle(refs: Iterable[str]) -> None:
    """For each settlement: the line that should count against the facts that are there; the difference is booked."""
    wanted = sorted(refs)
    best: dict[str, ReturnLine] = {}
    for line in ReturnLine.objects.filter(ref__in=wanted, taken=True).order_by("ref", "revision"):
        best[line.ref] = line
    for start_ in range(0, len(wanted), 1000):
        _settle_some(wanted[start_ : start_ + 1000], best)


def _settle_some(refs: list[str], best: dict[str, ReturnLine]) -> None:
    facts: list[FundFact] = []
    there = _standing(refs)
    chosen = {line.pk for ref in refs if (line := best.get(ref))}
    ReturnLine.objects.filter(ref__in=refs, counts=True).exclude(pk__in=chosen).update(counts=False)
    for ref in refs:
        line, standing = best.get(ref), there.get(ref)
        if standing and line and standing.key.startswith(f"return:{line.pk}:"):
            continue
        if standing:
            facts.append(_opposite(standing))
        if line:
            facts.append(_fact(line))
    put_all(facts)
    ReturnLine.objects.filter(pk__in=chosen).update(counts=True)


def _standing(refs: list[str]) -> dict[str, FundFact]:
    """The fact that stands for each settlement: the one that no other row takes back."""
    rows = list(FundFact.objects.filter(source="return", ref__in=refs))
    taken_back = {row.key.removeprefix("back:") for row in rows if row.cases < 0}
    return {row.ref: row for row in rows if row.cases > 0 and str(row.id) not in taken_back}


def _opposite(row: FundFact) -> FundFact:
    values = {field.attname: getattr(row, field.attname) for field in FundFact._meta.concrete_fields}
    values |= {name: -values[name] for name in FIGURES}
    values |= {"id": new_id(), "key": f"back:{row.id}", "cases": -row.cases}
    values["booked"] = open_month(row.region, row.scheme, max(row.month, row.booked))
    values.pop("written_at")
    return FundFact(**values)


def _fact(line: ReturnLine) -> FundFact:
    given = dict(line.figures)
    month, settled_on = (date.fromisoformat(given.pop(name)) for name in ("month", "settled_on"))
    text = given.pop("resident_id")
    person = UUID(text) if text else None
    region = region_of(given["scheme"])
    key = new_id()
    return FundFact(
        id=key, key=f"return:{line.pk}:{key}", source="return", ref=line.ref, region=region, month=month, settled_on=settled_on,
        booked=open_month(region, given["scheme"], max(month, clock.today().replace(day=1))), resident_id=person, home_id=home_of(person),
        **given,
    )  # fmt: skip
