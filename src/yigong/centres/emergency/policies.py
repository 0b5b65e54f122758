"""Rights of the emergency centre."""

from yigong.access.api import declare

_DESK = {"dispatcher", "duty_chief"}
_HOSPITAL = {"nurse", "specialist"}
_PRIMARY = {"village_doctor", "gp"}

CALL = declare("emergency.call", "受理呼救与派车", roles=_DESK)
FLEET = declare("emergency.fleet", "维护急救站点、车辆和资源", roles={"dispatcher", "admin"})
CREW = declare("emergency.crew", "院前急救记录", roles={"ambulance_crew"} | _HOSPITAL)
FIRST = declare("emergency.first", "登记首次医疗接触", roles=_PRIMARY | _HOSPITAL)
RECEIVE = declare("emergency.receive", "院前预警与接收准备", roles=_HOSPITAL | {"duty_chief"})
TREAT = declare("emergency.treat", "急诊分诊与处置", roles=_HOSPITAL)
IDENTIFY = declare("emergency.identify", "核实急救患者身份", roles=_HOSPITAL | _PRIMARY)
TRACE = declare("emergency.trace", "判读院前心电图", roles={"ecg_reader", "specialist"})
READ = declare(
    "emergency.read",
    "查看急救病例",
    roles=_DESK | _HOSPITAL | _PRIMARY | {"ambulance_crew", "quality_manager", "director", "ecg_reader"},
)
QUALITY = declare("emergency.quality", "急救质控", roles={"quality_manager", "specialist"})
FIGURES = declare(
    "emergency.figures", "急救指标", roles={"quality_manager", "director", "bureau", "duty_chief", "dispatcher"}
)
