"""Refusals of the room."""

from yigong.core.errors import InvalidInput


class DeductTooMuch(InvalidInput):
    """More is deducted than is in doubt."""

    code = "review.deduct_too_much"
    message = "扣减金额应在 0 至疑点金额 %(most)s 元之间。"


class AppealInvalid(InvalidInput):
    """An appeal without text or with files that cannot be taken."""

    code = "review.appeal_invalid"
