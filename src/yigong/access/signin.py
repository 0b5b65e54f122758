"""Signing in: throttled by name and source address together, then the password, then the one-time code where one is set up."""

from typing import Any
from uuid import UUID

from django.contrib import auth
from django.db import connection
from django.http import HttpRequest
from django.utils.translation import gettext as _

from yigong.access import errors, otp, rules
from yigong.access.actors import actor_of
from yigong.access.models import Account, LoginThrottle
from yigong.core import clock
from yigong.core.commands import racing

# None leaves blocked_until empty: a "blocked until this very instant" would refuse an attempt that began a moment earlier.
_WAITS = [rules.wait_after(n).total_seconds() or None for n in range(1, 20)]
# Takes an attempt before the password is looked at, so that a hundred guesses at once are not all free.
_TAKE = """
insert into access_loginthrottle as t (username, address, failures, last_failure_at) values (%(name)s, %(address)s, 1, %(now)s)
on conflict (username, address) do update set
    failures = case when t.last_failure_at < %(now)s - interval '12 hours' then 1 else t.failures + 1 end,
    last_failure_at = %(now)s,
    blocked_until = %(now)s + make_interval(secs => (%(waits)s::float[])[least(
        case when t.last_failure_at < %(now)s - interval '12 hours' then 1 else t.failures + 1 end, %(longest)s)])
where t.blocked_until is null or t.blocked_until <= %(now)s
returning failures
"""


@racing("access.sign_in")
def check_password(username: str, password: str, address: str) -> Account:
    """The account whose name and password these are; each failure of the pair (name, address) makes the next wait longer."""
    name = username.strip().lower()[:64]
    _take_attempt(name, address)
    account = auth.authenticate(username=name, password=password)
    if account is None:
        locked = Account.objects.filter(username=name, is_active=False).first()
        if locked is None or not locked.check_password(password):
            raise errors.WrongCredentials
        raise errors.AccountLocked(reason=locked.lock_reason)
    assert isinstance(account, Account)
    LoginThrottle.objects.filter(username=name, address=address).delete()
    return account


def start_session(request: HttpRequest, account: Account) -> None:
    """Open the session of a person whose password (and code) were right; NoPost when there is nothing to do here."""
    actor_of(account.id)
    auth.login(request, account, backend="django.contrib.auth.backends.ModelBackend")
    request.session["address"] = request.META.get("REMOTE_ADDR", "")[:64]
    request.session["agent"] = request.META.get("HTTP_USER_AGENT", "")[:200]
    request.session.cycle_key()


def switch_post(request: HttpRequest, account_id: UUID, post_id: UUID) -> None:
    """Act at another of one's posts from the next request on."""
    actor = actor_of(account_id, post_id)
    request.session["post"] = str(actor.post_id)
    request.session["stamp"] = None


def _take_attempt(name: str, address: str) -> None:
    values: dict[str, Any] = {
        "name": name,
        "address": address,
        "now": clock.now(),
        "waits": _WAITS,
        "longest": len(_WAITS),
    }
    with connection.cursor() as cursor:
        cursor.execute(_TAKE, values)
        if cursor.fetchone():
            return
    row = LoginThrottle.objects.get(username=name, address=address)
    left = int((row.blocked_until - clock.now()).total_seconds()) + 1 if row.blocked_until else 1
    wait = _("%(n)s 分钟") % {"n": -(-left // 60)} if left > 60 else _("%(n)s 秒") % {"n": max(left, 1)}
    raise errors.TooManyAttempts(failures=row.failures, wait=wait)


def check_code(account: Account, code: str, address: str) -> None:
    """The second step, throttled like the first."""
    name = f"code:{account.username}"[:64]
    _take_attempt(name, address)
    otp.check(account.id, code)
    LoginThrottle.objects.filter(username=name, address=address).delete()
