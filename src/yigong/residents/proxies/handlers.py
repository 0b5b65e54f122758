"""What happens to people ends what they may do for others."""

from django.utils.translation import gettext as _

from yigong.residents.events import ResidentClosed, ResidentMerged
from yigong.residents.proxies.commands import end_proxies_of, end_proxies_with_oneself

_REASONS = {"deceased": "一方已死亡", "moved": "一方已迁出", "cancelled": "一方档案已注销"}


def person_closed(fact: ResidentClosed) -> None:
    """Death, moving away and cancelling end proxies of both sides."""
    end_proxies_of(fact.resident_id, _(_REASONS[fact.status]))


def people_merged(fact: ResidentMerged) -> None:
    """Who acted for the other now is the other."""
    end_proxies_with_oneself(fact.resident_id)
