"""What changes contracts; each function is one change."""

from yigong.contracts.commands.counting import note_service, recount, unnote_service
from yigong.contracts.commands.ending import (
    end_contract,
    reopen_contract,
    revoke_contract,
    transfer_contract,
    withdraw_offer,
)
from yigong.contracts.commands.fees import reverse_share, share_fee
from yigong.contracts.commands.groups import refresh_groups
from yigong.contracts.commands.renewing import renew_contracts
from yigong.contracts.commands.signing import (
    add_package,
    confirm_contract,
    offer_contract,
    sign_contract,
    sign_household,
)
from yigong.contracts.commands.teams import add_area, add_member, close_team, create_team, remove_area, remove_member

__all__ = [
    "add_area",
    "add_member",
    "add_package",
    "close_team",
    "confirm_contract",
    "create_team",
    "end_contract",
    "note_service",
    "offer_contract",
    "recount",
    "refresh_groups",
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
