"""Ordinary sheets of mothers, newborns, children and vaccinations; tests change what they are about."""

from typing import Any

_EXAM = dict.fromkeys(("eyes", "ears", "mouth", "chest", "abdomen"), "1")
_RISK = {"danger": ["none"], "colour": "green", "infectious": "1"}

BOOKING: dict[str, Any] = {
    "history": ["1"], "family_history": ["1"], "personal_history": ["1"], "surgery": "1", "obstetric": ["0"], "height": "160", "weight": "56",
    "sbp": "118", "dbp": "76", "overall": "1", "advice": ["1", "3"], "referral": "1", **_RISK,
    **dict.fromkeys(("heart", "lungs", "vulva", "vagina", "cervix", "womb", "adnexa"), "1"),
}  # fmt: skip
LABORATORY: dict[str, Any] = {
    "hb": "118", "wbc": "6.5", "plt": "210", "urine": "1", "urine_sugar": "1", "urine_ketone": "1", "urine_blood": "1", "abo": "3", "alt": "20", "ast": "22",
    "alb": "42", "tbil": "12", "dbil": "3", "cr": "55", "bun": "4",
}  # fmt: skip
ANTENATAL: dict[str, Any] = {
    "sbp": "118", "dbp": "74", "weight": "60", "urine": "1", "category": "1", "advice": ["1"], "referral": "1", **_RISK,
}  # fmt: skip
_AFTER = {
    "mind_state": "1", "temperature": "36.6", "sbp": "116", "dbp": "74", **dict.fromkeys(("breast", "lochia", "uterus", "wound"), "1"),
}  # fmt: skip
POSTPARTUM: dict[str, Any] = {**_AFTER, "category": "1", "guidance_given": ["1", "4"], "referral": "1"}
DAY42: dict[str, Any] = {**_AFTER, "recovered": "1", "advice_day42": ["1", "2"], "closing": "1"}

NEWBORN: dict[str, Any] = {
    "gestation": "39", "pregnancy_illness": ["1"], "birth_way": ["1"], "asphyxia": "1", "deformity": "1", "hearing_screen": "1", "disease_screen": "2",
    "birth_weight": "3.3", "weight": "3.5", "length": "51", "feeding": "1", "vomiting": "1", "stool": "1", "temperature": "36.7", "complexion": "1",
    "jaundice": "1", "fontanelle_state": "1", "neck_lump": "1", "skin_state": "1", "cord": "2", "referral": "1", "child_guidance": ["1"],
    **_EXAM, **dict.fromkeys(("nose", "limbs", "spine", "anus", "genitals"), "1"),
}  # fmt: skip
WARNINGS = ("warn3", "warn6", "warn8", "warn12", "warn18", "warn24", "warn30", "warn36", "warn48", "warn60", "warn72")
# Of every age: what does not apply to the child's months is dropped when the form is read.
CHECK: dict[str, Any] = {
    "weight": "9.4", "length": "75", "head": "45", "complexion": "1", "skin": "1", "fontanelle": "2", "neck_lump": "1", "hearing": "1", "umbilicus": "1",
    "limbs": "1", "gait": "1", "genitals": "1", "vision": "1", "rickets_symptoms": ["1"], "rickets_signs": ["1"], "illness": ["1"], "referral": "1",
    "child_guidance": ["1"], **_EXAM, **{code: ["0"] for code in WARNINGS},
}  # fmt: skip

DOSE: dict[str, Any] = {
    "contra": "1", "consented": "1", "checked": "1", "verified": "1", "site": "1", "route": "1", "dose": "0.5 ml", "observed": "1",
}  # fmt: skip
