"""Who may do what in the archive."""

from yigong.access.api import declare

READ = declare(
    "dicom.read",
    "查看影像",
    roles={
        "village_doctor", "gp", "township_manager", "technician", "specialist", "radiologist",
        "senior_radiologist", "referral_office", "duty_chief", "quality_manager", "nurse",
    },
)  # fmt: skip
READ_ALL = declare("dicom.read_all", "查看全部影像(阅片中心)", roles={"radiologist", "senior_radiologist"})
MATCH = declare("dicom.match", "影像与申请的关联", roles={"technician", "radiologist", "senior_radiologist", "admin"})
SEND = declare(
    "dicom.send", "上传影像", roles={"technician", "gp", "township_manager", "radiologist", "senior_radiologist"}
)
MANAGE = declare("dicom.manage", "管理影像设备与存储", roles={"admin"})
