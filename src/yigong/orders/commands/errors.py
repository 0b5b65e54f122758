"""Refusals of the order mechanism."""

from django.utils.translation import gettext_noop as _n

from yigong.core.errors import Conflict, DomainError, Forbidden, InvalidInput


class CentreDoesNotServe(DomainError):
    """No centre serves the performing institution and it has none itself."""

    code = "order.no_centre"
    message = _n("“%(institution)s”目前没有可用的%(service)s服务中心，请联系县级管理员开通后再申请。")


class CannotPerformThere(InvalidInput):
    """The chosen institution is neither the asker's own, nor above it, nor its centre."""

    code = "order.wrong_performer"
    message = _n("不能向“%(institution)s”申请%(service)s：请选择本机构、上级机构或为本机构服务的中心。")


class RepeatNeedsReason(InvalidInput):
    """An equal result is still valid; repeating it needs one of the lawful reasons."""

    code = "order.repeat_needs_reason"
    message = _n("%(item)s 在 %(day)s 已由%(institution)s完成且仍在有效期内。请直接引用该结果，或选择重复检查的理由。")


class SafetyBlock(InvalidInput):
    """A safety check stops the order; a doctor may go on with a written reason."""

    code = "order.safety"
    message = _n("安全核对未通过：%(text)s。确需检查的，请由医师填写“仍需检查的理由”。")


class IdentityMismatch(Conflict):
    """The images are not proved to be of this person."""

    code = "order.identity"
    message = _n("图像与申请单的身份信息不一致（%(text)s），核实并登记处理结果后才能出报告。")


class NotReady(Conflict):
    """What the report needs is not there yet, or is held back."""

    code = "report.not_ready"
    message = _n("还不能提交或发布：%(text)s")


class SecondSignature(Forbidden):
    """Author and reviewer must be two people."""

    code = "report.second_signature"
    message = _n("本报告由您书写，需由另一位审核医师签发。")


class DraftChanged(Conflict):
    """Another window saved a newer draft."""

    code = "report.draft_changed"
    message = _n("草稿已在另一窗口保存（第 %(version)s 稿），请刷新后合并您的修改。")


class NotYours(Conflict):
    """Somebody else has claimed this report."""

    code = "report.not_yours"
    message = _n("本检查由%(who)s于 %(at)s 认领，正在书写。")


class OpenCritical(Conflict):
    """This critical finding of this order is already on its way."""

    code = "critical.open"
    message = _n("“%(item)s”已由%(who)s于 %(at)s 上报，正在处理。")
