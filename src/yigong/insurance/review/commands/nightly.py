"""The run over all bills: what is new becomes a finding, what is known stays as it is."""

from django.db import transaction

from yigong.core import clock
from yigong.core.actor import Actor
from yigong.core.commands import one_at_a_time, racing
from yigong.core.ids import new_id
from yigong.core.states.models import StateChange
from yigong.insurance.review.data import Hit
from yigong.insurance.review.models import BillFact, Run, Suspicion
from yigong.insurance.review.queries.checking import check_stored
from yigong.insurance.review.rules.definitions import RuleSet, rule_set

_BATCH = 1000


@racing("review.run_rules")
@transaction.atomic
def run_rules(*, actor: Actor) -> Run:
    """Run every rule over every bill of the look-back time. Running it again finds nothing new; two runs at once wait for each other."""
    one_at_a_time("review.run")
    began, rules = clock.now(), rule_set()
    hits = check_stored(rules)
    fresh = _unknown(hits)
    bills = BillFact.objects.in_bulk({hit.bill_id for hit in fresh})
    rows = [_row(hit, bills[hit.bill_id], rules) for hit in fresh]
    Suspicion.objects.bulk_create(rows, batch_size=_BATCH)
    StateChange.objects.bulk_create([_first_line(row, actor) for row in rows], batch_size=_BATCH)
    return Run.objects.create(
        began_at=began,
        ended_at=clock.now(),
        bills=BillFact.objects.count(),
        hits=len(hits),
        fresh=len(rows),
        version=rules.version,
    )


def _unknown(hits: list[Hit]) -> list[Hit]:
    """Hits whose evidence nobody reported yet; a rule says one thing once."""
    known = set(Suspicion.objects.values_list("rule", "key").iterator(chunk_size=5000))
    fresh: dict[tuple[str, str], Hit] = {}
    for hit in hits:
        if (hit.rule, hit.key[:160]) not in known and hit.evidence:
            fresh.setdefault((hit.rule, hit.key[:160]), hit)
    return list(fresh.values())


def _row(hit: Hit, bill: BillFact, rules: RuleSet) -> Suspicion:
    rule = next(one for one in rules.rules if one.code == hit.rule)
    return Suspicion(
        id=new_id(), state="found", state_since=clock.now(), version=1, rule=hit.rule, rule_version=rules.version, title=rule.title[:60],
        sentence=rule.sentence[:200], clause=rule.clause[:300], key=hit.key[:160], bill_id=bill.id, bill_number=bill.number,
        resident_id=bill.resident_id, patient_name=bill.patient_name, institution_id=bill.institution_id, settled_on=bill.settled_on,
        amount=hit.amount, evidence=list(hit.evidence), found_at=clock.now(),
    )  # fmt: skip


def _first_line(row: Suspicion, actor: Actor) -> StateChange:
    return StateChange(
        table="review.suspicion", object_id=row.id, version=1, action="create", from_state="", to_state="found", actor_name=actor.name,
        actor_role=actor.role, staff_id=actor.staff_id, institution_id=actor.institution_id, at=row.state_since,
    )  # fmt: skip
