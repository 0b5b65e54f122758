"""Lines of past bills, by the million: straight to ``clinic``, which knows each by its number; what an import brought carries its key."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import islice
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from yigong.clinic import bulk as clinic
from yigong.clinic.data import CATEGORIES
from yigong.core import clock
from yigong.core.ids import new_id
from yigong.exchange.takeon import policies
from yigong.exchange.takeon.data import FaultData, Pass, Row
from yigong.exchange.takeon.models import Import, Source, TakenRow
from yigong.exchange.takeon.writers.base import Writer, lock, register
from yigong.network import api as network
from yigong.records import bulk as records

_BATCH = 5000
_BESIDE = timedelta(days=1)  # a charge may be written down shortly before or after a stay
_ROUNDED = 5  # fen that an amount may differ from price times quantity
_BY_CODE = {code: name for name, (code, _label) in CATEGORIES.items()}


class Charges(Writer):
    """Each batch is checked by a handful of statements and written by one COPY."""

    right = policies.CARE

    def run(self, going: Pass, rows: Iterator[Row]) -> None:
        """All rows of a file, in batches."""
        done, catalogue, unlisted = 0, clinic.items_by_national_code(), set[str]()
        while batch := list(islice(rows, _BATCH)):
            good = [row for row in batch if not row.faults]
            self._look_up(good, going)
            self._name_items(good, going, catalogue, unlisted)
            good = [row for row in good if not row.faults]
            if going.for_good:
                self._write(good, going)
            else:
                self._foresee(good, going)
            done += len(batch)
            going.settle(batch)
            going.say(done, max(done, going.total), _("已处理 %(n)s 行") % {"n": done})

    def undo(self, going: Pass, reason: str) -> None:
        """Everything that this import brought; nothing else names past charges."""
        counts = going.outcome.counts
        while gone := clinic.withdraw_charges(going.import_id, going.actor, reason):
            counts["undone"] += gone
            going.say(counts["undone"], None, _("已撤销 %(n)s 行") % {"n": counts["undone"]})
        if changed := Import.objects.get(pk=going.import_id).counts.get("changed", 0):
            counts["kept"] += changed
            text = _("%(n)s 行修改了以前导入的内容，修改不随撤销恢复") % {"n": changed}
            going.outcome.faults.append(FaultData(0, "", "", "kept", {"text": text}))

    # What the rows name

    def _look_up(self, rows: Sequence[Row], going: Pass) -> None:
        houses = network.institutions_by_code({row.text("institution_code") for row in rows})
        wards = network.departments_by_code({house.id for house in houses.values()})
        visits, stays = _visits(rows, going), _stays(rows, houses)
        now = clock.now()
        for row in rows:
            house = houses.get(_fold(row.text("institution_code")))
            if house is None:
                row.fail(going.layout, "institution", "institution_code")
                continue
            row.found["house"] = house.id
            ward = wards.get((house.id, _fold(row.text("department_code"))))
            row.found["ward"] = ward.id if ward else None
            if row["performed_at"] > now:
                row.fail(going.layout, "future", "performed_at")
            found = visits.get((row.text("institution_code"), row.text("number")))
            row.found["inpatient"] = found is None
            found = found or _stay_at(stays.get((house.id, row.text("number")), ()), row["performed_at"])
            if found is None:
                row.fail(going.layout, "encounter", "number")
            else:
                row.found["encounter"], row.found["resident"] = found
            _check_amount(row, going)

    def _name_items(
        self, rows: Sequence[Row], going: Pass, catalogue: dict[str, tuple[str, str, str]], unlisted: set[str]
    ) -> None:
        """The item of the price list by its national code. What the list does not know needs the file's own fee type, and is told once a code."""
        for row in rows:
            code = row.text("national_code")
            item = catalogue.get(code)
            given = _BY_CODE.get(row.text("category"))
            row.found["item"] = (item[0] if item else row.text("item_code"), given or (item[2] if item else ""))
            if item or not (code or given is None):
                continue
            if given is None:
                row.fail(going.layout, "item", "national_code" if code else "category")
                continue
            going.outcome.counts["unlisted"] += 1
            if code not in unlisted:
                unlisted.add(code)
                column = next(c.label for c in going.layout.columns if c.name == "national_code")
                said = {"name": row.text("item_name")}
                going.outcome.note([FaultData(row.line, column, code[:80], "item_noted", said)])

    # Writing

    @transaction.atomic
    def _write(self, rows: Sequence[Row], going: Pass) -> None:
        lock(going.origin.source_id)
        new, changed, same = clinic.load_charges(
            (self._line(row, going) for row in rows),
            going.actor,
            _("数据接入：%(system)s") % {"system": going.origin.system},
        )
        going.outcome.counts.update({"new": new, "changed": changed, "same": same})

    def _foresee(self, rows: Sequence[Row], going: Pass) -> None:
        known = clinic.charges_known([self._key(row, going) for row in rows]) if rows else {}
        for row in rows:
            there = known.get(self._key(row, going))
            going.outcome.counts["new" if there is None else "same" if there == row.digest else "changed"] += 1

    def _key(self, row: Row, going: Pass) -> tuple[UUID, str, str, str]:
        bill = row.text("bill_number") or row.text("number")[:40]
        return row.found["house"], going.origin.system, bill, row.text("line_number")

    def _line(self, row: Row, going: Pass) -> tuple[Any, ...]:
        item, category = row.found["item"]
        return (
            new_id(), going.import_id, row.digest, row.found["encounter"], row.found["resident"], *self._key(row, going),
            row.found["inpatient"], item, row.text("item_name"), row.text("national_code"), category, row.text("unit"), row["unit_price"],
            row["quantity"], row["amount"], row["performed_at"], row.found["ward"],
        )  # fmt: skip


def _check_amount(row: Row, going: Pass) -> None:
    price, quantity, amount = row["unit_price"], row["quantity"], row["amount"]
    if quantity is not None and (quantity == 0 or ((quantity > 0) != (amount >= 0) and amount != 0)):
        row.fail(going.layout, "sign", "amount")
    elif price is not None and price < 0:
        row.fail(going.layout, "negative", "unit_price")
    elif price is not None and quantity is not None:
        product = price * quantity * 100
        if abs(product - amount) > max(_ROUNDED, abs(amount) // 100):
            row.fail(going.layout, "product", "amount", sum=f"{product / 100:.2f}")


def _visits(rows: Sequence[Row], going: Pass) -> dict[tuple[str, str], tuple[UUID, UUID]]:
    """(institution's code, number) -> encounter and resident, of the visits taken on from the same system."""
    origin = going.origin
    known = {"layout": "visits", "institution_id": origin.institution_id, "system": origin.system}
    source = Source.objects.filter(**known).values_list("id", flat=True).first()
    if source is None:
        return {}
    asked = {f"{row.text('institution_code')}|{row.text('number')}" for row in rows}
    taken = TakenRow.objects.filter(source_id=source, number__in=asked).values_list("number", "target")
    targets = dict(taken)
    people = records.people_and_places(list(targets.values()))
    return {
        tuple(number.split("|", 1)): (key, people[key][0]) for number, key in targets.items() if key in people  # type: ignore[misc]
    }  # fmt: skip


def _stays(rows: Sequence[Row], houses: dict[str, Any]) -> dict[tuple[UUID, str], Any]:
    asked = {
        (house.id, row.text("number"))
        for row in rows
        if (house := houses.get(_fold(row.text("institution_code")))) is not None
    }
    return clinic.stays_by_record(asked)


def _stay_at(stays: Sequence[Any], at: datetime) -> tuple[UUID, UUID] | None:
    """The stay within which something was charged."""
    for encounter, resident, admitted, discharged in stays:
        if admitted - _BESIDE <= at <= discharged + _BESIDE:
            return encounter, resident
    return None


def _fold(text: str) -> str:
    return text.replace(" ", "").upper()


def declare() -> None:
    """Offer the writer."""
    register("charges", Charges())
