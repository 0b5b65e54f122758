"""Rights of the imaging centre."""

from yigong.access.api import declare

REQUEST = declare("imaging.request", "申请影像检查", roles={"village_doctor", "gp", "specialist", "township_manager"})
PERFORM = declare("imaging.perform", "执行影像检查", roles={"technician"})
REPORT = declare("imaging.report", "书写影像报告", roles={"radiologist", "senior_radiologist"})
REVIEW = declare("imaging.review", "审核影像报告", roles={"senior_radiologist"})
STATISTICS = declare(
    "imaging.statistics",
    "影像统计",
    roles={"senior_radiologist", "quality_manager", "director", "bureau", "township_manager"},
)
