"""Places, institutions, people at work, alliances, shared centres, rosters and logins into the database."""

from datetime import date, datetime, time, timedelta
from fractions import Fraction
from math import floor
from uuid import UUID

from django.contrib.auth.hashers import make_password

from yigong.core.clock import SHANGHAI
from yigong.core.pinyin import initials
from yigong.demo.generate import geography
from yigong.demo.generate.county import COUNTY_NAME, PASSWORD, SECONDED_SINCE, County
from yigong.demo.generate.keys import COUNTY, key
from yigong.demo.load.copying import Table
from yigong.network.api import standards_of

_FOUNDED = date(2019, 7, 1)
_CENTRES = (
    # kind, name, host, department, open around the clock
    ("imaging", "医学影像诊断中心", "COUNTY", "YX", True),
    ("ecg", "心电诊断中心", "COUNTY", "XD", True),
    ("laboratory", "医学检验中心", "COUNTY", "JY", False),
    ("pathology", "病理诊断中心", "COUNTY", "BL", False),
    ("consultation", "远程会诊中心", "COUNTY", "ZZ", False),
    ("sterile", "消毒供应中心", "COUNTY", "GY", False),
    ("emergency", "急诊急救中心", "COUNTY", "JZ", True),
)
_ALLIANCES = (
    # code, kind, name, specialty, members: (institution, role, manner)
    ("COMMUNITY", "community", f"{COUNTY_NAME}紧密型县域医共体", "", ()),
    (
        "CITYCOUNTY",
        "city_county",
        "临岳市县医疗联合体",
        "",
        (("CITY", "lead", "agreed"), ("COUNTY", "partner", "agreed")),
    ),
    (
        "STROKE",
        "specialty",
        "临岳脑卒中专科联盟",
        "0303",
        (("CITY", "lead", "agreed"), ("COUNTY", "member", "agreed"), ("SECOND", "member", "agreed")),
    ),
    (
        "REMOTE",
        "remote",
        f"{COUNTY_NAME}远程医疗协作网",
        "",
        (("COUNTY", "lead", "agreed"), ("PRIVATE", "partner", "agreed")),
    ),
)


class Keys:
    """Keys of the network by the names the generator uses."""

    def __init__(self, seed: int, county: County) -> None:
        self.seed = seed
        self.place = {p.code: key(seed, "place", p.code) for p in county.places}
        self.institution = {i.key: key(seed, "institution", i.key) for i in county.institutions}
        self.department = {(d[0], d[1]): key(seed, "department", f"{d[0]}/{d[1]}") for d in county.departments}
        self.staff = {w.code: key(seed, "staff", w.code) for w in county.workers}

    def of(self, kind: str, name: str) -> UUID:
        """The key of anything else of the network."""
        return key(self.seed, kind, name)


def load(county: County, seed: int, today: date) -> Keys:
    """Write the whole network; returns its keys."""
    keys = Keys(seed, county)
    _places(county, keys)
    _institutions(county, keys)
    _locations(county, keys)
    _people(county, keys)
    _secondments(county, keys, today)
    _verdicts(county, keys)
    _alliances(county, keys)
    _centres(county, keys)
    _duties(county, keys, today)
    return keys


def _places(county: County, keys: Keys) -> None:
    table = Table("network.Place", ("id", "code", "name", "initials", "level", "parent"))
    for p in county.places:
        parent = keys.place[p.parent] if p.parent else None
        table.add(keys.place[p.code], p.code, p.name, initials(p.name)[:40], p.level, parent)
    table.flush()


def _institutions(county: County, keys: Keys) -> None:
    fields = ("id", "code", "name", "short_name", "initials", "level", "category", "ownership", "grade", "grade_class")
    table = Table("network.Institution", (*fields, "parent", "place", "phone", "address", "opened_on"))
    for n, i in enumerate(county.institutions):
        table.add(
            keys.institution[i.key], i.code, i.name, i.short_name, initials(i.name)[:40], i.level, i.category, i.ownership,
            i.grade, "1" if i.grade else "", keys.institution.get(i.parent), keys.place.get(i.place), f"0359-8{n:06d}",
            "", date(2010, 1, 1),
        )  # fmt: skip
    table.flush()
    departments = Table("network.Department", ("id", "institution", "code", "name", "specialty", "phone"))
    for institution, code, name, specialty in county.departments:
        departments.add(keys.department[institution, code], keys.institution[institution], code, name, specialty, "")
    departments.flush()


def _locations(county: County, keys: Keys) -> None:
    table = Table("network.Location", ("id", "institution", "place", "latitude", "longitude", "source"))
    for name, (latitude, longitude) in geography.institutions(county, keys.seed):
        table.add(keys.of("location", name), keys.institution[name], None, latitude, longitude, "示例县虚构坐标")
    for code, (latitude, longitude) in geography.places(county, keys.seed).items():
        table.add(keys.of("location", code), None, keys.place[code], latitude, longitude, "示例县虚构坐标")
    table.flush()


def _people(county: County, keys: Keys) -> None:
    staff = Table("network.Staff", ("id", "code", "name", "initials", "sex", "phone", "title", "rights_version"))
    posts = Table("network.Post", ("id", "staff", "institution", "department", "role", "starts_on", "end_reason"))
    # One hash for all: the password is the same and printed on the screen anyway.
    secret = make_password(PASSWORD)
    accounts = Table(
        "access.Account", ("id", "username", "password", "staff", "is_active", "must_change_password", "rights_version")
    )
    for w in county.workers:
        key_of_staff = keys.staff[w.code]
        staff.add(key_of_staff, w.code, w.name, initials(w.name), w.sex, w.phone, w.title, 1)
        department = keys.department.get((w.institution, w.department))
        posts.add(
            keys.of("post", w.code), key_of_staff, keys.institution[w.institution], department, w.role, _FOUNDED, ""
        )
        if w.username:
            accounts.add(keys.of("account", w.username), w.username, secret, key_of_staff, True, False, 1)
    for table in (staff, posts, accounts):
        table.flush()
    _licences(county, keys)


_LICENSED = Fraction(228, 319)  # village doctors who are physicians or assistants as well, as one county published


def _licences(county: County, keys: Keys) -> None:
    """Every doctor's licence: general practice at the townships; of the village doctors seven in ten are physicians or assistants."""
    table = Table(
        "network.Qualification",
        ("id", "staff", "kind", "number", "practice_class", "practice_level", "scope", "institution", "issued_on"),
    )
    villages, crew = 0, 0
    for w in county.workers:
        if w.role == "ambulance_crew":
            # By turns a doctor, one who drives, a nurse.
            crew += 1
            if crew % 3 == 1:
                table.add(
                    keys.of("licence", w.code), keys.staff[w.code], "practice", f"140{w.code:0>12}", "1", "1", "急救医学专业",
                    keys.institution[w.institution], date(2012, 7, 1),
                )  # fmt: skip
            elif crew % 3 == 0:
                table.add(
                    keys.of("licence", w.code), keys.staff[w.code], "nurse", f"2014{w.code:0>8}", "", "", "",
                    keys.institution[w.institution], date(2012, 7, 1),
                )  # fmt: skip
            continue
        kind, level, scope = "practice", "1", {"gp": "全科医学专业", "specialist": "内科专业"}.get(w.role, "")
        if w.role == "village_doctor":
            licensed = floor((villages + 1) * _LICENSED) > floor(villages * _LICENSED)
            villages += 1
            kind, level, scope = ("practice", "2", "乡村全科") if licensed else ("village_doctor", "", "")
        elif not scope:
            continue
        table.add(
            keys.of("licence", w.code), keys.staff[w.code], kind, f"{'1' if level else '9'}40{w.code:0>12}", "1" if level else "", level, scope,
            keys.institution[w.institution], date(2012, 7, 1),
        )  # fmt: skip
    table.flush()


def _verdicts(county: County, keys: Keys) -> None:
    """Each health centre meets the standard, one as a community hospital; of the village clinics those with a doctor."""
    table = Table(
        "network.Accreditation",
        ("id", "institution", "kind", "level", "starts_on", "document", "decided_by", "note", "recorded_by"),
    )
    centres = 0
    for i in county.institutions:
        if i.ownership != "public":
            continue
        (kind,) = standards_of(i.category) or ("",)
        if kind == "service":
            level, paper = (
                "community_hospital" if centres == 0 else "recommended" if centres == 1 else "basic",
                "〔2025〕31号",
            )
            centres += 1
        elif kind == "clinic" and county.at(i.key, "village_doctor"):
            level, paper = "met", "〔2024〕17号"
        else:
            continue
        table.add(
            keys.of("verdict", i.key), keys.institution[i.key], kind, level, date(2025, 1, 1), f"青岚卫健{paper}", f"{COUNTY_NAME}卫生健康局", "",
            "示例县载入",
        )  # fmt: skip
    table.flush()


def _secondments(county: County, keys: Keys, today: date) -> None:
    table = Table("network.Secondment", ("id", "staff", "institution", "form", "starts_on", "reason", "end_reason"))
    for house, worker in county.seconded.items():
        table.add(
            keys.of("secondment", house), keys.staff[worker.code], keys.institution[house], "stationed", today - SECONDED_SINCE, "医共体年度派驻计划", "",
        )  # fmt: skip
    table.flush()


def _alliances(county: County, keys: Keys) -> None:
    table = Table(
        "network.Alliance",
        (
            "id",
            "kind",
            "name",
            "place",
            "specialty",
            "governing_body",
            "charter_number",
            "charter_signed_on",
            "duties",
            "starts_on",
        ),
    )
    members = Table(
        "network.Membership",
        ("id", "alliance", "kind", "institution", "role", "manner", "starts_on", "reason", "end_reason"),
    )
    for code, kind, name, specialty, listed in _ALLIANCES:
        alliance = keys.of("alliance", code)
        body = f"{COUNTY_NAME}医共体管理委员会" if kind == "community" else ""
        table.add(
            alliance, kind, name, keys.place[COUNTY], specialty, body, f"青岚医共〔2019〕{len(code)}号", _FOUNDED,
            "统一人员、财务、药品、业务与信息管理" if body else "", _FOUNDED,
        )  # fmt: skip
        for institution, role, manner in listed or _community(county):
            members.add(
                keys.of("membership", f"{code}/{institution}"), alliance, kind, keys.institution[institution], role, manner,
                _FOUNDED, "签订章程", "",
            )  # fmt: skip
    table.flush()
    members.flush()


def _community(county: County) -> list[tuple[str, str, str]]:
    found = []
    for i in county.institutions:
        if i.key == "COUNTY":
            found.append((i.key, "lead", "owned"))
        elif i.key == "SECOND":
            found.append((i.key, "sub_centre", "entrusted"))
        elif i.ownership == "public" and i.level in {"county", "township", "village"}:
            found.append((i.key, "member", "entrusted" if i.level == "township" else "agreed"))
    return found


def _centres(county: County, keys: Keys) -> None:
    table = Table(
        "network.Centre",
        ("id", "kind", "name", "institution", "department", "opens_at", "closes_at", "phone", "starts_on"),
    )
    services = Table("network.CentreService", ("id", "centre", "kind", "institution", "starts_on", "reason"))
    served = [i.key for i in county.institutions if i.ownership == "public" and i.level in {"county", "township"}]
    for number, (kind, name, host, department, always) in enumerate(_CENTRES):
        centre = keys.of("centre", kind)
        hours = (None, None) if always else (time(8), time(18))
        table.add(
            centre, kind, COUNTY_NAME + name, keys.institution[host], keys.department[host, department], *hours,
            f"0359-8100{number:03d}", _FOUNDED,
        )  # fmt: skip
        for institution in served:
            services.add(
                keys.of("service", f"{kind}/{institution}"),
                centre,
                kind,
                keys.institution[institution],
                _FOUNDED,
                "医共体共享",
            )
    table.flush()
    services.flush()


def _duties(county: County, keys: Keys, today: date) -> None:
    """The county hospital's duty chief and ECG reader around the clock for a fortnight, each day another. Both are needed every day: one day is a gap."""
    needs = Table(
        "network.DutyNeed",
        ("id", "institution", "role", "weekdays", "begins", "ends", "people", "starts_on", "end_reason"),
    )
    table = Table("network.Duty", ("id", "institution", "role", "staff", "starts_at", "ends_at", "cancel_reason"))
    for role in ("duty_chief", "ecg_reader"):
        needs.add(
            keys.of("duty_need", role),
            keys.institution["COUNTY"],
            role,
            "1234567",
            time(8),
            time(8),
            1,
            today - timedelta(days=1),
            "",
        )
        people = county.at("COUNTY", role)
        for n in range(-1, 14):
            if role == "ecg_reader" and n == 5:
                continue
            begin = datetime.combine(today + timedelta(days=n), time(8), SHANGHAI)
            person = people[(today.toordinal() + n) % len(people)]
            table.add(
                keys.of("duty", str(n) if role == "duty_chief" else f"{role}/{n}"), keys.institution["COUNTY"], role,
                keys.staff[person.code], begin, begin + timedelta(days=1), "",
            )  # fmt: skip
    _roads(county, keys, today, table)
    needs.flush()
    table.flush()


def _roads(county: County, keys: Keys, today: date, table: Table) -> None:
    """Ambulance crews and drivers by day, all of them, around the hour at which the demo begins too: their shifts change at eight."""
    for role in ("ambulance_crew", "driver"):
        for n in range(-1, 14):
            for person in county.at("COUNTY", role):
                begin = datetime.combine(today + timedelta(days=n), time(8), SHANGHAI)
                table.add(
                    keys.of("duty", f"{role}/{n}/{person.code}"), keys.institution["COUNTY"], role, keys.staff[person.code], begin,
                    begin + timedelta(days=1), "",
                )  # fmt: skip
