"""People for the console's tests."""

from yigong.access import api as access
from yigong.core.actor import system
from yigong.network import api as network
from yigong.network.data import InstitutionData

PASSWORD = "Qinghe-2026-xx"
BOSS = system("test")


def make_account(role: str, name: str = "李春梅", place: str = "城关镇中心卫生院") -> str:
    """A staff member with one post and an account; returns the account's name."""
    code = f"Z{abs(hash(place)) % 10**6}"
    found = network.search_institutions(place)
    site = found[0] if found else _institution(code, place)
    staff = network.create_staff(code=f"{code}{role}", name=name, sex="2", actor=BOSS)
    network.assign_post(staff_id=staff.id, institution_id=site.id, role=role, actor=BOSS)
    access.create_account(
        username=f"{role}-t", password=PASSWORD, staff_id=staff.id, actor=BOSS, must_change_password=False
    )
    return f"{role}-t"


def _institution(code: str, name: str) -> InstitutionData:
    return network.create_institution(code=code, name=name, level="township", category="C220", actor=BOSS)
