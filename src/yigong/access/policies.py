"""The three rights about residents, kept apart, and the rights of keeping accounts."""

from yigong.core.rights import declare

_CLINICAL = {
    "village_doctor",
    "gp",
    "nurse",
    "technician",
    "specialist",
    "radiologist",
    "senior_radiologist",
    "ecg_reader",
    "lab_technician",
    "lab_doctor",
    "pathology_technician",
    "pathologist",
    "senior_pathologist",
    "pharmacist",
}

READ_DETAIL = declare(
    "access.read_detail",
    "查看居民明细",
    roles=_CLINICAL
    | {
        "township_manager",
        "referral_office",
        "duty_chief",
        "registrar",
        "identity_manager",
        "quality_manager",
        "director",
    },
)
READ_STATISTICS = declare(
    "access.read_statistics",
    "查看统计",
    roles={
        "township_manager",
        "referral_office",
        "duty_chief",
        "quality_manager",
        "director",
        "bureau",
        "insurance_clerk",
    }
    | {"gp", "specialist", "senior_radiologist"},
)
WRITE = declare(
    "access.write",
    "书写居民记录",
    roles=_CLINICAL | {"township_manager", "referral_office", "duty_chief", "registrar", "identity_manager"},
)
EMERGENCY = declare(
    "access.emergency",
    "紧急调阅",
    roles={
        "village_doctor",
        "gp",
        "nurse",
        "specialist",
        "radiologist",
        "senior_radiologist",
        "ecg_reader",
        "duty_chief",
        "pharmacist",
    },
)
REVIEW = declare("access.review", "评审紧急调阅与查阅记录", roles={"quality_manager", "director"})
ACCOUNTS = declare("access.accounts", "维护账号", roles={"admin"})
MATRIX = declare("access.matrix", "查看岗位权限表", roles={"admin", "director", "quality_manager", "bureau"})
