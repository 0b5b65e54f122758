"""The clock's sweep: what is past its date becomes outdated where it lies."""

from django.utils.translation import gettext as _

from yigong.centres.sterile.commands.moving import move
from yigong.centres.sterile.models import Pack
from yigong.core.actor import system


def expire(row: Pack) -> None:
    """A pack (locked by the clock) whose last good day is over."""
    move(row, "expire", actor=system("clock"), note=_("有效期已过"))
