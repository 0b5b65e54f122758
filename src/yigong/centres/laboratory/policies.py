"""Rights of the laboratory centre."""

from yigong.access.api import declare

REQUEST = declare("laboratory.request", "申请检验", roles={"village_doctor", "gp", "specialist", "township_manager"})
COLLECT = declare("laboratory.collect", "采集与送出标本", roles={"village_doctor", "gp", "nurse"})
REPORT = declare("laboratory.report", "检验与技术审核", roles={"lab_technician", "lab_doctor"})
REVIEW = declare("laboratory.review", "医学审核与发布", roles={"lab_doctor"})
LABORATORY = declare("laboratory.tubes", "接收与保管标本", roles={"lab_technician", "lab_doctor"})
FOLLOW = declare(
    "laboratory.follow", "查看标本去向与标本箱", roles={"village_doctor", "gp", "nurse", "lab_technician", "lab_doctor"}
)
QUALITY = declare("laboratory.quality", "检验室内质控", roles={"lab_technician", "lab_doctor", "quality_manager"})
STATISTICS = declare(
    "laboratory.statistics", "检验统计",
    roles={"lab_doctor", "quality_manager", "director", "bureau", "township_manager"},
)  # fmt: skip
