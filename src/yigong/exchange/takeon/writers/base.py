"""The way of every layout whose rows stand for themselves: batches, each one transaction with its source locked.

A row is known by its number at its source. Known with the same content it is the same; with another one it is changed by the owner's command; unknown
it is made, or taken as what the house has already under that key.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from itertools import islice
from uuid import UUID

from django.db import connection, transaction
from django.utils.translation import gettext as _

from yigong.core import statements
from yigong.core.actor import Actor
from yigong.core.commands import racing
from yigong.core.errors import DomainError, InvalidInput
from yigong.core.ids import new_id
from yigong.exchange.takeon import policies
from yigong.exchange.takeon.data import FaultData, Origin, Pass, Row
from yigong.exchange.takeon.models import Source, TakenRow
from yigong.exchange.takeon.rules.layouts import Layout

_writers: dict[str, "Writer"] = {}
_MOST_KEPT = 200


def register(code: str, writer: "Writer") -> None:
    """Say who writes a layout's rows."""
    _writers[code] = writer


def writer_of(code: str) -> "Writer":
    """The layout's writer."""
    return _writers[code]


class Writer(ABC):
    """How a layout is written and taken back. ``right``: the owner's permission. ``rehearses``: a trial writes everything and takes it back, so that
    it says exactly what the real run will."""

    right = policies.USE
    rehearses = False

    @abstractmethod
    def run(self, going: Pass, rows: Iterator[Row]) -> None:
        """All rows of a file."""

    @abstractmethod
    def undo(self, going: Pass, reason: str) -> None:
        """Everything that this import made; what has been built on stays."""


class RowWriter(Writer):
    """Rows that stand for themselves. ``batch``: rows of one transaction."""

    batch = 1000

    def check(self, rows: Sequence[Row], layout: Layout, origin: Origin, actor: Actor) -> None:
        """Look up what the rows name; ``row.fail`` for what is not there."""

    def existing(self, rows: Sequence[Row], origin: Origin) -> dict[str, UUID]:
        """Number -> key of what the house has already for rows that were never taken on."""
        return {}

    @abstractmethod
    def create(self, rows: Sequence[Row], origin: Origin, actor: Actor) -> dict[str, UUID]:
        """Write new rows: number -> key. Rows that the owner refuses are failed and left out."""

    @abstractmethod
    def change(self, row: Row, target: UUID, origin: Origin, actor: Actor) -> UUID | None:
        """Bring what was taken on before in line with a changed row; raises DomainError. Answers the key of what stands in its place, where what
        was taken on is never changed but replaced."""

    @abstractmethod
    def retract(self, taken: Sequence[tuple[str, UUID]], reason: str, actor: Actor) -> dict[str, str]:
        """Take back what rows were made into, (number, key) each; number -> why it stays."""

    # The passes

    def run(self, going: Pass, rows: Iterator[Row]) -> None:
        """All rows of a file, in batches."""
        done = 0
        while batch := list(islice(rows, self.batch)):
            good = [row for row in batch if not row.faults]
            if filled := sum(row.filled for row in batch):
                going.outcome.counts["filled"] += filled
            if going.for_good or self.rehearses:
                write_batch(import_id=going.import_id, writer=self, going=going, rows=good)
            else:
                self._foresee(going, good)
            done += len(batch)
            going.settle(batch)
            going.say(done, max(done, going.total), _("已处理 %(n)s 行") % {"n": done})

    def _foresee(self, going: Pass, rows: list[Row]) -> None:
        self.check(rows, going.layout, going.origin, going.actor)
        rows = [row for row in rows if not row.faults]
        known = _known(going.origin.source_id, rows)
        found = self.existing([row for row in rows if row.number not in known], going.origin)
        for row in rows:
            taken = known.get(row.number)
            same = row.number in found if taken is None else bytes(taken.digest) == row.digest
            going.outcome.counts["same" if same else "new" if taken is None else "changed"] += 1

    def undo(self, going: Pass, reason: str) -> None:
        """Everything that this import made, newest first; what has been built on stays."""
        counts = going.outcome.counts
        while taken := self._next(going.import_id):
            with transaction.atomic():
                lock(going.origin.source_id)
                stay = self.retract([(row.number, row.target) for row in taken if row.made], reason, going.actor)
                gone = [row.pk for row in taken if row.number not in stay]
                counts["undone"] += sum(row.made and row.number not in stay for row in taken)
                counts["kept"] += len(stay)
                TakenRow.objects.filter(pk__in=gone).delete()
                # What stays is the house's own from now on: the next import finds it under its number.
                TakenRow.objects.filter(source_id=going.origin.source_id, number__in=stay).update(made=False)
            for number, why in list(stay.items())[: _MOST_KEPT - len(going.outcome.faults)]:
                going.outcome.faults.append(FaultData(0, "", number[:80], "kept", {"text": why}))
            going.say(counts["undone"], None, _("已撤销 %(n)s 行") % {"n": counts["undone"]})
        changed = TakenRow.objects.filter(touched_by=going.import_id).exclude(brought_by=going.import_id).count()
        if changed:
            counts["kept"] += changed
            text = _("%(n)s 行修改了以前导入的内容，修改不随撤销恢复") % {"n": changed}
            going.outcome.faults.append(FaultData(0, "", "", "kept", {"text": text}))

    def _next(self, import_id: UUID) -> list[TakenRow]:
        return list(TakenRow.objects.filter(brought_by=import_id, made=True).order_by("-id")[: self.batch])


@racing("takeon.write_batch")
@transaction.atomic
def write_batch(*, import_id: UUID, writer: RowWriter, going: Pass, rows: list[Row]) -> None:
    """Write the rows of one batch with their source locked: the same file twice at once writes each row once."""
    lock(going.origin.source_id)
    writer.check(rows, going.layout, going.origin, going.actor)
    rows = [row for row in rows if not row.faults]
    counts, known = going.outcome.counts, _known(going.origin.source_id, rows)
    fresh = [row for row in rows if row.number not in known]
    found = writer.existing(fresh, going.origin)
    for row in rows:
        if taken := known.get(row.number):
            counts[_bring_up(writer, row, taken, going)] += 1
    _keep(going, {row.number: found[row.number] for row in fresh if row.number in found}, fresh, made=False)
    counts["same"] += len(found)
    new = [row for row in fresh if row.number not in found]
    made = writer.create(new, going.origin, going.actor) if new else {}
    _keep(going, made, new, made=True)
    counts["new"] += sum(row.number in made for row in new)


def _bring_up(writer: RowWriter, row: Row, taken: TakenRow, going: Pass) -> str:
    if bytes(taken.digest) == row.digest:
        # Written by this very import before its worker was killed.
        again = taken.brought_by_id == going.import_id and taken.made
        return "new" if again else "changed" if taken.touched_by_id == going.import_id else "same"
    try:
        with transaction.atomic():
            target = writer.change(row, taken.target, going.origin, going.actor) or taken.target
    except DomainError as refusal:
        refuse(row, going.layout, refusal)
        return "unchanged"
    TakenRow.objects.filter(pk=taken.pk).update(digest=row.digest, target=target, touched_by=going.import_id)
    return "changed"


def _keep(going: Pass, keys: dict[str, UUID], rows: Sequence[Row], *, made: bool) -> None:
    digests = {row.number: row.digest for row in rows}
    columns = "id, source_id, number, target, digest, made, brought_by_id"
    with connection.cursor() as cursor, cursor.copy(f"copy takeon_takenrow ({columns}) from stdin") as copy:
        for number, key in keys.items():
            digest = digests.get(number, b"")
            copy.write_row((new_id(), going.origin.source_id, number, key, digest, made, going.import_id))


def refuse(row: Row, layout: Layout, refusal: DomainError) -> None:
    """The owner's own words, at the column that they are about."""
    errors = refusal.errors if isinstance(refusal, InvalidInput) else {}
    columns = {c.name for c in layout.each()}
    for name, sentence in errors.items():
        row.fail(layout, "refused", name if name in columns else "", text=str(sentence))
    if not errors:
        row.fail(layout, "refused", text=str(refusal))


def _known(source_id: UUID, rows: Sequence[Row]) -> dict[str, TakenRow]:
    numbers = [row.number for row in rows]
    found = statements.objects(
        TakenRow,
        "where source_id = %(source)s and number = any(%(numbers)s)",
        {"source": source_id, "numbers": numbers},
    )
    return {taken.number: taken for taken in found}


def lock(source_id: UUID) -> None:
    """One writer of a source at a time."""
    Source.objects.select_for_update(of=("self",)).get(pk=source_id)
