"""The fictitious county 青岚县: its places, institutions, departments, people at work and logins.

Scaled after the published figures of a county of 350,000: county hospital, TCM, maternal and child, a second hospital as sub-centre,
nine township centres, one community centre and 170 village clinics (two without a doctor), plus those that do not belong to the community.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache, cached_property
from random import Random

from yigong.demo.generate import names
from yigong.demo.generate.keys import COUNTY, chance, phone

COUNTY_NAME = "青岚县"
VILLAGES = 170
WITHOUT_DOCTOR = 2
SECONDED_SINCE = timedelta(days=210)
TOWNS = (
    # name, villages, centre's class; the first is the county town with the community centre.
    ("城关街道", 8, "B100"),
    ("云阳镇", 22, "C210"),
    ("柳河镇", 20, "C210"),
    ("石桥镇", 19, "C210"),
    ("双泉镇", 18, "C220"),
    ("大营镇", 18, "C220"),
    ("白塔镇", 17, "C220"),
    ("清溪乡", 17, "C220"),
    ("东岭乡", 16, "C220"),
    ("西沟乡", 15, "C220"),
)
_FIRST = "王李张刘陈杨赵高郭梁石马孟韩田白"
_MIDDLE = "家 西 东 南 北 上 下 大 小 前 后 新 老 里 外".split()
_LAST = "庄 沟 村 坪 营 堡 寨 湾 峪 岭 坡 泉 河 桥 店 塔".split()

_COUNTY_DEPARTMENTS = (
    ("NK", "内科", "03"), ("XN", "心血管内科", "0304"), ("SJ", "神经内科", "0303"), ("HX", "呼吸内科", "0301"),
    ("NFM", "内分泌科", "0307"), ("WK", "普通外科", "0401"), ("GK", "骨科", "0403"), ("FC", "妇产科", "05"),
    ("EK", "儿科", "07"), ("JZ", "急诊科", "20"), ("YX", "医学影像科", "32"), ("XD", "心电图室", "3206"),
    ("JY", "检验科", "30"), ("BL", "病理科", "31"), ("YJ", "药剂科", ""), ("ZZ", "转诊服务中心", ""), ("YB", "医保办", ""),
    ("ZK", "质量管理科", ""), ("GH", "门诊办公室", ""), ("GY", "消毒供应室", ""),
)  # fmt: skip
_SMALL_DEPARTMENTS = (
    ("QK", "全科", "02"),
    ("ZY", "中医科", "50"),
    ("GW", "公共卫生科", "01"),
    ("YX", "放射室", "3201"),
    ("YF", "药房", ""),
)
_SPECIALISTS = ("NK", "XN", "SJ", "HX", "NFM", "WK", "GK", "FC", "EK", "JZ")

# role → (how many at the county hospital, at the other county hospitals, at a township centre), its department there
_POSTS = {
    "specialist": (40, 14, 0, ""),
    "nurse": (24, 10, 4, ""),
    "technician": (6, 3, 2, "YX"),
    "radiologist": (6, 2, 0, "YX"),
    "senior_radiologist": (2, 0, 0, "YX"),
    "referral_office": (2, 1, 0, "ZZ"),
    "duty_chief": (3, 1, 0, ""),
    "registrar": (3, 2, 1, ""),
    "pharmacist": (3, 2, 1, ""),
    "insurance_clerk": (2, 1, 0, "YB"),
    "quality_manager": (1, 1, 0, "ZK"),
    "identity_manager": (1, 0, 0, "GH"),
    "director": (1, 1, 0, ""),
    "admin": (1, 0, 0, ""),
    "gp": (0, 0, 6, "QK"),
    "township_manager": (0, 0, 1, "GW"),
    "ecg_reader": (3, 1, 0, "XD"),
    "lab_technician": (5, 2, 0, "JY"),
    "lab_doctor": (2, 1, 0, "JY"),
    "sterile_technician": (3, 0, 0, "GY"),
    "dispatcher": (3, 0, 0, "JZ"),
    "ambulance_crew": (6, 0, 0, "JZ"),
    "pathology_technician": (3, 0, 0, "BL"),
    "pathologist": (3, 0, 0, "BL"),
    "senior_pathologist": (2, 0, 0, "BL"),
}
# Hired after everybody else: who was there before stays who he is.
_LATER = (("logistics_dispatcher", 2), ("driver", 4))
# The password of every login of the demo.
PASSWORD = "Qinglan-2026"
# Logins: username → (role, key of the institution)
LOGINS = {
    "cunyi": ("village_doctor", "V001-01"),
    "quanke": ("gp", "T01"),
    "weishengyuan": ("township_manager", "T01"),
    "hushi": ("nurse", "T01"),
    "jishi": ("technician", "T01"),
    "guahao": ("registrar", "T01"),
    "zhuanke": ("specialist", "COUNTY"),
    "yingxiang": ("radiologist", "COUNTY"),
    "shenhe": ("senior_radiologist", "COUNTY"),
    "xindian": ("ecg_reader", "COUNTY"),
    "jianyan": ("lab_technician", "COUNTY"),
    "jianyi": ("lab_doctor", "COUNTY"),
    "bingliji": ("pathology_technician", "COUNTY"),
    "bingli": ("pathologist", "COUNTY"),
    "binglishen": ("senior_pathologist", "COUNTY"),
    "xiaodu": ("sterile_technician", "COUNTY"),
    "diaodu": ("dispatcher", "COUNTY"),
    "jijiu": ("ambulance_crew", "COUNTY"),
    "wuliu": ("logistics_dispatcher", "COUNTY"),
    "siji": ("driver", "COUNTY"),
    "zhuanzhen": ("referral_office", "COUNTY"),
    "zongzhiban": ("duty_chief", "COUNTY"),
    "zhusuoyin": ("identity_manager", "COUNTY"),
    "yaoshi": ("pharmacist", "COUNTY"),
    "yibao": ("insurance_clerk", "COUNTY"),
    "zhikong": ("quality_manager", "COUNTY"),
    "yuanzhang": ("director", "COUNTY"),
    "weijian": ("bureau", "BUREAU"),
    "guanli": ("admin", "COUNTY"),
}


@dataclass(frozen=True)
class Place:
    """An administrative area."""

    code: str
    name: str
    level: str
    parent: str


@dataclass(frozen=True)
class Institution:
    """One institution; ``key`` is ours, ``parent`` the key of the one that manages it."""

    key: str
    name: str
    short_name: str
    level: str
    category: str
    parent: str
    place: str
    grade: str = ""
    ownership: str = "public"

    @property
    def code(self) -> str:
        """The institution's business code."""
        return f"QL{self.key.replace('-', '')}"


@dataclass(frozen=True)
class Worker:
    """One person at work: one post, perhaps one login."""

    code: str
    name: str
    sex: str
    title: str
    role: str
    institution: str
    department: str
    phone: str
    username: str = ""


@dataclass
class County:
    """Everything that exists before the first resident."""

    places: list[Place] = field(default_factory=list)
    institutions: list[Institution] = field(default_factory=list)
    departments: list[tuple[str, str, str, str]] = field(default_factory=list)
    workers: list[Worker] = field(default_factory=list)

    def at(self, institution: str, role: str) -> list[Worker]:
        """Who holds this role there."""
        return self._by_post.get((institution, role), [])

    @cached_property
    def seconded(self) -> dict[str, Worker]:
        """Who of the county hospital is stationed at a public township: an attending or higher, one each."""
        people = [w for w in self.at("COUNTY", "specialist") if not w.username and w.title in {"1", "2", "3"}]
        houses = [i.key for i in self.institutions if i.level == "township" and i.ownership == "public"]
        return dict(zip(houses, people, strict=False))

    @property
    def _by_post(self) -> dict[tuple[str, str], list[Worker]]:
        if not hasattr(self, "_posts"):
            self._posts: dict[tuple[str, str], list[Worker]] = {}
            for worker in self.workers:
                self._posts.setdefault((worker.institution, worker.role), []).append(worker)
        return self._posts


@cache
def build(seed: int) -> County:
    """The county of this seed."""
    county = County()
    county.places = [Place(COUNTY, COUNTY_NAME, "county", "")]
    county.institutions = list(_hospitals())
    _towns(county, seed)
    for place in county.institutions:
        county.departments += [(place.key, *d) for d in _departments_of(place)]
    _hire(county, seed)
    return county


def _hospitals() -> Iterator[Institution]:
    name = COUNTY_NAME
    yield Institution("BUREAU", f"{name}卫生健康局", "县卫健局", "authority", "P100", "", COUNTY)
    yield Institution("COUNTY", f"{name}人民医院", "县医院", "county", "A100", "BUREAU", COUNTY, "2")
    yield Institution("TCM", f"{name}中医医院", "县中医院", "county", "A210", "COUNTY", COUNTY, "2")
    yield Institution("MCH", f"{name}妇幼保健院", "县妇幼", "county", "G100", "COUNTY", COUNTY, "2")
    yield Institution("SECOND", f"{name}第二人民医院", "县二院", "county", "A100", "COUNTY", f"{COUNTY}103", "2")
    yield Institution("CITY", "临岳市中心医院", "市中心医院", "outside", "A100", "", "", "3")
    yield Institution("PRIVATE", f"{name}康宁医院", "康宁医院", "county", "A100", "", COUNTY, "1", "private")
    for n, owner in enumerate(("王氏", "济民", "同春"), 1):
        yield Institution(f"CLINIC-{n}", f"{owner}诊所", f"{owner}诊所", "township", "D211", "", COUNTY, "", "private")


def _towns(county: County, seed: int) -> None:
    source = chance(seed, "villages")
    taken: set[str] = set()
    for number, (name, villages, category) in enumerate(TOWNS, 1):
        code = f"{COUNTY}{1 if number == 1 else 99 + number:03d}"
        kind = "社区卫生服务中心" if category == "B100" else "中心卫生院" if category == "C210" else "卫生院"
        short = name.removesuffix("街道")
        centre = Institution(
            f"T{(number - 1) or 10:02d}", COUNTY_NAME + short + kind, short + kind, "township", category, "COUNTY", code
        )
        county.places.append(Place(code, name, "town", COUNTY))
        county.institutions.append(centre)
        for n in range(1, villages + 1):
            village = _village_name(source, taken)
            place = f"{code}{n if number == 1 else 200 + n:03d}"
            county.places.append(Place(place, village, "village", code))
            key = f"V{centre.key[1:]:0>3}-{n:02d}"
            county.institutions.append(
                Institution(key, f"{name}{village}卫生室", f"{village}卫生室", "village", "D600", centre.key, place)
            )


def _village_name(source: Random, taken: set[str]) -> str:
    while True:
        name = source.choice(_FIRST) + source.choice(_MIDDLE) + source.choice(_LAST)
        if name not in taken:
            taken.add(name)
            return name


def _departments_of(place: Institution) -> tuple[tuple[str, str, str], ...]:
    if place.level == "county":
        return _COUNTY_DEPARTMENTS
    return _SMALL_DEPARTMENTS if place.level == "township" and place.ownership == "public" else ()


def _hire(county: County, seed: int) -> None:
    source = chance(seed, "staff")
    waiting = {post: username for username, post in LOGINS.items()}
    empty = set(source.sample([i.key for i in county.institutions if i.level == "village"][40:], WITHOUT_DOCTOR))
    for place in county.institutions:
        for role, department in _jobs(place, source, place.key in empty):
            _hire_one(county, source, waiting, role, place.key, department)
    for role, count in _LATER:
        for _ in range(count):
            _hire_one(county, source, waiting, role, "COUNTY", "")
    assert not waiting, waiting


def _hire_one(
    county: County, source: Random, waiting: dict[tuple[str, str], str], role: str, place: str, department: str
) -> None:
    sex = "2" if source.random() < (0.97 if role == "nurse" else 0.45) else "1"
    name = names.full(source, sex, source.randrange(1964, 2000))
    title = source.choice("12334455") if role in _TITLED else ""
    code = f"{len(county.workers) + 1:06d}"
    username = waiting.pop((role, place), "")
    county.workers.append(Worker(code, name, sex, title, role, place, department, phone(source), username))


_TITLED = {
    "specialist",
    "radiologist",
    "ecg_reader",
    "lab_technician",
    "lab_doctor",
    "senior_radiologist",
    "pathologist",
    "senior_pathologist",
    "gp",
    "director",
    "duty_chief",
    "township_manager",
}


def _jobs(place: Institution, source: Random, empty: bool) -> Iterator[tuple[str, str]]:
    if place.level == "village":
        # 319 village doctors for 168 staffed clinics.
        for _ in range(0 if empty else 2 if source.random() < 0.9 else 1):
            yield "village_doctor", ""
    elif place.key == "BUREAU":
        yield from [("bureau", "")] * 3
    elif place.ownership == "public" and place.level in {"county", "township"}:
        column = 2 if place.level == "township" else 0 if place.key == "COUNTY" else 1
        for role, counts in _POSTS.items():
            for n in range(counts[:3][column]):
                department = _SPECIALISTS[n % len(_SPECIALISTS)] if role == "specialist" else counts[3]
                yield role, department
