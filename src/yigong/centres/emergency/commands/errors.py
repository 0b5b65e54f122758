"""Refusals of the emergency centre."""

from yigong.core.errors import Conflict, Forbidden, InvalidInput


class NotServed(Conflict):
    """No emergency centre serves this institution."""

    code = "emergency.not_served"
    message = "%(place)s还没有急诊急救中心服务，请联系医共体管理员。"


class VehicleBusy(Conflict):
    """The vehicle is on another run, or out of use."""

    code = "emergency.vehicle_busy"
    message = "%(vehicle)s %(why)s，请另派一辆。"


class CaseHasVehicle(Conflict):
    """A vehicle was sent for this case already."""

    code = "emergency.case_has_vehicle"
    message = "%(number)s 已派 %(vehicle)s，不能再派；如需换车请先撤回。"


class OutOfOrder(InvalidInput):
    """A time before one that comes first, after one that comes later, or in the future."""

    code = "emergency.out_of_order"


class TimeKnown(Conflict):
    """The time was entered before."""

    code = "emergency.time_known"
    message = "“%(label)s”已于 %(at)s 由%(by)s登记。如有误请用“更正”并写明原因。"


class NotYours(Forbidden):
    """Only who takes part in the case enters this."""

    code = "emergency.not_yours"
    message = "“%(label)s”由%(who)s登记，您不在这次救治中。"


class ResourceTaken(Conflict):
    """Nothing is left of a resource."""

    code = "emergency.resource_taken"
    message = "%(resource)s 已全部占用（%(by)s）。%(others)s"


class SignedBefore(Conflict):
    """The sheet carries this signature already."""

    code = "emergency.signed_before"
    message = "交接单已由%(who)s于 %(at)s 签收，不能重复签收。"


class SamePerson(Conflict):
    """Giver and receiver are one person."""

    code = "emergency.same_person"
    message = "交出人和接收人不能是同一人，请由接收医院的另一位人员签收。"
