"""Refusals of contracts."""

from yigong.core.errors import Conflict


class AlreadySigned(Conflict):
    """One valid contract per person and day."""

    code = "contracts.already_signed"
    message = "%(name)s在这段时间已有有效的签约协议（%(team)s，至 %(until)s）。如需更换团队，请在原协议上办理转签。"


class LinkOver(Conflict):
    """The link of an offered contract no longer works."""

    code = "contracts.link_over"
    message = "这个签约链接已失效：可能已确认、已撤回或超过期限。请联系您的家庭医生团队重新发起。"
