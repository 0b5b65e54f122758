"""Believable Chinese names: surnames by national frequency, given names by sex and generation. All invented by chance."""

from bisect import bisect
from functools import cache
from itertools import accumulate
from random import Random

# The hundred most frequent surnames in order; the weights of the first are published shares in tenths of a per mille.
_SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩邓冯曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁任卢"
    "姚沈钟姜崔谭陆范汪廖石金韦贾夏付方邹熊白孟秦邱侯江尹薛闫段雷龙黎史陶贺毛郝顾龚邵万覃武钱戴严莫孔向常"
)
_FIRST_WEIGHTS = (720, 705, 665, 510, 460, 320, 240, 225, 205, 190, 145, 138, 130, 125, 120, 118, 115, 112, 110, 100)
COMPOUND = ("欧阳", "令狐", "上官", "司马", "诸葛", "皇甫", "尉迟", "慕容")
_COMPOUND_SHARE = 0.0012
# Names of other peoples keep their own order and the middle dot.
_WITH_DOT = {
    "1": ("买买提·艾力", "艾尔肯·吐尔逊", "阿卜杜拉·热合曼", "巴特尔·苏和", "扎西·多吉"),
    "2": ("阿依古丽·买买提", "古丽娜尔·艾山", "热依汗·吐尔地", "其其格·乌兰", "卓玛·央金"),
}
_DOT_SHARE = 0.0008

# Given names by generation: (born before, names of men, names of women, characters of men, characters of women).
_GENERATIONS = (
    (
        1956,
        "德福 金贵 有才 长生 玉山 万福 来顺 世昌 保全 连生 富贵 根生 银贵 文斗 福有 喜才",
        "桂英 秀英 玉兰 凤英 兰英 玉珍 桂兰 月英 翠花 金莲 银花 改英 秀珍 素珍 玉梅 巧英",
        "德福贵长玉万世保连富根银文喜来顺昌全生才山有金义明",
        "桂秀玉凤兰月翠金银改素巧英珍梅莲花香芝荣爱仙",
    ),
    (
        1970,
        "建国 建军 志强 卫东 爱国 国强 永强 跃进 红兵 建华 保国 新民 援朝 文革 和平 学军",
        "秀兰 爱珍 秀芳 玉英 春梅 爱华 红英 桂花 淑芬 素芬 秀梅 美英 凤琴 改花 瑞芳 春兰",
        "建国军志强卫东爱永红华保新民文和平学林成忠安明",
        "秀兰爱珍芳玉英春梅华红桂淑芬素美凤琴改瑞莲云萍",
    ),
    (
        1985,
        "伟 强 军 勇 斌 涛 建平 志刚 永红 海军 俊峰 晓东 文斌 国平 小军 建伟 志勇 海涛 卫国 立新",
        "丽 敏 静 艳 霞 红 芳 燕 丽萍 晓红 艳红 秀丽 海燕 小红 建芳 春燕 丽娟 瑞霞 爱萍 俊梅",
        "伟强军勇斌涛建平志刚永海俊峰晓东文国立新波辉鹏飞",
        "丽敏静艳霞红芳燕萍晓秀海春娟瑞爱俊梅琴玲慧娜",
    ),
    (
        2000,
        "磊 鹏 杰 浩 超 凯 鑫 宇 帅 龙 晓鹏 志鹏 文杰 建龙 俊杰 海龙 少华 嘉伟 振宇 星宇",
        "婷 娜 雪 倩 洁 莹 丹 蕾 晓婷 雅婷 婧 媛媛 佳丽 慧敏 雅琴 晓娟 文静 梦瑶 思敏 丽娜",
        "磊鹏杰浩超凯鑫宇帅龙晓志文建俊海少嘉振星泽瑞",
        "婷娜雪倩洁莹丹蕾晓雅婧媛佳慧文梦思丽敏琪悦瑶",
    ),
    (
        2012,
        "子轩 浩然 宇轩 俊熙 嘉豪 子豪 博文 天佑 梓豪 宇航 浩宇 家乐 泽宇 皓轩 昊天 文博",
        "梓涵 欣怡 子涵 雨涵 佳怡 诗涵 思雨 梦洁 紫涵 可欣 语嫣 雨欣 佳琪 若曦 心怡 雅涵",
        "子轩浩然宇俊熙嘉豪博文天佑梓航泽皓昊乐睿辰",
        "梓涵欣怡子雨佳诗思梦紫可语若心雅琪萱妍彤",
    ),
    (
        9999,
        "沐宸 浩宇 沐辰 茗泽 奕辰 宇泽 浩然 奕泽 宇轩 沐阳 梓睿 景行 知远 承泽 一诺 铭泽",
        "若汐 一诺 艺涵 依诺 梓涵 苡沫 雨桐 欣怡 语桐 语汐 可馨 沐瑶 书瑶 知夏 清妍 安然",
        "沐宸浩宇辰茗泽奕轩梓睿景知承铭皓言川",
        "若汐艺涵依诺苡沫雨桐语可沐瑶书知清安妍初",
    ),
)
_LISTED_SHARE = 0.45
_SINGLE_SHARE = {1956: 0.10, 1970: 0.12, 1985: 0.38, 2000: 0.40, 2012: 0.12, 9999: 0.06}


@cache
def _weights() -> list[float]:
    tail = [95 * 0.976**i for i in range(len(_SURNAMES) - len(_FIRST_WEIGHTS))]
    return list(accumulate([*_FIRST_WEIGHTS, *tail]))


def surname(chance: Random) -> str:
    """One surname; now and then a compound one."""
    if chance.random() < _COMPOUND_SHARE:
        return chance.choice(COMPOUND)
    weights = _weights()
    return _SURNAMES[bisect(weights, chance.random() * weights[-1])]


def given(chance: Random, sex: str, year: int) -> str:
    """A given name as it was given around that year; ``sex`` is 1 or 2."""
    before, listed, characters = _generation(sex, year)
    if chance.random() < _LISTED_SHARE:
        return chance.choice(listed)
    first = chance.choice(characters)
    if chance.random() < _SINGLE_SHARE[before]:
        return first
    return first + chance.choice(characters)


def full(chance: Random, sex: str, year: int, family: str = "") -> str:
    """A whole name; ``family`` is the surname when it is inherited."""
    if not family and chance.random() < _DOT_SHARE:
        return chance.choice(_WITH_DOT[sex])
    return (family or surname(chance)) + given(chance, sex, year)


@cache
def _generation(sex: str, year: int) -> tuple[int, tuple[str, ...], str]:
    for before, men, women, of_men, of_women in _GENERATIONS:
        if year < before:
            return before, tuple((men if sex == "1" else women).split()), of_men if sex == "1" else of_women
    raise ValueError(year)
