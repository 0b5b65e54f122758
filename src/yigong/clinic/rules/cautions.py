"""What a doctor is told before a medicine is prescribed: allergies of the record, the same medicine twice."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from yigong.clinic.data import MEDICINES, ItemData
from yigong.clinic.rules.definitions import AllergyClass


@dataclass(frozen=True, slots=True)
class Caution:
    """One sentence; ``grave`` when the line needs a written reason."""

    text: str
    grave: bool


def about(
    item: ItemData,
    *,
    allergies: Iterable[str],
    in_use: Iterable[str],
    on_bill: Iterable[str],
    classes: Sequence[AllergyClass],
) -> list[Caution]:
    """Warnings about one item; ``allergies`` are substances of the record, ``in_use`` names of medicines, ``on_bill`` item codes."""
    found = []
    if item.category in MEDICINES:
        found = [_allergy(item, substance) for substance in allergies if hits(item.name, substance, classes)]
        name = item.name.split()[0]
        if any(name and name in used for used in in_use):
            found.append(Caution(_("健康档案中“%(item)s”仍在使用，请核对是否重复用药。") % {"item": name}, False))
    if item.code in set(on_bill):
        found.append(Caution(_("“%(item)s”本次已开过，请核对是否重复。") % {"item": item.name}, False))
    return found


def hits(name: str, substance: str, classes: Sequence[AllergyClass]) -> bool:
    """Whether a medicine's name falls under an allergy: by the word itself or by the pack's classes of related substances."""
    words = {substance.strip()} - {""}
    for one in classes:
        if one.substance in substance or substance in one.substance:
            words |= set(one.also)
    return any(word in name for word in words)


def _allergy(item: ItemData, substance: str) -> Caution:
    text = _("患者对“%(substance)s”过敏，“%(item)s”可能引起过敏反应。") % {"substance": substance, "item": item.name}
    return Caution(text, True)
