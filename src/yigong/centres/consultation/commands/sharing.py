"""The fee of a consultation is shared when its conclusion is signed."""

from yigong.centres.consultation.models import Consultation, FeeShare
from yigong.centres.consultation.rules import fees
from yigong.centres.consultation.rules.definitions import parameters


def share_fee(row: Consultation) -> list[FeeShare]:
    """Write the parts of the price of the day of the order, by the weights in force; no price, no parts."""
    price = sum(item.price or 0 for item in row.order.items.all())
    if not price:
        return []
    experts = list(row.invitations.filter(state="opined").order_by("id").values_list("expert_id", "institution_id"))
    parts = fees.share(
        price, parameters().shares, inviting=row.order.requesting_institution_id, centre=row.order.reporting_institution_id,
        experts=experts,
    )  # fmt: skip
    return FeeShare.objects.bulk_create(
        FeeShare(
            consultation=row, kind=part.kind, institution_id=part.institution_id, expert_id=part.expert_id, weight=part.weight,
            amount=part.amount,
        )
        for part in parts
    )  # fmt: skip
