"""The accounts of the funds in the ledger, in fen."""

from uuid import NAMESPACE_URL, UUID, uuid5

from yigong.core.ledger import api as ledger

OWNER = uuid5(NAMESPACE_URL, "yigong/assistance")
FUNDS = ("aid", "relief")


def account(fund: str) -> ledger.AccountData:
    """The account of assistance or relief; the ledger does not let it fall below nothing."""
    return ledger.open_account(f"assistance.{fund}", OWNER, "fen")


def outside(fund: str) -> UUID:
    """Where money comes from and where payments to people go."""
    return ledger.open_account(f"assistance.{fund}.outside", OWNER, "fen", may_go_negative=True).id


def made_over(fund: str, institution_id: UUID) -> UUID:
    """What an institution got from a fund for people settled there."""
    return ledger.open_account(f"assistance.{fund}.institution", institution_id, "fen").id
