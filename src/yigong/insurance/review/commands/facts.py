"""Keeping the facts: a bill is copied when it is settled and again when it changes."""

from uuid import UUID

from django.db import transaction

from yigong.clinic import api as clinic
from yigong.clinic.data import BillData
from yigong.insurance.review.models import BillFact, LineFact
from yigong.insurance.review.queries.facts import bill_fact, day_of, line_facts


@transaction.atomic
def take_bill(bill: BillData) -> BillFact:
    """The facts of a bill in the place of what was known of it."""
    row = BillFact(**bill_fact(bill, day_of(bill)))
    drop_bill(bill.id)
    row.save(force_insert=True)
    LineFact.objects.bulk_create(LineFact(**line) for line in line_facts(bill))
    return row


def drop_bill(bill_id: UUID) -> None:
    """The bill is not settled any more."""
    BillFact.objects.filter(pk=bill_id).delete()


def refresh(bill_id: UUID) -> None:
    """Settled: copy it. Not settled: forget it. Findings stay, they carry their evidence."""
    bill = clinic.bill(bill_id)
    if bill.state in ("settled", "partly_returned") and bill.lines:
        take_bill(bill)
    else:
        drop_bill(bill_id)
