"""Rights of the ECG centre."""

from yigong.access.api import declare

REQUEST = declare(
    "ecg.request", "申请心电检查", roles={"village_doctor", "gp", "nurse", "specialist", "township_manager"}
)
PERFORM = declare("ecg.perform", "采集心电图", roles={"village_doctor", "gp", "nurse", "technician"})
REPORT = declare("ecg.report", "书写心电报告", roles={"ecg_reader"})
REVIEW = declare("ecg.review", "签发心电报告", roles={"ecg_reader"})
STATISTICS = declare(
    "ecg.statistics",
    "心电统计",
    roles={"ecg_reader", "quality_manager", "director", "bureau", "township_manager"},
)
