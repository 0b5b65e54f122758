"""Secrets of one-time codes under a new key. Recovery codes are kept as digests only: theirs count while the former secret is at hand."""

from uuid import UUID

from django.db import transaction

from yigong.access import secret
from yigong.access.models import Account
from yigong.core.rotation import Batch


def left() -> int:
    """Accounts whose secret lies under another key."""
    return Account.objects.exclude(otp_secret="").exclude(otp_secret__startswith=secret.current_mark()).count()


@transaction.atomic
def reseal(after: UUID | None, limit: int) -> Batch:
    """The next accounts behind a key."""
    waiting = Account.objects.exclude(otp_secret="").exclude(otp_secret__startswith=secret.current_mark())
    rows = waiting.filter(pk__gt=after) if after else waiting
    chosen = list(rows.order_by("pk").select_for_update(skip_locked=True)[:limit])
    broken = 0
    for row in chosen:
        try:
            sealed = secret.seal(secret.unseal(row.otp_secret, "otp"), "otp")
        except ValueError:
            broken += 1
            continue
        Account.objects.filter(pk=row.pk).update(otp_secret=sealed)
    return Batch(len(chosen), broken, chosen[-1].pk if chosen else None)
