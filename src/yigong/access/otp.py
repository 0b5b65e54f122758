"""One-time codes from the phone (RFC 6238) and recovery codes for the day the phone is lost."""

import io
import secrets
from uuid import UUID

import pyotp
import segno
from django.db import transaction
from django.utils.translation import gettext as _

from yigong.access import commands, errors, secret
from yigong.access.models import Account, RecoveryCode
from yigong.core import clock
from yigong.core.actor import Actor
from yigong.core.commands import racing
from yigong.core.errors import Forbidden, InvalidInput

_ISSUER = "医共"
_STEP = 30
RECOVERY_CODES = 10


def fresh_secret() -> str:
    """A new secret, kept in the session until the first code proves that the phone has it."""
    return pyotp.random_base32()


def picture(plain: str, username: str) -> str:
    """The secret as an SVG QR code for an authenticator app."""
    address = pyotp.TOTP(plain).provisioning_uri(name=username, issuer_name=_ISSUER)
    out = io.BytesIO()
    segno.make(address, error="m").save(out, kind="svg", scale=4, border=2, xmldecl=False, svgns=True)
    return out.getvalue().decode()


@transaction.atomic
def switch_on(*, account_id: UUID, plain: str, code: str) -> list[str]:
    """Ask for a code at each sign-in from now on; returns the recovery codes, shown once."""
    step = _matching_step(plain, code, after=0)
    if step is None:
        raise InvalidInput(errors={"code": _("验证码不对，请确认手机时间准确，输入当前显示的 6 位数字。")})
    sealed = secret.seal(plain, "otp")
    Account.objects.filter(pk=account_id).update(otp_secret=sealed, otp_since=clock.now(), otp_last_step=step)
    RecoveryCode.objects.filter(account_id=account_id).delete()
    codes = [f"{secrets.randbelow(10**4):04d}-{secrets.randbelow(10**4):04d}" for _n in range(RECOVERY_CODES)]
    rows = [RecoveryCode(account_id=account_id, digest=_digest(account_id, code)) for code in dict.fromkeys(codes)]
    RecoveryCode.objects.bulk_create(rows)
    commands.note_change(Account.objects.get(pk=account_id), "codes_on", None)
    return list(dict.fromkeys(codes))


@transaction.atomic
def switch_off(*, account_id: UUID, password: str, actor: Actor) -> None:
    """Stop asking for codes; the owner proves to be present with the password."""
    row = Account.objects.select_for_update().get(pk=account_id)
    if actor.account_id != account_id:
        raise Forbidden
    if not row.check_password(password):
        raise InvalidInput(errors={"password": _("密码不对，请重新输入。")})
    _clear(row)


@transaction.atomic
def clear(*, account_id: UUID) -> None:
    """Take one-time codes off an account whose phone is lost (part of the administrator's password reset)."""
    _clear(Account.objects.get(pk=account_id))


@racing("access.one_time_code")
@transaction.atomic
def check(account_id: UUID, code: str) -> None:
    """Accept a current code not used before, or an unused recovery code; raise WrongCode otherwise."""
    row = Account.objects.get(pk=account_id)
    code = code.strip()
    step = _matching_step(secret.unseal(row.otp_secret, "otp"), code, after=row.otp_last_step)
    # The condition in the update makes each code good for one sign-in, also for two at once.
    if step and Account.objects.filter(pk=account_id, otp_last_step__lt=step).update(otp_last_step=step):
        return
    known = secret.digests(_recovery(account_id, code), "recovery")
    unused = RecoveryCode.objects.filter(account_id=account_id, digest__in=known, used_at__isnull=True)
    if not unused.update(used_at=clock.now()):
        raise errors.WrongCode


def _matching_step(plain: str, code: str, after: int) -> int | None:
    now = int(clock.now().timestamp()) // _STEP
    totp = pyotp.TOTP(plain)
    steps = [step for step in (now - 1, now, now + 1) if step > after]
    return next((step for step in steps if secrets.compare_digest(totp.at(step * _STEP), code)), None)


def _digest(account_id: UUID, code: str) -> str:
    return secret.digest(_recovery(account_id, code), "recovery")


def _recovery(account_id: UUID, code: str) -> str:
    return f"{account_id}:{code.replace('-', '').replace(' ', '')}"


def _clear(row: Account) -> None:
    row.otp_secret, row.otp_since = "", None
    row.save(update_fields=["otp_secret", "otp_since"])
    RecoveryCode.objects.filter(account=row).delete()
    commands.note_change(row, "codes_off", None)
