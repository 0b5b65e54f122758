"""Rights of the pathology centre."""

from yigong.access.api import declare

REQUEST = declare("pathology.request", "申请病理检查", roles={"gp", "specialist", "village_doctor", "township_manager"})
SEND = declare("pathology.send", "登记与送出病理标本", roles={"nurse", "gp", "specialist", "village_doctor"})
BENCH = declare(
    "pathology.bench", "病理核收、取材与制片", roles={"pathology_technician", "pathologist", "senior_pathologist"}
)
REPORT = declare("pathology.report", "书写病理报告", roles={"pathologist", "senior_pathologist"})
REVIEW = declare("pathology.review", "审核病理报告", roles={"senior_pathologist"})
ARCHIVE = declare("pathology.archive", "病理归档与借还", roles={"pathology_technician", "senior_pathologist"})
FOLLOW = declare(
    "pathology.follow", "查看病理标本去向",
    roles={"nurse", "gp", "specialist", "village_doctor", "pathology_technician", "pathologist", "senior_pathologist"},
)  # fmt: skip
STATISTICS = declare(
    "pathology.statistics", "病理统计",
    roles={"senior_pathologist", "quality_manager", "director", "bureau", "township_manager"},
)  # fmt: skip
