"""A made-up county with known truth, to measure matching on. It knows nothing of the matcher's rules or definition.

Population. Households in villages and streets of one county; couples, children, sometimes grandparents and uncles. Surnames and characters of
given names by falling popularity; brothers and sisters often share a generation character; 1.3 % of births are twins, who often share one
too and have neighbouring numbers; 2.5 % carry names with ·; 0.4 % compound surnames. In every hundredth household somebody bears the name
of another villager, a few years older or younger.

Sources. Three, with different completeness: a hospital's register (``his``), the health records (``phr``), the insurance roll (``ins``). Who
is in which is drawn at random; 2 % of a source's people are in it twice.

Errors, each drawn by itself for each record, at the source's rates below (``SOURCES``) where they differ, else (``RATES``):

| field | errors |
|---|---|
| name | another character with the same sound, as an input method offers it; one that looks alike (a list of our own); a traditional form; surname and given name swapped; a blurred accent; one character wrong; a new name; · written differently or the end cut off; infants without a name registered under the mother's |
| number | missing; a placeholder; one digit wrong; two neighbours transposed; two digits wrong; the old 15-digit form; a parent's number for a child; a borrowed card |
| birth date | missing; the lunar date in place of the solar one (older people); day and month swapped; 1 January; only the year, sometimes one off (age given); one digit wrong; the year wrong by some years |
| sex | missing; wrong |
| phone | missing; the family's shared one; an earlier one; one digit wrong |
| address | missing; an earlier one; county left out; the whole from the province on; numbers in words; 村委会 for 村; no door number |

Rates are our assumptions, set so that the set is hard (a quarter of the hospital's records have no number), not measured in a county.
Seeds: 1–9 are for development and estimation, 2026 and up for printed results.
"""

# texts: data
import csv
import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache
from itertools import accumulate
from pathlib import Path

HEADER = (
    "record_id", "source", "name", "sex", "birth_date", "id_type", "id_number", "phone", "address", "mother_name", "household",
)  # fmt: skip
TODAY = date(2026, 6, 30)

_SURNAMES = (
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜范方石姚"
    "谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文庞樊兰殷施陶洪翟安颜倪严牛温芦季俞章鲁葛伍韦申尤毕聂"
)
_COMPOUND = ("欧阳", "司马", "上官", "诸葛", "司徒", "皇甫", "尉迟", "令狐")
_MALE = "伟强磊军勇杰涛明超刚平辉鹏华建国文志海波斌峰林健龙飞宇浩俊凯博宏亮松涵轩睿泽晨子天成东洋阳庆春永福祥德光新民生荣立学兵义忠良贵昌顺发才富全喜根来金宝财江山云"
_FEMALE = "芳娜敏静丽艳娟霞秀玲桂英红梅兰凤莲燕琴华珍玉萍雪琳欣怡佳婷雅慧倩颖莹璐瑶悦涵梓诗雨萱晓小春香菊花翠云爱淑美珠荣仙彩素巧琼芬蓉蕾薇洁晶晴菲思语彤妍若"
_UYGHUR = (
    "买买提 阿不都热合曼 艾合买提 吐尔逊 阿依古丽 古丽娜尔 热依汗 玉素甫 木拉提 阿卜杜拉 帕提古丽 努尔买买提 迪丽努尔 艾尼瓦尔 阿里木江 "
    "卡哈尔 赛买提 依明江 阿米娜 再努热"
).split()
_TOWNSHIPS = "永定街道 大营街道 罗免镇 赤鹫镇 东村镇 款庄镇 散旦镇 勤劳乡 者北乡 河东乡 白沙镇 龙泉镇 双河乡 石桥镇 新安镇 太平乡".split()
_PLACES = (
    "大营 河东 高仓 新民 麦场 清河 北邑 南营 瓦窑 石坝 松林 杨家 李家 上村 下村 龙潭 白石 红花 桃园 三合 小水井 麦竜 沙营 罗平 东元 西核 平地 "
    "团结 和平 兴隆 永安 大坪 中寨 老街 新街 青山 马鞍 凤凰 黄土坡 柳树 槐荫 柏树 双桥 六合 七里 八角"
).split()
_STREETS = (
    "环城西路 环城东路 文昌路 永定路 南街 北街 建设路 人民路 黎阳路 学府路 彩虹路 滨河路 民族路 育才路 振兴路".split()
)
# Pairs that people confuse by eye, collected by hand; not the tables that the matcher uses.
_LOOKS = [
    "未末", "己已", "戊戌", "士土", "日曰", "晴睛", "杨扬", "陈阵", "候侯", "治冶", "风凤", "干千", "大太", "玉王", "佳住", "薇微", "彬杉", "琳淋",
    "婷停", "瑶遥", "伟炜", "芬芳", "娜挪", "洁浩", "英央", "艳绝", "萍苹", "慧彗", "倩情", "颖颍", "莹萤", "璐潞", "悦阅", "涵函", "宇字", "俊峻",
    "凯剀", "博搏", "宏宠", "亮壳", "松忪", "轩轲", "睿壑", "泽译", "晨辰", "成戍", "洋详", "庆厌", "春舂", "永水", "福副", "祥详", "光先", "民氏",
    "荣莱", "立位", "学字", "兵乒", "义叉", "忠患", "良艮", "贵责", "昌晶", "顺须", "才寸", "富宫", "全金", "喜嘉", "根恨", "来米", "金全", "宝实",
    "江汪", "云去", "刘对", "何河", "孙孔", "吴昊", "周同", "徐除", "胡湖", "林休", "郭部", "罗岁", "梁粱", "宋末", "郑邓", "谢射", "韩翰", "唐庸",
]  # fmt: skip
_TRADITIONAL = dict(
    zip(
        "张刘陈杨赵黄吴孙马罗郑谢韩冯萧邓许吕苏卢蒋贾叶阎钟谭邹陆龙万钱汤乔贺龚庞兰颜严芦鲁韦毕聂伟强军杰涛刚辉鹏华国宁宝东庆荣义贵发"
        "财云丽艳娟静红梅凤莲萍颖莹语爱洁莱亮桦",
        "張劉陳楊趙黃吳孫馬羅鄭謝韓馮蕭鄧許呂蘇盧蔣賈葉閻鍾譚鄒陸龍萬錢湯喬賀龔龐蘭顏嚴蘆魯韋畢聶偉強軍傑濤剛輝鵬華國寧寶東慶榮義貴發"
        "財雲麗豔娟靜紅梅鳳蓮萍穎瑩語愛潔萊亮樺",
        strict=True,
    )
)
_ACCENT = {"陈": "程", "程": "陈", "林": "凌", "金": "京", "李": "里", "刘": "牛", "牛": "刘", "曾": "陈", "章": "臧", "石": "司", "宁": "林", "敏": "明", "明": "敏", "英": "音", "琳": "玲", "玲": "琳", "静": "晋", "红": "洪", "芬": "风", "胜": "森", "珍": "争"}  # fmt: skip
_NUMERALS = "零一二三四五六七八九十"
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)

RATES = {
    "homophone": 0.012, "lookalike": 0.005, "traditional": 0.004, "swapped_name": 0.0015, "accent": 0.002, "other_character": 0.003,
    "renamed": 0.001, "cut_name": 0.04, "digit": 0.006, "transposed": 0.003, "two_digits": 0.0007, "placeholder": 0.004,
    "parents_number": 0.008, "borrowed": 0.0006, "lunar": 0.10, "swapped_birth": 0.003, "first_january": 0.012, "year_only": 0.01,
    "birth_digit": 0.004, "wrong_year": 0.002, "wrong_sex": 0.002, "no_sex": 0.006, "phone_digit": 0.006, "moved": 0.05, "twice": 0.02,
}  # fmt: skip


@dataclass(frozen=True)
class Source:
    """One institution's file: how likely a person is in it and how complete it is."""

    name: str
    covers: float
    no_number: float
    no_phone: float
    old_phone: float
    no_birth: float
    no_address: float
    old_form: float
    household: float


SOURCES = (
    Source("his", 0.72, no_number=0.22, no_phone=0.06, old_phone=0.18, no_birth=0.01, no_address=0.08, old_form=0.0, household=0.0),
    Source("phr", 0.80, no_number=0.05, no_phone=0.10, old_phone=0.10, no_birth=0.005, no_address=0.02, old_form=0.01, household=0.9),
    Source("ins", 0.88, no_number=0.01, no_phone=0.35, old_phone=0.25, no_birth=0.0, no_address=0.10, old_form=0.03, household=0.6),
)  # fmt: skip


@dataclass(slots=True)
class Human:
    """A made-up person, as they really are."""

    key: int
    name: str
    sex: str
    born: date
    number: str
    home: "Home"
    own_phone: str
    mother: "Human | None" = None
    rank: int = 0
    earlier: "Home | None" = None


@dataclass(slots=True)
class Home:
    """A household's place and phone."""

    key: int
    town: str
    village: str
    group: int
    door: str
    phone: str
    people: list[Human] = field(default_factory=list)

    @property
    def is_street(self) -> bool:
        return self.group == 0


@cache
def _falling(count: int, power: float) -> list[float]:
    return list(accumulate(1 / (rank + 3) ** power for rank in range(count)))


class County:
    """Draws households until there are enough people; deterministic by seed."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.count = 0
        self._homes = 0
        self._by_village: dict[tuple[str, str], list[Human]] = {}
        self._numbers: set[str] = set()
        self._villages = [
            (town, place)
            for town in _TOWNSHIPS
            for place in self.random.sample(_PLACES, 18 if "街道" not in town else 6)
        ]

    def pick(self, items: Sequence[str], power: float = 0.9) -> str:
        """An item, earlier ones more often."""
        return self.random.choices(items, cum_weights=_falling(len(items), power))[0]

    def people(self, wanted: int) -> Iterator[Human]:
        """``wanted`` people, household by household."""
        while self.count < wanted:
            yield from self._household()

    def _household(self) -> list[Human]:
        r, home = self.random, self.home()
        year = r.randint(1938, 2002)
        head = self._person(home, self._surname(), "1", year)
        family = [head]
        if r.random() < 0.85:
            wife = self._person(home, self._surname(), "2", year + r.randint(-3, 4))
            family += [wife, *self._children(head, wife, home)]
        if r.random() < 0.15:
            family.append(self._person(home, head.name[:1], "1", year + r.choice((-27, -24, 2, 3, 5))))
        if r.random() < 0.01:
            self._namesake(r.choice(family))
        home.people = family
        self._by_village.setdefault((home.town, home.village), []).extend(family)
        return family

    def home(self) -> Home:
        """A new place to live, with a phone."""
        r = self.random
        self._homes += 1
        if r.random() < 0.3:
            town = r.choice(_TOWNSHIPS[:2])
            door = f"{r.randint(1, 320)}号" + (
                f"{r.randint(1, 12)}栋{r.randint(1, 4)}单元{r.randint(1, 18)}0{r.randint(1, 4)}室"
                if r.random() < 0.6
                else ""
            )
            return Home(self._homes, town, r.choice(_STREETS), 0, door, self.phone())
        town, place = r.choice(self._villages)
        return Home(self._homes, town, place + "村", r.randint(1, 12), f"{r.randint(1, 90)}号", self.phone())

    def phone(self) -> str:
        """A mobile number."""
        return self.random.choice(("13", "15", "18", "17", "19")) + f"{self.random.randrange(10**9):09d}"

    def _surname(self) -> str:
        if self.random.random() < 0.004:
            return self.random.choice(_COMPOUND)
        return self.pick(_SURNAMES)

    def given(self, sex: str, shared: str = "") -> str:
        """A given name, with a generation's character where one is shared."""
        pool = _MALE if sex == "1" else _FEMALE
        last = self.pick(pool, 0.55)
        if shared:
            return shared + last
        return last if self.random.random() < 0.22 else self.pick(_MALE + _FEMALE, 0.45) + last

    def _person(
        self, home: Home, surname: str, sex: str, year: int, born: date | None = None, shared: str = ""
    ) -> Human:
        r = self.random
        born = born or min(
            date(year, 1, 1) + timedelta(days=r.randrange(365)), TODAY - timedelta(days=r.randrange(1, 300))
        )
        if r.random() < 0.025 and not shared:
            name = f"{r.choice(_UYGHUR)}·{r.choice(_UYGHUR)}"
        else:
            name = surname + self.given(sex, shared)
        self.count += 1
        age = TODAY.year - born.year
        phone = self.phone() if r.random() < (0.0 if age < 14 else 0.9 if age < 65 else 0.45) else ""
        return Human(self.count, name, sex, born, self.number(born, sex), home, phone)

    def _children(self, father: Human, mother: Human, home: Home) -> list[Human]:
        r = self.random
        found: list[Human] = []
        year = max(father.born.year, mother.born.year) + r.randint(21, 30)
        shared = self.pick(_MALE + _FEMALE, 0.4) if r.random() < 0.4 else ""
        surname = father.name[:2] if father.name[:2] in _COMPOUND else father.name[:1]
        while r.random() < 0.62 and year <= TODAY.year and len(found) < 4:
            child = self._person(home, surname, r.choice("12"), year, shared=shared)
            child.mother = mother
            found.append(child)
            if r.random() < 0.013:
                found.append(self._twin(child, surname, mother, home))
            year += r.randint(1, 6)
        return found

    def _twin(self, first: Human, surname: str, mother: Human, home: Home) -> Human:
        r = self.random
        sex = first.sex if r.random() < 0.65 else ("1" if first.sex == "2" else "2")
        shared = first.name[len(surname) : len(surname) + 1] if r.random() < 0.6 and len(first.name) > 2 else ""
        twin = self._person(home, surname, sex, first.born.year, first.born, shared)
        while twin.name == first.name:
            twin.name = surname + self.given(sex, shared)
        near = f"{first.number[:14]}{(int(first.number[14:17]) + (2 if sex == first.sex else 1)) % 1000:03d}"
        if near + _check(near) not in self._numbers:
            twin.number = near + _check(near)
            self._numbers.add(twin.number)
        first.rank, twin.rank, twin.mother = 1, 2, mother
        return twin

    def _namesake(self, person: Human) -> None:
        others = self._by_village.get((person.home.town, person.home.village))
        if others:
            other = self.random.choice(others)
            if (
                other.sex == person.sex
                and other.home is not person.home
                and abs(other.born.year - person.born.year) < 12
            ):
                person.name = other.name

    def number(self, born: date, sex: str) -> str:
        """A citizen number nobody has."""
        r = self.random
        while True:
            area = "530124" if r.random() < 0.85 else f"53{r.randint(1, 29):02d}{r.randint(21, 35)}"
            body = f"{area}{born:%Y%m%d}{r.randrange(500) * 2 + (sex == '1'):03d}"
            number = body + _check(body)
            if number not in self._numbers:
                self._numbers.add(number)
                return number


def _check(body: str) -> str:
    return "10X98765432"[sum(int(c) * w for c, w in zip(body, _WEIGHTS, strict=True)) % 11]


@cache
def _sounds() -> dict[str, str]:
    """The characters an input method offers for each syllable, common ones of names first."""
    from pypinyin import lazy_pinyin

    common = dict.fromkeys(_SURNAMES + _MALE + _FEMALE + "玮炜薇维微惟唯为威卫魏峰丰枫锋凤奉海亥骇红虹鸿宏弘洪英瑛莹盈颖影静靖敬婧境杰洁捷节结丽莉利立力历励娜纳那敏闽皿悯芳方坊防霞侠夏下秀绣袖玲铃灵龄岭凌琳霖林临淋凛伟苇萍平苹屏坪梅玫眉媚美妹凤冯逢兰岚蓝燕艳雁彦砚妍言延严琴勤芹秦珍真贞振震针玉钰裕育郁昱煜雪学欣新馨心辛鑫怡宜仪依一伊佳嘉家加婷庭廷亭雅亚娅慧惠会卉蕙倩茜欠莹瑞睿锐蕊悦月岳跃越涵含寒韩晗梓子紫姿诗施师石时雨语宇羽禹予萱轩宣喧晓小筱孝笑香湘祥翔详想建健剑见国果过文闻雯纹志智治致芝波博勃泊斌彬宾滨龙隆飞菲非斐浩皓昊灏俊军君骏钧凯恺亮良梁量松嵩泽则择晨辰陈尘臣天添田成城诚程承东冬栋董洋阳扬杨庆青清情庆春纯永勇咏涌福富付傅德得光广民明鸣铭生升声胜荣容蓉融立义毅艺忆忠中钟终贵桂归昌常畅长顺发法才财材全泉权喜希西熙根来莱金锦今津宝保葆江姜将山珊善云芸韵运")  # fmt: skip
    found: dict[str, str] = {}
    for character in common:
        syllable = lazy_pinyin(character)[0]
        found[syllable] = found.get(syllable, "") + character
    return {c: found[lazy_pinyin(c)[0]].replace(c, "") for c in common}


_LOOK = {pair[at]: pair[1 - at] for pair in _LOOKS for at in (0, 1)}


class Clerk:
    """Writes a person down in one source, with that source's gaps and everybody's mistakes."""

    def __init__(self, county: County) -> None:
        self.county, self.random = county, county.random

    def write(self, person: Human, source: Source) -> tuple[str, ...]:
        """The fields of one record after ``record_id`` and ``source``."""
        number = self._number(person, source)
        return (
            self._name(person, source),
            self._sex(person),
            self._birth(person, source),
            "01",
            number,
            self._phone(person, source),
            self._address(person, source),
            self._mother(person),
            f"JT{person.home.key:07d}" if self.happens(source.household) else "",
        )

    def happens(self, rate: float) -> bool:
        """A draw."""
        return self.random.random() < rate

    def _name(self, person: Human, source: Source) -> str:
        name, r = person.name, self.random
        if person.mother and source.name == "his" and (TODAY - person.born).days < 365 and self.happens(0.6):
            return (
                person.mother.name
                + ("之子" if person.sex == "1" else "之女")
                + (str(person.rank) if person.rank else "")
            )
        if "·" in name:
            return self._dotted(name)
        at = r.randrange(len(name))
        if self.happens(RATES["homophone"]) and _sounds().get(name[at]):
            return _put(name, at, r.choice(_sounds()[name[at]]))
        if self.happens(RATES["lookalike"]) and (places := [i for i, c in enumerate(name) if c in _LOOK]):
            at = r.choice(places)
            return _put(name, at, _LOOK[name[at]])
        if self.happens(RATES["traditional"]):
            return "".join(_TRADITIONAL.get(c, c) for c in name)
        if self.happens(RATES["swapped_name"]):
            return name[1:] + name[0]
        if self.happens(RATES["accent"]) and name[at] in _ACCENT:
            return _put(name, at, _ACCENT[name[at]])
        if self.happens(RATES["other_character"]):
            return _put(name, r.randrange(1, len(name)), r.choice(_MALE + _FEMALE))
        return name[:1] + self.county.given(person.sex) if self.happens(RATES["renamed"]) else name

    def _dotted(self, name: str) -> str:
        if self.happens(RATES["cut_name"]):
            return name[: self.random.choice((6, 8))]
        if self.happens(0.05):
            first, _, second = name.partition("·")
            return f"{second}·{first}" if self.happens(0.2) else first + second
        return name.replace("·", self.random.choice("··•.")) if self.happens(0.4) else name

    def _sex(self, person: Human) -> str:
        if self.happens(RATES["no_sex"]):
            return ""
        return ("2" if person.sex == "1" else "1") if self.happens(RATES["wrong_sex"]) else person.sex

    def _number(self, person: Human, source: Source) -> str:
        r, number = self.random, person.number
        age = TODAY.year - person.born.year
        if self.happens(source.no_number + (0.5 if age < 1 else 0.1 if age < 6 else 0.0)):
            return ""
        if self.happens(RATES["placeholder"]):
            return r.choice(("无", "000000000000000000", "不详", "1"))
        if age < 14 and person.mother and self.happens(RATES["parents_number"]):
            return person.mother.number
        if self.happens(RATES["borrowed"]) and len(person.home.people) > 1:
            return r.choice(person.home.people).number
        if person.born.year < 1985 and self.happens(source.old_form):
            return number[:6] + number[8:17]
        if self.happens(RATES["digit"]):
            return _wrong_digit(r, number)
        if self.happens(RATES["transposed"]):
            at = r.randrange(16)
            return number[:at] + number[at + 1] + number[at] + number[at + 2 :]
        return _wrong_digit(r, _wrong_digit(r, number)) if self.happens(RATES["two_digits"]) else number

    def _birth(self, person: Human, source: Source) -> str:
        r, born = self.random, person.born
        if self.happens(source.no_birth):
            return ""
        if born.year < 1978 and source.name != "ins" and self.happens(RATES["lunar"]):
            return _lunar_text(born)
        if self.happens(RATES["swapped_birth"]) and born.day <= 12:
            return f"{born.year}-{born.day:02d}-{born.month:02d}"
        if self.happens(RATES["first_january"]):
            return f"{born.year}-01-01"
        if self.happens(RATES["year_only"]):
            return str(born.year + r.choice((0, 0, 0, 1, -1)))
        if self.happens(RATES["birth_digit"]):
            return _near_date(r, born)
        if self.happens(RATES["wrong_year"]):
            return _safe(born.year + r.choice((-10, -3, -2, 2, 3, 10)), born.month, born.day).isoformat()
        return f"{born:%Y%m%d}" if source.name == "ins" else born.isoformat()

    def _phone(self, person: Human, source: Source) -> str:
        if self.happens(source.no_phone):
            return ""
        phone = person.own_phone if person.own_phone and not self.happens(0.12) else person.home.phone
        if self.happens(source.old_phone):
            phone = self.county.phone()
        return _wrong_digit(self.random, phone) if self.happens(RATES["phone_digit"]) else phone

    def _address(self, person: Human, source: Source) -> str:
        if self.happens(source.no_address):
            return ""
        if self.happens(RATES["moved"]):
            person.earlier = person.earlier or self.county.home()
            return self._written(person.earlier, source)
        return self._written(person.home, source)

    def _written(self, home: Home, source: Source) -> str:
        r = self.random
        before = {"his": "", "phr": "富民县", "ins": "云南省昆明市富民县"}[source.name] if self.happens(0.8) else ""
        door = "" if self.happens(0.1) else home.door
        if home.is_street:
            return f"{before}{home.town if self.happens(0.8) else ''}{home.village}{door}"
        group = _NUMERALS[home.group] if home.group <= 10 and r.random() < 0.4 else str(home.group)
        village = home.village + ("委会" if self.happens(0.2) else "")
        return f"{before}{home.town if self.happens(0.9) else ''}{village}{group}{r.choice('组组组社')}{door}"

    def _mother(self, person: Human) -> str:
        if person.mother is None or TODAY.year - person.born.year > 6 or self.happens(0.3):
            return ""
        return person.mother.name


def _put(text: str, at: int, character: str) -> str:
    return text[:at] + character + text[at + 1 :]


def _wrong_digit(r: random.Random, number: str) -> str:
    at = r.randrange(len(number) - 1)
    return _put(number, at, str((int(number[at]) + r.randint(1, 9)) % 10))


def _near_date(r: random.Random, born: date) -> str:
    return _safe(
        born.year, (born.month + r.choice((0, 0, 1, -1)) - 1) % 12 + 1, born.day + r.choice((-10, -1, 1, 10))
    ).isoformat()


def _safe(year: int, month: int, day: int) -> date:
    return date(year, month, min(max(day, 1), 28))


@cache
def _lunar_starts(year: int) -> list[tuple[date, int]]:
    """First solar day and number of each ordinary month of a lunar year."""
    from lunar_python import LunarYear

    return [
        (date.fromordinal(int(m.getFirstJulianDay() - 1721424.5)), m.getMonth())
        for m in LunarYear.fromYear(year).getMonthsInYear()
    ]


def _lunar_text(born: date) -> str:
    """The lunar date of a day, written like a solar one (leap months by their number)."""
    for year in (born.year, born.year - 1):
        starts = [(first, month) for first, month in _lunar_starts(year) if first <= born]
        if starts:
            first, month = starts[-1]
            return f"{year}-{abs(month):02d}-{(born - first).days + 1:02d}"
    return born.isoformat()


@dataclass(frozen=True)
class Written:
    """One record with whom it is about."""

    person: int
    fields: tuple[str, ...]


def records(seed: int, count: int) -> Iterator[Written]:
    """``count`` records; ``fields`` in the order of HEADER."""
    county = County(seed)
    clerk, done = Clerk(county), 0
    for batch in _batches(county.people(count)):
        for person in batch:
            for source in SOURCES:
                if not clerk.happens(source.covers):
                    continue
                for _ in range(1 + clerk.happens(RATES["twice"])):
                    done += 1
                    yield Written(person.key, (f"{source.name}-{done}", source.name, *clerk.write(person, source)))
                    if done == count:
                        return


def _batches(people: Iterable[Human]) -> Iterator[list[Human]]:
    """People in groups of two thousand, so that a household is complete before one of it is written down."""
    batch: list[Human] = []
    for person in people:
        batch.append(person)
        if len(batch) == 2000:
            yield batch
            batch = []
    yield batch


def write_files(folder: Path, seed: int, count: int) -> tuple[list[Path], Path]:
    """One CSV a source and ``truth.csv`` (record_id, person). Returns the sources' files and the truth's."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = {s.name: folder / f"{s.name}.csv" for s in SOURCES}
    handles = {name: path.open("w", encoding="utf-8", newline="") for name, path in paths.items()}
    truth = folder / "truth.csv"
    try:
        writers = {name: csv.writer(handle) for name, handle in handles.items()}
        for writer in writers.values():
            writer.writerow(HEADER)
        with truth.open("w", encoding="utf-8", newline="") as known:
            known.write("record_id,person\n")
            for written in records(seed, count):
                writers[written.fields[1]].writerow(written.fields)
                known.write(f"{written.fields[0]},{written.person}\n")
    finally:
        for handle in handles.values():
            handle.close()
    return list(paths.values()), truth
