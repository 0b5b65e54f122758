"""How alike a described person and a registered one are, with reasons a clerk can read."""

from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _
from rapidfuzz.distance import DamerauLevenshtein

from yigong.residents.rules import pinyin
from yigong.residents.rules.text import name_key

ORDER = ("certain", "likely", "possible")


@dataclass(frozen=True, slots=True)
class Described:
    """What is compared."""

    name: str
    birth_date: date | None
    sex: str
    phone_digest: bytes | None

    @property
    def key(self) -> str:
        """The name as it is compared."""
        return name_key(self.name)


@dataclass(frozen=True, slots=True)
class Likeness:
    """The verdict and its reasons."""

    certainty: str
    reasons: tuple[str, ...]
    same_name: bool


def compare(asked: Described, known: Described, *, same_number: bool) -> Likeness | None:
    """``certain``: same number; ``likely``: must be confirmed before another identity is made; ``possible``: shown; None: unlike."""
    same_name = bool(asked.key) and asked.key == known.key
    same_sound = not same_name and bool(set(pinyin.keys(asked.name)[:1]) & set(pinyin.keys(known.name)))
    same_birth = asked.birth_date is not None and asked.birth_date == known.birth_date
    same_phone = asked.phone_digest is not None and asked.phone_digest == known.phone_digest
    other_sex = {asked.sex, known.sex} == {"1", "2"}
    reasons = tuple(
        text
        for holds, text in (
            (same_number, _("证件号码相同")),
            (same_name, _("姓名相同")),
            (same_sound, _("姓名读音相同")),
            (same_birth, _("出生日期相同")),
            (same_phone, _("电话相同")),
            (other_sex, _("性别不同")),
        )
        if holds
    )
    certainty = _verdict(asked, known, same_number, same_name, same_sound, same_birth, same_phone, other_sex)
    return Likeness(certainty, reasons or (_("姓名相近"),), same_name) if certainty else None


def _verdict(
    asked: Described, known: Described, number: bool, name: bool, sound: bool, birth: bool, phone: bool, other_sex: bool
) -> str:
    if number:
        return "certain"
    if (name and (birth or phone)) or (sound and birth and not other_sex):
        return "likely"
    if phone or (birth and _one_character_apart(asked.key, known.key)):
        return "possible"
    close = asked.birth_date and known.birth_date and abs(asked.birth_date.year - known.birth_date.year) <= 1
    return "possible" if name and close and not other_sex else ""


def _one_character_apart(a: str, b: str) -> bool:
    return len(a) > 1 and len(b) > 1 and DamerauLevenshtein.distance(a, b, score_cutoff=1) == 1
