"""Refusals of the logistics room."""

from yigong.core.errors import Conflict, Forbidden, InvalidInput, NotFound


class NoSuchConsignment(NotFound):
    """No consignment carries this number."""

    code = "logistics.no_such_consignment"
    message = "没有编号为“%(number)s”的运送件，请核对条码。"


class Incompatible(Conflict):
    """What may not lie in one box."""

    code = "logistics.incompatible"
    message = "%(kind)s不能与%(other)s（%(number)s）同放“%(box)s”，请换一个箱。"


class OtherTemperature(Conflict):
    """One box has one temperature."""

    code = "logistics.other_temperature"
    message = "“%(box)s”现为%(there)s，%(number)s 要求%(wanted)s，请换一个箱。"


class NotOnTheWay(Conflict):
    """The run does not go on to the receiver."""

    code = "logistics.not_on_the_way"
    message = "班次 %(run)s 之后不经过%(receiver)s，%(number)s 请交另一班次。"


class RunNotOpen(Conflict):
    """The run is over or was cancelled."""

    code = "logistics.run_closed"
    message = "班次 %(run)s 现为“%(state)s”，不能再装卸。"


class StillAboard(Conflict):
    """A run does not end with something on it."""

    code = "logistics.still_aboard"
    message = "车上还有 %(n)s 件（%(numbers)s），请先送达、卸回或登记丢失破损。"


class Busy(Conflict):
    """A van or driver is on another run."""

    code = "logistics.busy"
    message = "%(what)s正在另一班次途中，请先结束那一班次或换%(kind)s。"


class CourierSigns(Forbidden):
    """Receipt is signed by the receiver."""

    code = "logistics.courier_signs"
    message = "%(number)s 由%(who)s运送，须由%(receiver)s的接收人员本人签收，运送人不能代签。"


class NotReceiver(Forbidden):
    """Receipt is signed where it goes."""

    code = "logistics.not_receiver"
    message = "%(number)s 送往%(receiver)s，请由该机构人员签收。"


class NotYourRun(Forbidden):
    """Loading is the driver's or the dispatcher's."""

    code = "logistics.not_your_run"
    message = "班次 %(run)s 的司机是%(driver)s，请由其本人或物流调度操作。"


class BadRoute(InvalidInput):
    """A route that cannot be driven."""

    code = "logistics.bad_route"
