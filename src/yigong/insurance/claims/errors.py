"""Refusals of the room."""

from django.utils.translation import gettext as _

from yigong.core.errors import Conflict, InvalidInput


class StillFaulty(InvalidInput):
    """A list with blocking findings does not go on."""

    code = "claims.still_faulty"
    message = "清单还有 %(count)s 处强制校验不通过，请先修改。"


class NothingToDeclare(InvalidInput):
    """No list can be made: no settlement, no coded front page, or no insurance."""

    code = "claims.nothing_to_declare"


class AlreadyAsked(Conflict):
    """The same question of the same stay is open or answered."""

    code = "claims.already_asked"
    message = "这个问题已经问过，请看“已提出的问题”。"


class SchemeExists(Conflict):
    """A released scheme is never overwritten."""

    code = "claims.scheme_exists"
    message = "方案 %(code)s 的 %(release)s 版已经导入，内容不能覆盖；请换一个版本号。"


class SchemeOverlaps(Conflict):
    """Two schemes for one region on one day."""

    code = "claims.scheme_overlaps"
    message = "%(region)s 在这段时间已有生效的方案，请先给原方案定止期。"


def no_rate(year: int) -> str:
    """Why there is a group and no expected payment."""
    return _("%(year)s 年的病组支付费率还没有发布，暂不能测算支付") % {"year": year}
