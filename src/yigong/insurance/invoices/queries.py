"""The register of invoices, the blocks with what became of their numbers, and who may read."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from uuid import NAMESPACE_OID, UUID, uuid5

from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext as _

from yigong.access import api as access
from yigong.access.data import Decision, Subject
from yigong.core import clock
from yigong.core.actor import Actor
from yigong.core.errors import NotFound
from yigong.core.numbers import api as numbers
from yigong.core.numbers.models import Block
from yigong.core.paging import Page, page_of
from yigong.core.rights import note_decision
from yigong.core.statements import fetch
from yigong.insurance.invoices import policies
from yigong.insurance.invoices.data import InvoiceData, Use
from yigong.insurance.invoices.models import Invoice
from yigong.insurance.invoices.rules import INVOICE
from yigong.network import api as network


def block_kind(kind: str) -> str:
    """The kind under which ``core.numbers`` keeps the blocks of one kind of invoice."""
    return f"invoice.{kind}"


def cashier_of(actor: Actor) -> UUID:
    """Whose account of numbers it is."""
    return actor.staff_id or actor.account_id or uuid5(NAMESPACE_OID, f"yigong.till.{actor.name}")


def keeps_for(actor: Actor) -> set[UUID]:
    """The institutions whose blocks somebody may write down: the own ones and those below (a township keeps its villages' paper)."""
    below = network.descendants(actor.institution_id) if actor.institution_id else set()
    return {*actor.places, *below}


def to_data(row: Invoice) -> InvoiceData:
    """As other rooms see it."""
    return InvoiceData(
        row.id, row.code, row.number, row.state, INVOICE.label(row.state), row.source_id, row.amount, row.issued_at, row.cashier_name
    )  # fmt: skip


def of_source(source_id: UUID) -> list[InvoiceData]:
    """The invoices of a settlement, the latest first; for rooms that have decided."""
    return [to_data(row) for row in Invoice.objects.filter(source_id=source_id).order_by("-id")]


def counting(source_ids: Collection[UUID]) -> Mapping[UUID, InvoiceData]:
    """The invoice that counts, by settlement; for rooms that have decided."""
    rows = Invoice.objects.filter(source_id__in=source_ids, state="issued")
    return {row.source_id: to_data(row) for row in rows if row.source_id}


def next_number(kind: str, actor: Actor) -> str:
    """What the next sheet in the printer should say, empty where no block has a number left."""
    if actor.institution_id is None:
        return ""
    mine = numbers.blocks_of([str(actor.institution_id)], kind=block_kind(kind), holder=str(cashier_of(actor)))
    open_ones = [row for row in mine if row.left]
    row = min(open_ones, key=lambda one: (one.holder == "", one.opened_at, one.id), default=None)
    return row.written(row.next) if row else ""


def decide(actor: Actor, action: str, invoice_id: UUID) -> Decision:
    """The institution that issued reads its invoices."""
    found = Invoice.objects.filter(pk=invoice_id).values_list("institution_id", "resident_id").first()
    if found is None:
        raise NotFound()
    if actor.is_system or (actor.has(policies.READ) and found[0] in actor.institution_ids):
        return Decision(True, "encounter", _("依据：在本机构开票"), resident_id=found[1])
    explanation = _("这张票据不是%(place)s开具的。") % {"place": actor.institution_name}
    return Decision(False, "none", explanation, _("如需了解，请联系开票机构。"), resident_id=found[1])


def visible(actor: Actor) -> QuerySet[Invoice]:
    """The same question for lists."""
    if actor.is_system:
        return Invoice.objects.all()
    mine = Invoice.objects.filter(institution_id__in=actor.institution_ids)
    return mine if actor.has(policies.READ) else mine.none()


def access_invoice(invoice_id: UUID, *, actor: Actor, action: str = "read_detail") -> Invoice:
    """One invoice after a logged decision."""
    access.require(actor, action, Subject("invoice", invoice_id))
    return Invoice.objects.select_related("reverses", "reversed_by").get(pk=invoice_id)


def register(actor: Actor, *, text: str, day: date | None, state: str, block: UUID | None, page: int) -> Page[Invoice]:
    """Invoices of the actor's institutions, the latest first; decided and logged in one go."""
    rows = visible(actor)
    if text:
        rows = rows.filter(Q(number=text) | Q(source_number=text) | Q(payer=text))
    if day:
        since, until = clock.span(day, day)
        rows = rows.filter(issued_at__gte=since, issued_at__lt=until)
    if state in INVOICE.states:
        rows = rows.filter(state=state)
    if block:
        rows = rows.filter(block_id=block)
    found = page_of(rows.order_by("-id"), page=page, limit=30)
    if found.items:
        access.decide_many(actor, "read_detail", "invoice", [row.id for row in found.items])
    else:
        note_decision()
    return found


@dataclass(frozen=True, slots=True)
class BlockAccount:
    """A block and what became of its numbers; ``missing`` must be nothing."""

    block: Block
    counted: int
    by_state: Mapping[str, int]

    @property
    def missing(self) -> int:
        """Numbers taken without a row."""
        return self.block.taken - self.counted


def accounts(institution_ids: Iterable[UUID], *, page: int = 1) -> Page[BlockAccount]:
    """Blocks of these institutions with the account of their numbers, in two statements."""
    found = page_of(
        numbers.blocks_of([str(key) for key in institution_ids]).filter(kind__startswith="invoice."), page=page
    )
    counts: dict[UUID, dict[str, int]] = {}
    rows = Invoice.objects.filter(block_id__in=[row.id for row in found.items])
    for block_id, state, count in rows.values_list("block_id", "state").annotate(Count("id")):
        counts.setdefault(block_id, {})[state] = count
    return found.map(lambda row: BlockAccount(row, sum(counts.get(row.id, {}).values()), counts.get(row.id, {})))


_USES = """
select kind, code, min(number), max(number), count(*), count(*) filter (where state = 'voided'), count(*) filter (where state = 'red'),
    count(*) filter (where state = 'spoiled')
from (
    select *, serial - row_number() over (partition by kind, code order by serial) as run from invoices_invoice
    where cashier_id = %(cashier)s and closed_in is null) as mine
group by kind, code, run order by kind, code, min(serial)
"""


def uses(cashier_id: UUID) -> list[Use]:
    """Which numbers a cashier used since the last closing, of whichever institution, run by run."""
    return [Use(*row) for row in fetch(_USES, {"cashier": cashier_id})]


def held_about(ids: Collection[UUID]) -> int:
    """How many invoices are kept under these residents' keys."""
    return Invoice.objects.filter(resident_id__in=ids).count()
