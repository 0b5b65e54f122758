"""What happens when front pages are coded and bills are settled or taken back."""

from yigong.clinic import api as clinic
from yigong.clinic.events import FrontPageCoded, FrontPageReopened
from yigong.core.actor import system
from yigong.insurance.claims.commands.listing import build_list
from yigong.insurance.claims.commands.sending import withdraw_list
from yigong.insurance.claims.errors import NothingToDeclare
from yigong.insurance.claims.models import OVER, SettlementList
from yigong.insurance.settlement.events import BillSettled, SettlementReversed

CLERK = system("claims")


def on_coded(event: FrontPageCoded) -> None:
    """The front page is locked: with a settlement there is a list."""
    bill_id = clinic.stay(event.stay_id).bill_id
    if bill_id is not None:
        _build(bill_id)


def on_settled(event: BillSettled) -> None:
    """The bill is settled: with a locked front page there is a list."""
    if event.bill_id is not None:
        _build(event.bill_id)


def _build(bill_id: object) -> None:
    try:
        build_list(bill_id=bill_id, actor=CLERK)  # type: ignore[arg-type]
    except NothingToDeclare:
        return  # the other half is still to come


def on_reopened(event: FrontPageReopened) -> None:
    """The list no longer says what the front page says."""
    rows = SettlementList.objects.filter(stay_id=event.stay_id).exclude(state__in=OVER)
    rows.update(outdated=f"病案首页已解锁修改（{event.reason}），编码锁定后清单会重新生成。"[:200])


def on_reversed(event: SettlementReversed) -> None:
    """The settlement was taken back."""
    withdraw_list(settlement_id=event.settlement_id, reason="结算已冲正", actor=CLERK)
