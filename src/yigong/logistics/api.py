"""The door of logistics: whoever has something to be brought books it here."""

from yigong.logistics.commands.carrying import (
    close_consignment,
    deliver,
    hand_over,
    load,
    lock_consignment,
    note_box_temperature,
    note_temperature,
    open_consignment,
    receive,
    reopen_consignment,
    report_damage,
    report_loss,
    take_off,
    withdraw,
)
from yigong.logistics.commands.runs import (
    add_van,
    arrive,
    assign,
    cancel_run,
    leave,
    make_runs,
    report_trouble,
    save_route,
    send_run,
    skip,
    use_route,
    use_van,
)
from yigong.logistics.data import ConsignmentData, ReadingData, RunRow, StopPlan, StopRow
from yigong.logistics.kinds import Carried, declare_goods
from yigong.logistics.queries.consignments import access as access_consignment
from yigong.logistics.queries.consignments import listed as consignment_list
from yigong.logistics.queries.consignments import many as consignments
from yigong.logistics.queries.consignments import one as consignment
from yigong.logistics.queries.consignments import readings
from yigong.logistics.queries.consignments import steps as consignment_steps
from yigong.logistics.queries.positions import of_consignment as where_is
from yigong.logistics.queries.runs import expected_at, runs_of_day
from yigong.logistics.rules.definitions import Band, Goods, bands, goods_of
from yigong.logistics.rules.workflow import CONSIGNMENT

__all__ = [
    "CONSIGNMENT",
    "Band",
    "Carried",
    "ConsignmentData",
    "Goods",
    "ReadingData",
    "RunRow",
    "StopPlan",
    "StopRow",
    "access_consignment",
    "add_van",
    "arrive",
    "assign",
    "bands",
    "cancel_run",
    "close_consignment",
    "consignment",
    "consignment_list",
    "consignment_steps",
    "consignments",
    "declare_goods",
    "deliver",
    "expected_at",
    "goods_of",
    "hand_over",
    "leave",
    "load",
    "lock_consignment",
    "make_runs",
    "note_box_temperature",
    "note_temperature",
    "open_consignment",
    "readings",
    "receive",
    "reopen_consignment",
    "report_damage",
    "report_loss",
    "report_trouble",
    "runs_of_day",
    "save_route",
    "send_run",
    "skip",
    "take_off",
    "use_route",
    "use_van",
    "where_is",
    "withdraw",
]
