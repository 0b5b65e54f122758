"""Rights over cards and codes. Besides them the relationship with the resident decides, as for every file."""

from yigong.access.api import declare

_CLINICAL = {
    "village_doctor",
    "gp",
    "nurse",
    "specialist",
    "technician",
    "radiologist",
    "senior_radiologist",
    "pharmacist",
}
_DESK = {"registrar", "referral_office", "township_manager", "duty_chief", "identity_manager"}

KEEP = declare("cards.keep", "办理居民卡与出示居民码", roles={"village_doctor", "gp", "nurse"} | _DESK)
SCAN = declare("cards.scan", "扫码识别居民", roles=_CLINICAL | _DESK | {"insurance_clerk"})
