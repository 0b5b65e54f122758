"""Addresses by parts, and households."""

# texts: data

import re
from functools import lru_cache

from yigong.residents.matching.preparing.fields import said
from yigong.residents.matching.preparing.registry import maker

_PROVINCE = re.compile(r"^(?:中国)?(?:[^省市区县]{2,7}(?:省|自治区)|(?:北京|上海|天津|重庆)市?)")
_CAPITALS = frozenset(("中国", "北京", "上海", "天津", "重庆"))
_CITY = re.compile(r"^[^省市区县镇乡村]{2,8}?(?:市|地区|自治州|盟)")
_COUNTY = re.compile(r"^[^省市区县镇乡村]{1,8}?(?:自治县|县|区|旗|市)")
_TOWN = re.compile(r"^[^省市县镇乡村]{1,9}?(?:街道办事处|街道|镇|乡|苏木)")
_VILLAGE = re.compile(
    r"^.{1,12}?(?:村民委员会|居民委员会|村委会|居委会|社区|行政村|村|屯|寨|小区|路|街|巷|大道|花园|苑|新村)"
)
_DIGITS = "零〇一二三四五六七八九"
_NUMBERS = re.compile(r"[0-9]+")
_CHINESE_NUMBER = re.compile(r"[零〇一二三四五六七八九十]+(?=[号组队栋幢单座楼室排巷社])")
_HAS_NUMERAL = re.compile(r"[零〇一二三四五六七八九十]")
_ENDING = re.compile(r"(?:民委员会|委会|行政村)$")
_PLAIN = str.maketrans("", "", " ,,。.、;;-—_()()#")


def _number(found: re.Match[str]) -> str:
    """一百 and beyond are left as they are; house and group numbers seldom go there in words."""
    text = found[0].replace("〇", "零")
    if "十" in text:
        tens, _, ones = text.partition("十")
        return str((_DIGITS.index(tens) - 1 if tens else 1) * 10 + (_DIGITS.index(ones) - 1 if ones else 0))
    return "".join(str(max(_DIGITS.index(c) - 1, 0)) for c in text)


def _take(pattern: re.Pattern[str], text: str) -> tuple[str, str]:
    found = pattern.match(text)
    return (found[0], text[found.end() :]) if found else ("", text)


@maker("addresses", "address", "address town village door", ascii="door")
def make(address: str) -> tuple[str, ...]:
    """The whole (without what is above the township), the township, the village or street, and the numbers of the door."""
    return _made(address)


@lru_cache(maxsize=200_000)
def _made(given: str) -> tuple[str, ...]:
    text = said(given).translate(_PLAIN)
    if len(text) < 2:
        return ("",) * 4
    if _HAS_NUMERAL.search(text):
        text = _CHINESE_NUMBER.sub(_number, text)
    text = _below_county(text)
    town, rest = _take(_TOWN, text)
    village, rest = _take(_VILLAGE, rest)
    door = "-".join(_NUMBERS.findall(rest or text))
    return text, town, _ENDING.sub("", village) if village else "", door


def _below_county(text: str) -> str:
    """Most addresses begin at the township: a word that is not there is not looked for with a pattern."""
    if "省" in text or "自治区" in text or text[:2] in _CAPITALS:
        _, text = _take(_PROVINCE, text)
    if "市" in text or "州" in text or "地区" in text or "盟" in text:
        _, text = _take(_CITY, text)
    if "县" in text or "区" in text or "旗" in text or "市" in text:
        _, text = _take(_COUNTY, text)
    return text


@maker("households", "household", "household")
def make_household(household: str) -> tuple[str, ...]:
    """The household's key as given, folded."""
    return (said(household) if household else "",)
