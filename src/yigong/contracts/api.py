"""Family-doctor contracts: the door for other rooms. Keyword-only commands; results are frozen dataclasses of ``contracts.data``."""

from collections.abc import Collection
from uuid import UUID

from yigong.contracts.commands import (
    add_area,
    add_member,
    add_package,
    close_team,
    confirm_contract,
    create_team,
    end_contract,
    note_service,
    offer_contract,
    recount,
    refresh_groups,
    remove_area,
    remove_member,
    renew_contracts,
    reopen_contract,
    reverse_share,
    revoke_contract,
    share_fee,
    sign_contract,
    sign_household,
    transfer_contract,
    unnote_service,
    withdraw_offer,
)
from yigong.contracts.data import ContractData, FeeShareData, ItemData, Offered, SignedMany, TeamData
from yigong.contracts.errors import AlreadySigned, LinkOver
from yigong.contracts.queries import contracts as _contracts
from yigong.contracts.queries.groups import register_roll
from yigong.core.actor import Actor
from yigong.residents import api as residents

__all__ = [
    "AlreadySigned",
    "ContractData",
    "FeeShareData",
    "ItemData",
    "LinkOver",
    "Offered",
    "SignedMany",
    "TeamData",
    "add_area",
    "add_member",
    "add_package",
    "close_team",
    "confirm_contract",
    "contract_of",
    "contracted_at",
    "contracts_of",
    "create_team",
    "end_contract",
    "note_service",
    "offer_contract",
    "recount",
    "refresh_groups",
    "register_roll",
    "remove_area",
    "remove_member",
    "renew_contracts",
    "reopen_contract",
    "reverse_share",
    "revoke_contract",
    "share_fee",
    "sign_contract",
    "sign_household",
    "transfer_contract",
    "unnote_service",
    "withdraw_offer",
]


def contract_of(resident_id: UUID, *, actor: Actor) -> ContractData | None:
    """The contract that holds for a person today. Decides and logs."""
    person = residents.access_resident(resident_id, actor=actor)
    row = _contracts.valid_of(person.id)
    return _contracts.to_data(row) if row else None


def contracts_of(resident_id: UUID, *, actor: Actor) -> list[ContractData]:
    """All contracts of a person, newest first. Decides and logs."""
    return _contracts.of_resident(residents.access_resident(resident_id, actor=actor).id)


def contracted_at(resident_id: UUID, institution_ids: Collection[UUID]) -> bool:
    """Whether a contract holds today with a team of one of these institutions; for a room that has decided (a counter's benefit)."""
    row = _contracts.valid_of(resident_id)
    return row is not None and row.institution_id in set(institution_ids)
