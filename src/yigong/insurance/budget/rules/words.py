"""Words of a settlement: kinds of benefits, where somebody was treated, funds."""

from django.utils.translation import gettext_lazy as _

KIND_WORDS = {
    "inpatient": _("住院"),
    "pooling": _("门诊统筹"),
    "chronic": _("门诊慢特病"),
    "two-diseases": _("两病用药"),
    "special": _("门诊特殊病"),
}
# Code of a file -> kind; the last ones are how regions write them.
KIND_CODES = {
    "1": "inpatient", "2": "pooling", "3": "chronic", "4": "two-diseases", "5": "special", "门诊": "pooling", "慢特病": "chronic", "两病": "two-diseases",
}  # fmt: skip
# Code of a file -> word, place of a fact.
PLACES = {"1": (_("县内"), "inside"), "2": (_("县外已备案"), "registered"), "3": (_("县外未备案"), "unregistered")}
PLACE_WORDS = {place: word for word, place in PLACES.values()}
# Funds beside the pooled one, as a file splits them.
OTHER_FUNDS = {
    "large": _("职工大额"), "critical": _("大病保险"), "civil": _("公务员补助"), "aid": _("医疗救助"), "tilt": _("倾斜救助"), "other": _("其他基金"),
}  # fmt: skip
# How inpatient cases are paid.
METHOD_WORDS = {"drg": _("按病组（DRG）"), "dip": _("按病种分值（DIP）")}
# What a year's end settles.
CLOSE_WORDS = {"head": _("按人头付费"), "dip": _("按病种分值付费")}
LEVEL_WORDS = {"1": _("一级机构"), "2": _("二级机构"), "3": _("三级机构")}
