"""Random sequences of register, arrive, link, merge, split and undo against a plain model of where each record is."""

import os
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from yigong.core.actor import Actor
from yigong.core.errors import DomainError
from yigong.residents import api, queries
from yigong.residents.data import GivenNumber, LinkOperationData, NewResident
from yigong.residents.models import Identifier, LinkOperation, Resident, SourceRecord
from yigong.residents.rules import golden
from yigong.residents.tests.factories import citizen_number, make_actor

pytestmark = pytest.mark.django_db
STEPS = ["register", "arrive", "correct", "link", "merge", "split", "undo"]
SEQUENCES = int(os.environ.get("YIGONG_LINK_SEQUENCES", "25"))
_counts: dict[str, int] = {}


@dataclass
class County:
    """What was done, and where each record was registered."""

    actor: Actor
    people: list[UUID] = field(default_factory=list)
    born_at: dict[UUID, UUID] = field(default_factory=dict)
    done: list[LinkOperationData] = field(default_factory=list)
    serial: int = 0

    def given(self, pick: int) -> NewResident:
        """Somebody new: with and without number and phone."""
        self.serial += 1
        born = date(1940, 1, 1) + timedelta(days=self.serial * 37 + pick)
        numbers = (GivenNumber("01", citizen_number(born, "2")),) if pick % 2 else ()
        phone = f"138{self.serial:08d}" if pick % 3 else ""
        return NewResident(
            f"王{'甲乙丙丁戊己庚辛'[pick % 8]}{'一二三四五六'[self.serial % 6]}",
            "2",
            born,
            numbers=numbers,
            phone=phone,
        )

    def living(self, pick: int) -> UUID:
        """One of today's identities."""
        today = sorted(set(api.resolve(self.people).values()), key=self.people.index)
        return today[pick % len(today)]

    def register(self, a: int, _b: int) -> None:
        """A new person."""
        made = api.register_resident(given=self.given(a), actor=self.actor)
        self.people.append(made.resident.id)
        self.born_at[made.source_record_id] = made.resident.id

    def arrive(self, a: int, b: int) -> None:
        """A further record of a known person, asked for under any key it ever had."""
        made = api.link_registration(
            resident_id=self.people[a % len(self.people)], given=self.given(b), actor=self.actor
        )
        self.born_at[made.source_record_id] = made.resident.id

    def correct(self, a: int, b: int) -> None:
        """The desk corrects a name."""
        key = self.living(a)
        known = set(SourceRecord.objects.values_list("id", flat=True))
        api.change_resident(
            resident_id=key, changes={"name": f"李改{'子丑寅卯'[b % 4]}"}, reason="更正", actor=self.actor
        )
        for made in SourceRecord.objects.exclude(id__in=known):
            self.born_at[made.id] = made.resident_id

    def link(self, a: int, b: int) -> None:
        """One record to another person."""
        keys = sorted(self.born_at)
        self.note(
            api.link_record(record_id=keys[a % len(keys)], resident_id=self.living(b), reason="移", actor=self.actor)
        )

    def merge(self, a: int, b: int) -> None:
        """Two of today's identities."""
        self.note(
            api.merge_residents(survivor_id=self.living(a), other_id=self.living(b), reason="同", actor=self.actor)
        )

    def split(self, a: int, b: int) -> None:
        """Some records of a person."""
        key = self.living(a)
        mine = [r.id for r in queries.records_of([key])]
        chosen = [k for place, k in enumerate(mine) if (b >> place) & 1] or mine[:1]
        self.note(api.split_resident(resident_id=key, record_ids=chosen, reason="拆", actor=self.actor))

    def undo(self, a: int, _b: int) -> None:
        """Any operation that was done, not only the last."""
        if self.done:
            self.take_back(self.done[a % len(self.done)])

    def note(self, done: LinkOperationData) -> None:
        """Remember an operation and the identity it made."""
        self.done.append(done)
        if done.target_id not in self.people:
            self.people.append(done.target_id)

    def take_back(self, done: LinkOperationData) -> None:
        """Exactly the records of the operation go back, no other moves."""
        before = placing()
        api.undo_operation(operation_id=done.id, reason="撤", actor=self.actor)
        after = placing()
        assert {k: v for k, v in after.items() if v != before.get(k)} == dict.fromkeys(done.records, done.origin_id)
        assert len(after) == len(before)
        self.done.remove(done)


def placing() -> dict[UUID, UUID]:
    """Where each record hangs; what grounding writes down as records counts as the file's own."""
    return dict(SourceRecord.objects.values_list("id", "resident_id"))


def row(resident_id: UUID) -> dict[str, Any]:
    """What a file says, without version and the nonce of the phone."""
    values = Resident.objects.filter(pk=resident_id).values().get()
    skipped = ("version", "phone_sealed")
    return {k: bytes(v) if isinstance(v, memoryview) else v for k, v in values.items() if k not in skipped}


def check(county: County) -> None:
    """No record in two people or in none, no identity lost, every file what its records say."""
    where, rows = placing(), Resident.objects.in_bulk()
    assert set(county.people) == set(rows)
    assert set(county.born_at) == set(where)
    held = set(where.values())
    for resident in rows.values():
        assert (resident.id in held) == (resident.merged_into_id is None)
    assert set(api.resolve(rows).values()) == held
    for identifier in Identifier.objects.all():
        assert identifier.resident_id == where[identifier.source_record_id]
    for key in held:
        told = list(queries.contributions(queries.records_of([key])).values())
        best = golden.golden(told, queries.golden_rules())
        assert {u: best[u].value for u in golden.UNITS} == {u: queries.row_value(rows[key], u) for u in golden.UNITS}


def unwind(county: County) -> None:
    for done in reversed(
        list(LinkOperation.objects.filter(state="done").exclude(kind="undo").order_by("done_at", "id"))
    ):
        county.take_back(next(d for d in county.done if d.id == done.id))
    assert placing() == county.born_at


def attempt(step: Callable[[int, int], None], a: int, b: int) -> bool:
    """Carry out a step; a refusal leaves no trace."""
    try:
        with transaction.atomic():
            step(a, b)
    except DomainError:
        return False
    return True


@given(st.lists(st.tuples(st.sampled_from(STEPS), st.integers(0, 63), st.integers(0, 63)), min_size=4, max_size=22))
@settings(max_examples=SEQUENCES, suppress_health_check=list(HealthCheck), database=None, phases=[Phase.generate])
def run_sequence(steps: list[tuple[str, int, int]]) -> None:
    """One sequence, then everything taken back."""
    with transaction.atomic():
        county = County(replace(make_actor("identity_manager"), staff_id=uuid4()))
        for pick in range(3):
            county.register(pick, 0)
        first = {key: row(key) for key in county.people}
        for name, a, b in steps:
            went = attempt(getattr(county, name), a, b)
            _counts[name if went else f"{name} refused"] = _counts.get(name if went else f"{name} refused", 0) + 1
            check(county)
        unwind(county)
        check(county)
        plain = [k for k in first if sum(p == k for p in county.born_at.values()) == 1]
        assert {k: row(k) for k in plain} == {k: first[k] for k in plain}
        _counts["sequences"] = _counts.get("sequences", 0) + 1
        transaction.set_rollback(True)


def test_undo_restores_exactly_and_no_record_is_ever_in_two_people() -> None:
    """Prints how many sequences ran and what was in them."""
    _counts.clear()
    run_sequence()
    print(f"\n{_counts.pop('sequences')} sequences; steps carried out or refused: {dict(sorted(_counts.items()))}")
    assert _counts["undo"] and _counts["merge"] and _counts["split"] and _counts["link"]
