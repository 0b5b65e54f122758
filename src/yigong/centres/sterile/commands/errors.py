"""Refusals of the sterile supply centre."""

from yigong.core.errors import Conflict, Forbidden, NotFound


class NoSuchPack(NotFound):
    """Nothing carries this code."""

    code = "sterile.no_such_pack"
    message = "没有编码为“%(code)s”的器械包，请核对标签或重新扫描。"


class OldLabel(Conflict):
    """The label is of an earlier round."""

    code = "sterile.old_label"
    message = "“%(code)s”是上一轮的旧标签，现在应为 %(label)s。请换上新标签再扫。"


class Outdated(Conflict):
    """The pack is past its date."""

    code = "sterile.outdated"
    message = "%(label)s 有效期至 %(day)s，已过期，不能%(what)s。请退回消毒供应中心重新处理。"


class UnderRecall(Conflict):
    """The pack is being called back."""

    code = "sterile.under_recall"
    message = "%(label)s 正在召回（%(recall)s），不能%(what)s。请就地封存并退回消毒供应中心。"


class ElsewhereSent(Conflict):
    """The pack was issued to another institution."""

    code = "sterile.elsewhere"
    message = "%(label)s 现在在%(place)s，不在您的机构，请核对是否拿错。"


class LoadMismatch(Conflict):
    """The pack may not go into this load."""

    code = "sterile.load_mismatch"
    message = "%(label)s 不能装入这一锅：%(why)s"


class NotReleasable(Conflict):
    """The load lacks results, or one is bad."""

    code = "sterile.not_releasable"
    message = "%(load)s 还不能放行：%(why)s"


class MachineStopped(Conflict):
    """The machine was taken out of use."""

    code = "sterile.machine_stopped"
    message = "%(machine)s 已停用（%(why)s），不能使用。"


class NotUndoable(Conflict):
    """The last scan cannot be taken back here."""

    code = "sterile.not_undoable"
    message = "%(label)s 的上一次扫描不能撤销：%(why)s"


class ResultKnown(Conflict):
    """A load has one physical and one biological result."""

    code = "sterile.result_known"
    message = "这一锅已经登记过这项监测结果，不能再登记一次。"


class NotCentre(Forbidden):
    """Only people of the centre do this."""

    code = "sterile.not_centre"
    message = "只有消毒供应中心的人员可以这样做。"


class NotServed(Conflict):
    """No sterile supply centre serves this institution."""

    code = "sterile.not_served"
    message = "%(institution)s还没有消毒供应中心服务，请联系医共体管理员。"
