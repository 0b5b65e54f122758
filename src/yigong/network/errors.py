"""Refusals of this room."""

from yigong.core.errors import Conflict, InvalidInput, NotFound  # noqa: F401 - one import for the commands


class AlreadyMember(Conflict):
    """The institution is in this alliance already during that time."""

    code = "network.already_member"
    message = "“%(institution)s”在这段时间内已是该联合体成员，请先结束原成员关系或更改日期。"


class AlreadyInCommunity(Conflict):
    """An institution belongs to one county medical community at a time."""

    code = "network.already_in_community"
    message = "“%(institution)s”在这段时间内已加入另一个县域医共体，同一机构同一时间只能属于一个，请先办理退出。"


class AlreadyLed(Conflict):
    """A county medical community has one lead at a time."""

    code = "network.already_led"
    message = "该医共体在这段时间内已有牵头单位，请先结束原牵头单位的成员关系。"


class AlreadyServed(Conflict):
    """An institution has one serving centre of a kind at a time."""

    code = "network.already_served"
    message = "“%(institution)s”在这段时间内已有同类共享中心服务，请先结束原服务关系。"


class PostTwice(Conflict):
    """The person holds this post during that time already."""

    code = "network.post_twice"
    message = "“%(staff)s”在这段时间内已在该机构担任同一岗位。"


class SecondedTwice(Conflict):
    """The person is seconded there during that time already."""

    code = "network.seconded_twice"
    message = "“%(staff)s”在这段时间内已派往该机构，请先结束原派驻。"


class OnDutyElsewhere(Conflict):
    """One person cannot be on duty at two places at once."""

    code = "network.on_duty_elsewhere"
    message = "“%(staff)s”在这段时间内已有排班，不能同时在两处值班，请换人或更改时间。"


class CodeTaken(InvalidInput):
    """A code that somebody else carries."""

    code = "network.code_taken"
    message = "代码“%(value)s”已被使用，请核对。"


class CentreTwice(Conflict):
    """The host runs a centre of this kind already."""

    code = "network.centre_twice"
    message = "该机构已设有同类共享中心。"


class TreeLoop(InvalidInput):
    """An institution cannot be managed from below."""

    code = "network.tree_loop"
    message = "上级管理机构不能选本机构或它管理的下级机构。"


class AlreadyEnded(Conflict):
    """Whatever should end has ended before."""

    code = "network.already_ended"
    message = "这项记录已于 %(ends_on)s 结束，无需再次结束。"


class ShiftGone(Conflict):
    """Somebody cancelled or exchanged the shift meanwhile."""

    code = "network.shift_gone"
    message = "“%(staff)s”的这个班次已被取消或调换，请刷新值班表核对。"


class ShiftBegun(Conflict):
    """A shift that has begun does not change hands."""

    code = "network.shift_begun"
    message = "这个班次已经开始，不能再换；临时顶班请由排班人调整。"


class OfferedAlready(Conflict):
    """One open offer for a shift."""

    code = "network.offered_already"
    message = "这个班次已提出换班，请先撤回原来的申请。"


class NeededAlready(Conflict):
    """The same need stands already."""

    code = "network.needed_already"
    message = "同样的值班要求已经有了。要改人数，请先停用原来的再新建。"


class WithdrawnAlready(Conflict):
    """Somebody else took this verdict back a moment ago."""

    code = "network.withdrawn_already"
    message = "这条评审结果已由%(name)s撤回，请刷新页面查看。"


class AccreditedAlready(Conflict):
    """The same verdict of the same paper stands already."""

    code = "network.queries.accreditations_already"
    message = "“%(document)s”的这项结果已登记，无需再次登记；如需更正，请写明更正文件。"
