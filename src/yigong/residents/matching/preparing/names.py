"""Chinese names for comparison: simplified, by sound, by shape, by parts."""

# texts: data
import re
from functools import cache, lru_cache

from yigong.residents.matching.preparing.fields import NOTHING, said
from yigong.residents.matching.preparing.registry import maker
from yigong.residents.rules import pinyin
from yigong.residents.rules.text import tidy_name

# 李红之女, 李红之长子, 李红之子2, 李红双胎之大: the child has no name yet, the mother's stands in for it.
_NEWBORN = re.compile(
    r"(?P<mother>.{2,}?)(?:双胎|三胎)?之(?P<rank>长|次|三|大|小)?(?:子|女|婴|婴儿|大|小)(?P<number>\d?)"
)
_RANKS = {"长": "1", "大": "1", "次": "2", "小": "2", "三": "3"}
_EMPTY = (*("",) * 13, "0")
_NAMELESS = frozenset("新生儿 未取名 未命名 婴儿 无名氏 无名 测试 某某 待定".split())
_SIMPLE = re.compile(r"[\u4e00-\u9fa5]{2,4}")
_DIALECT = (
    ("zh", "z"),
    ("ch", "c"),
    ("sh", "s"),
    ("ing", "in"),
    ("eng", "en"),
    ("ang", "an"),
    ("lv", "lu"),
    ("nv", "nu"),
)


@cache
def _to_simplified() -> object:
    from opencc import OpenCC

    return OpenCC("t2s")


@cache
def _corners() -> dict[str, str]:
    from four_corner_method import FourCornerMethod

    return FourCornerMethod().data


@lru_cache(maxsize=5_000)
def _blurred(syllable: str) -> str:
    """A syllable as heard through a southern accent: no retroflex, no back nasal, n like l."""
    for sharp, dull in _DIALECT:
        syllable = syllable.replace(sharp, dull)
    return "l" + syllable[1:] if syllable.startswith("n") and len(syllable) > 1 else syllable


@lru_cache(maxsize=40_000)
def _character(written: str) -> tuple[str, str]:
    """A character's simplified form, and the shape of that: its four-corner number (five digits), its code point where it has none."""
    simple = _to_simplified().convert(written)  # type: ignore[attr-defined]
    return simple, "".join(_corners().get(c) or (c if c.isascii() else f"{ord(c):x}") for c in simple)


@lru_cache(maxsize=40_000)
def _sounds(character: str) -> tuple[str, str]:
    """A character's everyday reading, clear and blurred."""
    clear = pinyin.syllables("一" + character)[-1].replace("ü", "v")
    return clear, _blurred(clear)


def _syllables(name: str) -> tuple[list[str], list[str]]:
    """As ``pinyin.syllables``, which asks for each name anew what is known of each character; and the same blurred."""
    if name[:1] in pinyin.SURNAMES or name[:2] in pinyin.SURNAMES:
        clear = [s.replace("ü", "v") for s in pinyin.syllables(name)]
        return clear, list(map(_blurred, clear))
    both = [_sounds(c) for c in name]
    return [clear for clear, _ in both], [blurred for _, blurred in both]


def _surname(name: str) -> str:
    """The first character, two for compound surnames."""
    return name[:2] if len(name) > 2 and name[:2] in pinyin.SURNAMES else name[:1]


def _parts(text: str, name: str) -> str:
    """The name in an order that does not depend on how it was written."""
    if "·" in text:
        return "·".join(sorted(text.upper().split("·")))
    return "".join(sorted(name))


@maker(
    "names",
    "name",
    "name_written name sound sound_other sound_blurred shape parts surname head tail ends without_first newborn_of newborn_rank",
    ascii="sound sound_other sound_blurred shape",
)
def make(name: str) -> tuple[str, ...]:
    """A name's columns; a newborn's stand-in gives the mother and the rank instead of a name."""
    return _made(name)


@lru_cache(maxsize=300_000)
def _made(given: str) -> tuple[str, ...]:
    # Two to four Chinese characters need no tidying; that is nearly every name.
    plain = _SIMPLE.fullmatch(given) is not None
    text = given if plain else tidy_name(given)
    if text in _NAMELESS or (text in NOTHING if plain else not said(text)):
        return _EMPTY
    written = text if plain else text.replace(" ", "").replace("·", "").upper()
    characters = [_character(c) for c in written]
    name = "".join([simple for simple, _ in characters])
    if "之" in name and (newborn := _NEWBORN.fullmatch(name)) is not None:
        rank = newborn["number"] or _RANKS.get(newborn["rank"] or "", "0")
        return ("",) * 12 + (newborn["mother"], rank)
    syllables, blurred = _syllables(name)
    surname = _surname(name)
    long = len(name) > 2
    return (
        written,
        name,
        " ".join(syllables),
        _other_sound(name, syllables),
        " ".join(blurred),
        "".join([shape for _, shape in characters]),
        _parts(text, name),
        surname,
        name[:-1] if long else "",
        name[1:] if long else "",
        name[0] + name[-1] if long else "",
        name[1:] if len(name) == 4 and surname == name[:1] else "",
        "",
        "0",
    )


def _other_sound(name: str, syllables: list[str]) -> str:
    """The second reading of a name with a character of two readings, empty for others."""
    for place, character in enumerate(name):
        if others := pinyin.OTHER_READINGS.get(character):
            other = next((o.replace("ü", "v") for o in others if o != syllables[place]), None)
            if other and place < len(syllables):
                return " ".join([*syllables[:place], other, *syllables[place + 1 :]])
    return ""


@maker("mothers", "mother_name", "mother mother_sound", ascii="mother_sound", uses="newborn_of")
def make_mother(mother_name: str, newborn_of: str) -> tuple[str, ...]:
    """The mother's name as given, or as a newborn's stand-in name tells it."""
    made = _made(mother_name) if mother_name else _EMPTY
    if not made[1] and newborn_of:
        made = _made(newborn_of)
    return made[1], made[2]
