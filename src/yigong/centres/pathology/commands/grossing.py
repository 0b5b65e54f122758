"""Cutting: the description, the blocks, or for cytology the slides straight from the container."""

from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from yigong.centres.pathology.commands.errors import NotForThis, StillInPieces
from yigong.centres.pathology.commands.steps import LIVE, locked, step
from yigong.centres.pathology.models import Case, Specimen
from yigong.centres.pathology.rules import catalogue
from yigong.centres.pathology.rules.fixation import judge
from yigong.centres.pathology.rules.specimens import SPECIMEN
from yigong.core import clock
from yigong.core.actor import Actor
from yigong.core.commands import racing
from yigong.core.errors import InvalidInput
from yigong.core.numbers.api import next_value
from yigong.core.states import api as states
from yigong.orders import api as orders

MOST_AT_ONCE = 40


@racing("pathology.gross_container")
@transaction.atomic
def gross_container(
    *, code: str, description: str, tissues: list[str], actor: Actor, recorder: str = "", decalcify: bool = False
) -> list[Specimen]:
    """The container is described and cut: one block (or slide) for each of ``tissues``, with the next free numbers; again adds more.

    How long the tissue lay dry and in the fixative is judged at the first cut. Returns the new pieces with their slides.
    """
    row = locked(code)
    order = orders.order_facts(row.order_id)
    item = catalogue.item_of(order)
    if not item.is_cut:
        raise NotForThis(what=_("取材"))
    if row.state == "received" and not description.strip():
        raise InvalidInput(errors={"description": _("请填写大体描述。")})
    names = [name.strip()[:80] for name in tissues if name.strip()]
    if not 0 < len(names) <= MOST_AT_ONCE:
        raise InvalidInput(errors={"tissues": _("请写明每块取自何处，一行一块，1 到 %(n)s 块。") % {"n": MOST_AT_ONCE}})
    if row.state != "grossed":
        row = step(
            row, "gross", actor, gross=description.strip(), recorder=recorder.strip()[:80], **_judged(row, item, actor)
        )
    elif description.strip():
        Specimen.objects.filter(pk=row.pk).update(gross=f"{row.gross}\n{description.strip()}")
    if item.product == "slide":
        return [make_slide(row, item.stain, actor, label=name) for name in names]
    made = []
    for name in names:
        block = _make_block(row, name, actor)
        if decalcify:
            step(block, "decalcify", actor)
        made += [block, make_slide(block, item.stain, actor)]
    return made


@transaction.atomic
def cancel_piece(*, code: str, reason: str, actor: Actor) -> Specimen:
    """A block or slide that was written down wrongly is taken away; its number is not given again. Slides not yet cut go with their block."""
    row = locked(code)
    for slide in row.parts.select_for_update().filter(state="ordered"):
        step(slide, "cancel", actor, reason=reason)
    _whole(row)
    return step(row, "cancel", actor, reason=reason, remark=reason.strip()[:300])


@transaction.atomic
def undo(*, code: str, reason: str, actor: Actor) -> Specimen:
    """Take back the last step of a container, block or slide, with the reason; what was made of it since must be taken back first."""
    row = locked(code)
    if row.state == "grossed":
        _whole(row)
        return step(
            row, "undo", actor, reason=reason, grossed_at=None, is_regular=None, cold_minutes=None, fixed_hours=None
        )
    if row.state == "stained":
        return step(row, "undo", actor, reason=reason, ready_at=None)
    return step(row, "undo", actor, reason=reason)


def make_slide(parent: Specimen, stain: str, actor: Actor, *, label: str = "", additional: bool = False) -> Specimen:
    """A slide to be cut from a block (or spread from a container), under the next free number of its stain."""
    whole = parent.code if parent.kind == "block" else f"{_case(parent)}-{parent.letter}"
    serial = next_value("pathology_slide", f"{whole}-{stain}")
    row = Specimen(
        kind=Specimen.Kind.SLIDE, code=f"{whole}-{stain}{serial}", order_id=parent.order_id, parent=parent, sender_id=parent.sender_id,
        centre_id=parent.centre_id, letter=parent.letter, label=label or catalogue.stains()[stain].name, stain=stain,
        ordered_by=actor.name[:80], is_additional=additional,
    )  # fmt: skip
    states.start(SPECIMEN, row, "ordered", actor=actor)
    return row


def _make_block(container: Specimen, label: str, actor: Actor) -> Specimen:
    whole = f"{_case(container)}-{container.letter}"
    row = Specimen(
        kind=Specimen.Kind.BLOCK, code=f"{whole}{next_value('pathology_block', whole)}", order_id=container.order_id,
        parent=container, sender_id=container.sender_id, centre_id=container.centre_id, letter=container.letter, label=label,
    )  # fmt: skip
    states.start(SPECIMEN, row, "cut", actor=actor)
    return row


def _case(row: Specimen) -> str:
    return Case.objects.values_list("number", flat=True).get(pk=row.order_id)


def _judged(row: Specimen, item: catalogue.Item, actor: Actor) -> dict[str, Any]:
    now = clock.now()
    facts: dict[str, Any] = {"grossed_at": now, "grossed_by": actor.name[:80]}
    fixative = catalogue.rules().fixatives.get(row.fixative)
    if fixative is None or not fixative.fixes:
        return facts
    found = judge(removed=row.removed_at, fixed=row.fixed_at, cut=now, now=now, limits=catalogue.limits(item))
    return {**facts, "cold_minutes": found.cold_minutes, "fixed_hours": found.hours, "is_regular": found.is_regular}


def _whole(row: Specimen) -> None:
    """Nothing made of it is still about."""
    if parts := row.parts.filter(state__in=LIVE).count():
        raise StillInPieces(code=row.code, n=parts)


def pieces_of(order_id: UUID) -> int:
    """How many blocks and slides an order has."""
    return Specimen.objects.filter(order_id=order_id, state__in=LIVE).exclude(kind="container").count()
