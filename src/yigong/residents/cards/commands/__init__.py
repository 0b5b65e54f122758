"""Changes of cards: one function per change."""

from yigong.residents.cards.commands.issuing import issue_card, replace_card
from yigong.residents.cards.commands.states import cancel_card, lift_loss, report_loss
from yigong.residents.cards.commands.using import scan

__all__ = ["cancel_card", "issue_card", "lift_loss", "replace_card", "report_loss", "scan"]
