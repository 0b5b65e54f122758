"""Pinyin keys of names: full reading and initials, with the readings that surnames have of their own."""

# texts: data
from functools import lru_cache
from itertools import product

from pypinyin import lazy_pinyin

from yigong.residents.rules.text import name_key

# Surnames whose reading differs from the character's everyday one.
SURNAMES = {
    "单": "shan", "仇": "qiu", "解": "xie", "查": "zha", "区": "ou", "曾": "zeng", "任": "ren", "翟": "zhai", "朴": "piao",
    "盖": "ge", "葛": "ge", "缪": "miao", "尹": "yin", "洗": "xian", "冼": "xian", "卜": "bu", "秘": "bi", "折": "she", "员": "yun",
    "乐": "yue", "华": "hua", "黑": "he", "逄": "pang", "逯": "lu", "晁": "chao", "晟": "cheng", "宓": "mi", "覃": "qin",
    "谌": "chen", "召": "shao", "撒": "sa", "种": "chong", "重": "chong", "幺": "yao", "那": "na", "能": "nai", "宁": "ning",
    "牟": "mu", "隗": "wei", "燕": "yan", "应": "ying", "哈": "ha", "柏": "bai", "纪": "ji", "臧": "zang", "訾": "zi", "呙": "guo",
    "郗": "xi", "祭": "zhai", "郇": "xun", "敖": "ao", "佴": "nai", "瞿": "qu", "戚": "qi", "钭": "tou", "句": "gou", "缴": "jiao",
    "車": "che", "车": "che", "曲": "qu", "单于": "chanyu", "尉迟": "yuchi", "长孙": "zhangsun", "万俟": "moqi", "澹台": "tantai",
    "令狐": "linghu", "皇甫": "huangfu", "宇文": "yuwen", "司马": "sima", "欧阳": "ouyang", "上官": "shangguan", "诸葛": "zhuge",
    "夏侯": "xiahou", "东方": "dongfang", "赫连": "helian", "公孙": "gongsun", "慕容": "murong", "司徒": "situ", "司空": "sikong",
    "百里": "baili", "端木": "duanmu", "呼延": "huyan", "南宫": "nangong", "西门": "ximen", "独孤": "dugu", "轩辕": "xuanyuan",
    "申屠": "shentu", "太史": "taishi", "淳于": "chunyu", "濮阳": "puyang", "宗政": "zongzheng", "鲜于": "xianyu", "闾丘": "lüqiu",
    "亓官": "qiguan", "拓跋": "tuoba", "完颜": "wanyan", "纳兰": "nalan", "东郭": "dongguo", "公冶": "gongye", "太叔": "taishu",
    "钟离": "zhongli", "仲孙": "zhongsun", "屈突": "qutu",
}  # fmt: skip
_SPLIT = {"yuchi": ("yu", "chi"), "chanyu": ("chan", "yu"), "moqi": ("mo", "qi"), "zhangsun": ("zhang", "sun")}
# Characters of given names that people read in two ways; both find the person.
OTHER_READINGS = {
    "乐": ("le", "yue"), "行": ("xing", "hang"), "朝": ("chao", "zhao"), "长": ("chang", "zhang"), "重": ("zhong", "chong"),
    "晟": ("sheng", "cheng"), "莞": ("wan", "guan"), "单": ("dan", "shan"), "曾": ("zeng", "ceng"), "强": ("qiang", "jiang"),
    "茜": ("qian", "xi"), "娜": ("na", "nuo"), "昱": ("yu",), "桦": ("hua",), "盛": ("sheng", "cheng"), "会": ("hui", "kuai"),
    "仇": ("chou", "qiu"), "解": ("jie", "xie"), "查": ("cha", "zha"), "区": ("qu", "ou"), "盖": ("gai", "ge"), "种": ("zhong", "chong"),
    "宓": ("mi", "fu"), "柏": ("bai", "bo"), "阿": ("a", "e"), "朴": ("pu", "piao"), "秘": ("mi", "bi"), "翟": ("zhai", "di"),
    "覃": ("qin", "tan"), "牟": ("mu", "mou"), "隗": ("wei", "kui"), "纪": ("ji",), "绿": ("lv", "lu"), "和": ("he",),
    "尉": ("wei", "yu"), "奇": ("qi", "ji"), "参": ("can", "shen"), "率": ("shuai", "lv"), "调": ("diao", "tiao"), "弹": ("tan", "dan"),
    "万": ("wan", "mo"), "员": ("yuan", "yun"), "折": ("zhe", "she"), "谌": ("chen", "shen"), "缪": ("miao", "mou"), "黑": ("hei", "he"),
}  # fmt: skip
_MOST_KEYS = 8


@lru_cache(maxsize=30_000)
def _syllable(character: str) -> str:
    return "".join(lazy_pinyin(character, v_to_u=False)).lower()


def _surname_syllables(key: str) -> tuple[str, ...]:
    """The syllables of the surname when it has a reading of its own, else an empty tuple."""
    for length in (2, 1):
        reading = SURNAMES.get(key[:length]) if len(key) >= length else None
        if reading is not None:
            return _split(key[:length], reading)
    return ()


def _split(surname: str, reading: str) -> tuple[str, ...]:
    if len(surname) == 1:
        return (reading,)
    if reading in _SPLIT:
        return _SPLIT[reading]
    first = _syllable(surname[0])
    return (first, reading[len(first) :]) if reading.startswith(first) else tuple(_syllable(c) for c in surname)


def syllables(name: str) -> list[str]:
    """One reading per character, the surname's own reading first; Latin letters stay as they are, in lower case."""
    key = name_key(name)
    surname = _surname_syllables(key)
    return [*surname, *(_syllable(c) for c in key[len(surname) :])]


def pinyin(name: str) -> str:
    """The full reading in one word, e.g. 单小红 → ``shanxiaohong``; ü is written v."""
    return "".join(syllables(name)).replace("ü", "v")[:120]


def initials(name: str) -> str:
    """The first letters, e.g. 单小红 → ``sxh``."""
    return "".join(s[:1] for s in syllables(name))[:60]


def keys(name: str) -> list[str]:
    """All readings and initials that find this name, the main ones included, at most sixteen, without repeats."""
    main = syllables(name)
    choices = [
        dict.fromkeys((syllable, *OTHER_READINGS.get(character, ())))
        for syllable, character in zip(main, name_key(name), strict=False)
    ]
    readings = [reading for reading, _ in zip(product(*choices), range(_MOST_KEYS), strict=False)]
    full = ["".join(r).replace("ü", "v")[:120] for r in readings]
    return list(dict.fromkeys([*full, *("".join(s[:1] for s in r)[:60] for r in readings)]))
