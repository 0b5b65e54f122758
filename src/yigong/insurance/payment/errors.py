"""Refusals of the payment calculations."""

from yigong.core.errors import InvalidInput


class PaymentInvalid(InvalidInput):
    """Figures or bands that cannot be calculated with."""

    code = "payment.invalid"
