"""Refusals of this room."""

from django.utils.translation import gettext_noop

from yigong.core.errors import Conflict


class HasOne(Conflict):
    """One card of a kind in force per person."""

    code = "cards.has_one"
    message = gettext_noop(
        "该居民已有一张%(state)s的%(kind)s（%(number)s）。遗失或损坏请办理补换卡；不再使用请先注销。"
    )


class NumberHeld(Conflict):
    """The number is somebody else's, or another kind of document's."""

    code = "cards.number_held"


class NoCode(Conflict):
    """There is no card in force that could be shown as a code."""

    code = "cards.no_code"
    message = gettext_noop("该居民没有有效的居民健康卡，请先发卡。")
