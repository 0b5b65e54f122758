"""Refusals of consultations."""

from django.utils.translation import gettext_noop as _n

from yigong.core.errors import Conflict, Forbidden, InvalidInput


class FileIncomplete(InvalidInput):
    """Pieces are missing and the request is not urgent."""

    code = "consultation.file_incomplete"
    message = _n("会诊资料缺少：%(pieces)s。请补齐后再申请；病情紧急的，可选“急”并写明缺少的原因。")


class SlotTaken(Conflict):
    """The expert's time is held by another consultation."""

    code = "consultation.slot_taken"
    message = _n("%(expert)s在 %(at)s 已有会诊安排，请另选时段或专家。")


class OffRoster(InvalidInput):
    """No shift of the expert covers the time."""

    code = "consultation.off_roster"
    message = _n("%(expert)s在 %(at)s 没有排班。已另行约定的，请写明约定方式，例如“电话约定”。")


class AlreadyInvited(Conflict):
    """The expert is asked already."""

    code = "consultation.already_invited"
    message = _n("%(expert)s已在本次会诊的受邀名单中。")


class TooFewExperts(InvalidInput):
    """The kind needs more experts."""

    code = "consultation.too_few_experts"
    message = _n("%(kind)s至少需要 %(n)s 位专家，请再邀请。")


class NotInvited(Forbidden):
    """Only an expert who took part may do this."""

    code = "consultation.not_invited"
    message = _n("由接受邀请的会诊专家办理。")


class WrongMoment(Conflict):
    """The consultation is not where this step belongs."""

    code = "consultation.wrong_moment"
    message = _n("会诊目前为“%(state)s”，不能%(what)s。")
