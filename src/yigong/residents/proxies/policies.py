"""Rights over proxies. Besides them the relationship with the person acted for decides, as for every file."""

from yigong.access.api import declare

_DESK = {"registrar", "referral_office", "township_manager", "identity_manager"}

KEEP = declare("proxies.keep", "登记与撤销亲属代办", roles={"village_doctor", "gp", "nurse"} | _DESK)
