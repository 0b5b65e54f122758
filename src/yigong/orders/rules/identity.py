"""Whether the person in the images is the person of the order."""

import re
import unicodedata
from datetime import date

from django.utils.translation import gettext as _

from yigong.orders.data import StudyIdentity

_SEX = {"1": "M", "2": "F", "M": "M", "F": "F", "男": "M", "女": "F"}
_SEX_WORD = {"M": "男", "F": "女"}


def fold(text: str) -> str:
    """Full-width to half-width, upper case, without spaces and separators."""
    return re.sub(r"[\s^·•.\-_,]+", "", unicodedata.normalize("NFKC", text)).upper()


def name_forms(person_name: str) -> set[str]:
    """The comparable forms of a DICOM person name: each of its alphabetic, ideographic and phonetic groups, folded."""
    return {fold(group) for group in person_name.split("=") if fold(group)}


def differences(
    *, name: str, sex: str, birth_date: date | None, keys: set[str], initials: str, given: StudyIdentity
) -> tuple[str, ...]:
    """Sentences saying where the images differ from the order; an element that the images do not carry is not a difference.

    ``keys`` are the identifiers under which the resident may appear as Patient ID. A name in Latin letters only (a device
    that cannot write Chinese) is compared with the initials' letters, so it can prove a difference but not much equality.
    """
    found = []
    forms = name_forms(given.name)
    if forms and not _same_name(forms, fold(name), fold(initials)):
        found.append(_("姓名：申请单“%(a)s”，图像“%(b)s”") % {"a": name, "b": given.name.replace("^", " ").strip()})
    if (shown := _SEX.get(given.sex.upper())) and (known := _SEX.get(sex)) and shown != known:
        found.append(_("性别：申请单“%(a)s”，图像“%(b)s”") % {"a": _SEX_WORD[known], "b": _SEX_WORD[shown]})
    if given.birth_date and birth_date and given.birth_date != birth_date:
        found.append(_("出生日期：申请单 %(a)s，图像 %(b)s") % {"a": birth_date, "b": given.birth_date})
    if given.patient_id and keys and fold(given.patient_id) not in {fold(key) for key in keys}:
        found.append(_("患者编号：图像中的“%(b)s”不是此人的编号") % {"b": given.patient_id})
    return tuple(found)


def _same_name(forms: set[str], name: str, initials: str) -> bool:
    if name in forms:
        return True
    latin = [form for form in forms if form.isascii()]
    if len(latin) < len(forms):  # a Chinese form is present and differs
        return False
    return bool(initials) and any(_abbreviates(initials, form) for form in latin)


def _abbreviates(initials: str, spelled: str) -> bool:
    """Whether the initials appear in this order in a spelled name that begins with the first one: WXD in WANGXIAODONG."""
    letters = iter(spelled)
    return spelled[:1] == initials[:1] and all(letter in letters for letter in initials)
