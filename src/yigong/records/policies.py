"""Named rights over records."""

from yigong.access.api import declare

_CLINICAL = {
    "village_doctor", "gp", "nurse", "specialist", "technician", "radiologist", "senior_radiologist", "ecg_reader",
    "lab_technician", "lab_doctor", "pathology_technician", "pathologist", "senior_pathologist",
    "pharmacist",
}  # fmt: skip

READ = declare(
    "records.read",
    "查看健康档案",
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
ENCOUNTER = declare(
    "records.encounter",
    "登记就诊",
    roles={"village_doctor", "gp", "nurse", "specialist", "registrar", "referral_office"},
)
WRITE = declare(
    "records.write", "书写病历与结果", roles=_CLINICAL | {"referral_office", "township_manager", "duty_chief"}
)
PRESCRIBE = declare("records.prescribe", "开处方", roles={"village_doctor", "gp", "specialist"})
