"""A day held against the platform: totals first, details where they differ, every difference on the desk."""

from collections.abc import Mapping
from datetime import date
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from yigong.core import clock
from yigong.core.actor import Actor
from yigong.core.commands import racing
from yigong.core.errors import Forbidden, InvalidInput
from yigong.insurance.settlement import errors, policies
from yigong.insurance.settlement.commands.differences import open_difference, open_theirs
from yigong.insurance.settlement.commands.reversing import check_here
from yigong.insurance.settlement.gateway import Gateway, PlatformDay, PlatformRow, gateway_of
from yigong.insurance.settlement.models import FUNDS, Difference, Reconciliation, Settlement


@racing("settlement.reconcile")
def reconcile(
    *, institution_id: UUID, day: date, scheme: str, actor: Actor, gateway: Gateway | None = None
) -> Reconciliation:
    """Hold one day of one scheme against the platform (the institution's own unless one is given); may be done again. Differences that are
    settled meanwhile close by themselves."""
    if not actor.has(policies.RESOLVE):
        raise Forbidden()
    check_here(institution_id, actor)
    if day > clock.today():
        raise InvalidInput(errors={"day": _("不能对还没有到的日子。")})
    gateway = gateway or gateway_of(institution_id)
    if gateway is None:
        raise errors.PlatformDown(why=_("没有配置医保平台"))
    rows = list(platform_rows(institution_id, day, scheme))
    ours = sums_of([_as_theirs(row) for row in rows])
    answer = gateway.reconcile(day, scheme, ours, [_as_theirs(row) for row in rows])
    with transaction.atomic():
        _compare(institution_id, day, rows, answer)
        theirs = None if answer.equal else sums_of(answer.rows)
        row, _new = Reconciliation.objects.update_or_create(
            institution_id=institution_id, day=day, scheme=scheme,
            defaults={"ours": ours, "theirs": theirs, "equal": answer.equal, "done_at": clock.now(), "done_by": actor.name[:80]},
        )  # fmt: skip
    return row


def platform_rows(institution_id: UUID, day: date, scheme: str) -> list[Settlement]:
    """What was settled or taken back with the platform on a day."""
    return list(
        Settlement.objects.filter(
            institution_id=institution_id, settled_on=day, scheme=scheme, channel="platform"
        ).select_related("reverses")
    )


def sums_of(rows: "list[PlatformRow] | tuple[PlatformRow, ...]") -> dict[str, int]:
    """The four figures of the totals reconciliation."""
    return {
        "total": sum(row.total for row in rows), "funds": sum(row.funds for row in rows), "account": sum(row.account for row in rows),
        "count": sum(-1 if row.reversed else 1 for row in rows),
    }  # fmt: skip


def _as_theirs(row: Settlement) -> PlatformRow:
    funds = sum(getattr(row, fund) for fund in FUNDS)
    return PlatformRow(
        row.settlement_ref,
        row.message_id,
        row.person_ref,
        row.total,
        funds,
        row.account + row.family,
        row.reverses_id is not None,
    )


def _compare(institution_id: UUID, day: date, rows: list[Settlement], answer: PlatformDay) -> None:
    if answer.equal:
        return
    mine = {(row.settlement_ref, row.reverses_id is not None): row for row in rows}
    theirs = {(row.settlement_ref, row.reversed): row for row in answer.rows}
    for key, row in mine.items():
        other = theirs.get(key)
        if other is None:
            open_difference(row, "only_here", theirs=None)
        elif (other.total, other.funds, other.account) != _money(row):
            open_difference(row, "sums", theirs={"total": other.total, "funds": other.funds, "account": other.account})
    for key, other in theirs.items():
        if key not in mine and not _taken_back_there(key[0], mine, theirs) and not _known_to_be_open(other):
            open_theirs(institution_id, day, other)


def _taken_back_there(
    ref: str, mine: Mapping[tuple[str, bool], Settlement], theirs: Mapping[tuple[str, bool], PlatformRow]
) -> bool:
    """Settled there and taken back there, neither of them booked here (a dispute that was withdrawn): nothing is left to agree on."""
    done, back = theirs.get((ref, False)), theirs.get((ref, True))
    if done is None or back is None or (ref, False) in mine or (ref, True) in mine:
        return False
    return (abs(done.total), abs(done.funds), abs(done.account)) == (
        abs(back.total),
        abs(back.funds),
        abs(back.account),
    )


def _money(row: Settlement) -> tuple[int, int, int]:
    return row.total, sum(getattr(row, fund) for fund in FUNDS), row.account + row.family


def _known_to_be_open(theirs: PlatformRow) -> bool:
    """Whether the desk has it already as a lost answer or a dispute."""
    return Difference.objects.filter(state="open", message_id=theirs.message_id).exclude(message_id="").exists()
