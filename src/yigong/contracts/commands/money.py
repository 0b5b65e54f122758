"""Contract fees in the ledger: payers fill a team's pool, shares leave it."""

from collections.abc import Mapping
from uuid import NAMESPACE_URL, UUID, uuid5

from yigong.contracts.models import Contract
from yigong.core.actor import Actor
from yigong.core.ledger import api as ledger

UNIT = "fen"


def payer_account(source: str) -> UUID:
    """What a source has paid in, as a negative balance."""
    return ledger.open_account(f"contracts.payer.{source}", _owner(source), UNIT, may_go_negative=True).id


def pool_account(team_id: UUID) -> UUID:
    """What came in for a team and is not yet paid out."""
    return ledger.open_account("contracts.pool", team_id, UNIT).id


def share_account(owner_id: UUID, *, house: bool) -> UUID:
    """What a member or an institution was given."""
    return ledger.open_account("contracts.house" if house else "contracts.member", owner_id, UNIT).id


def _owner(source: str) -> UUID:
    """A payer is no row of ours: one key per source."""
    return uuid5(NAMESPACE_URL, f"yigong:contract-payer:{source}")


def charge(row: Contract, payers: Mapping[str, int], *, actor: Actor, part: str = "", reason: str = "") -> None:
    """Book what the sources pay for a contract (``part`` a package added later) into the pool of its team; nothing to pay books nothing."""
    total = sum(payers.values())
    if total == 0:
        return
    entries = [(payer_account(source), -fen) for source, fen in sorted(payers.items()) if fen]
    ledger.post(
        [*entries, (pool_account(row.team_id), total)], key=f"contracts/fee/{row.id}/{part}", actor=actor,
        reason=reason or row.number, about=row.id,
    )  # fmt: skip


def give_back(row: Contract, *, actor: Actor, reason: str) -> None:
    """Book a revoked contract's fee back to its sources. NotEnough when the pool was already shared."""
    entries = [(payer_account(source), fen) for source, fen in sorted(row.payers.items()) if fen]
    if entries:
        ledger.post(
            [*entries, (pool_account(row.team_id), -row.fee_fen)], key=f"contracts/back/{row.id}", actor=actor,
            reason=reason, about=row.id,
        )  # fmt: skip


def return_rest(row: Contract, parts: Mapping[str, int], *, actor: Actor) -> None:
    """Book the fee for days to come back to its sources at an early end. NotEnough when the pool was already shared."""
    _return(row, parts, 1, actor, "rest", row.number)


def take_again(row: Contract, *, actor: Actor) -> None:
    """Undo that: the ended contract goes on, what had gone back comes in again."""
    _return(row, row.returned, -1, actor, "again", row.number)


def _return(row: Contract, parts: Mapping[str, int], sign: int, actor: Actor, what: str, reason: str) -> None:
    entries = [(payer_account(source), sign * fen) for source, fen in sorted(parts.items()) if fen]
    if entries:
        total = sum(fen for _account, fen in entries)
        key = f"contracts/{what}/{row.id}/{row.version}"
        ledger.post([*entries, (pool_account(row.team_id), -total)], key=key, actor=actor, reason=reason, about=row.id)


def hand_over(row: Contract, fen: int, *, to_team: UUID, actor: Actor, key: str) -> None:
    """What was paid for days that another team will serve goes over to its pool."""
    if fen:
        entries = [(pool_account(row.team_id), -fen), (pool_account(to_team), fen)]
        ledger.post(entries, key=key, actor=actor, reason=row.number, about=row.id)
