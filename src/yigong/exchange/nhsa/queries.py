"""The log of messages."""

from datetime import date, datetime, time, timedelta
from uuid import UUID

from yigong.core.clock import SHANGHAI
from yigong.core.paging import Page, page_of
from yigong.exchange.nhsa.models import PlatformMessage


def messages(
    institution_ids: frozenset[UUID], *, text: str = "", outcome: str = "", day: date | None = None, page: int = 1
) -> Page[PlatformMessage]:
    """Messages of the institutions, latest first; ``text`` is a transaction number, a message id or a bill's number."""
    rows = PlatformMessage.objects.filter(institution_id__in=institution_ids)
    if text:
        rows = rows.filter(infno=text) if len(text) <= 6 else rows.filter(message_id=text) | rows.filter(about=text)
    if outcome:
        rows = rows.filter(outcome=outcome)
    if day:
        begin = datetime.combine(day, time(), SHANGHAI)
        rows = rows.filter(sent_at__gte=begin, sent_at__lt=begin + timedelta(days=1))
    return page_of(rows.order_by("-sent_at", "-id").defer("request", "answer"), page=page, limit=30)
