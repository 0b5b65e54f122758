"""Roles, named permissions and the guard of every view.

They stand on the ground floor so that every room, ``network`` included, can declare permissions and guard its pages;
``access.api`` offers them again together with decisions.
"""

from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass
from functools import wraps
from typing import Any

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _

from yigong.core.errors import Forbidden

View = Callable[..., HttpResponseBase]

ROLES: dict[str, str] = {
    "village_doctor": "乡村医生",
    "gp": "全科医生",
    "township_manager": "卫生院管理",
    "nurse": "护士",
    "technician": "技师",
    "specialist": "专科医师",
    "radiologist": "影像诊断医师",
    "senior_radiologist": "影像审核医师",
    "ecg_reader": "心电诊断医师",
    "lab_technician": "检验技师",
    "lab_doctor": "检验审核医师",
    "pathology_technician": "病理技师",
    "pathologist": "病理诊断医师",
    "senior_pathologist": "病理审核医师",
    "sterile_technician": "消毒供应人员",
    "dispatcher": "急救调度员",
    "ambulance_crew": "院前急救人员",
    "logistics_dispatcher": "物流调度员",
    "driver": "物流司机",
    "referral_office": "县医院转诊办",
    "duty_chief": "总值班",
    "registrar": "挂号建档员",
    "identity_manager": "主索引管理员",
    "pharmacist": "药师",
    "insurance_clerk": "医保专员",
    "quality_manager": "质控员",
    "director": "院长/医共体负责人",
    "bureau": "卫健局",
    "admin": "系统管理员",
}


@dataclass(frozen=True, slots=True)
class Permission:
    """A named right declared beside its domain, with the roles that carry it."""

    code: str
    label: str
    roles: frozenset[str]


@dataclass(frozen=True, slots=True)
class ViewPolicy:
    """How a view is guarded: ``public``, ``signed_in`` or a permission code; ``about`` names the kind of subject it reads."""

    rule: str
    about: str = ""


class UnloggedRead(AssertionError):
    """A view that reads about a person answered without a decision; raised in tests only."""


_permissions: dict[str, Permission] = {}
_of_role: dict[str, frozenset[str]] = {}
_decisions: ContextVar[int] = ContextVar("yigong_decisions", default=0)


def declare(code: str, label: str, roles: set[str]) -> str:
    """Declare a permission (in the domain's ``policies.py``); returns its code. Unknown roles are a programming error."""
    if unknown := roles - set(ROLES):
        raise ValueError(f"{code}: unknown roles {sorted(unknown)}")
    _permissions[code] = Permission(code, label, frozenset(roles))
    _of_role.clear()
    return code


def permissions() -> dict[str, Permission]:
    """All declared permissions by code."""
    return dict(_permissions)


def permissions_of(role: str) -> frozenset[str]:
    """The permission codes that a role carries."""
    if role not in _of_role:
        _of_role[role] = frozenset(p.code for p in _permissions.values() if role in p.roles)
    return _of_role[role]


def role_label(role: str) -> str:
    """The role's name in the reader's language."""
    return _(ROLES.get(role, role))


def note_decision() -> None:
    """Called by ``access.decide`` for each decision, so that ``guarded`` can prove that a read about a person was decided."""
    _decisions.set(_decisions.get() + 1)


def guarded(rule: str, *, about: str = "") -> Callable[[View], View]:
    """Guard a view with ``"public"``, ``"signed_in"`` or a permission code. Every view of the product carries one.

    ``about="resident"`` (or another subject kind) states that the view reads about a person; such a view must reach the person
    through a door that decides and logs: in tests a successful answer without a decision raises UnloggedRead.
    A view without this decorator fails the guard test.
    """

    def wrap(view: View) -> View:
        @wraps(view)
        def inner(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            actor: Any = getattr(request, "actor", None)
            if rule != "public" and actor is None:
                return redirect_to_login(request.get_full_path())
            if rule not in {"public", "signed_in"} and not actor.has(rule):
                raise Forbidden(_missing(rule))
            before = _decisions.get()
            response = view(request, *args, **kwargs)
            if about and settings.TESTING and response.status_code < 300 and _decisions.get() == before:
                raise UnloggedRead(f"{view.__module__}.{view.__name__} reads about a {about} without a decision")
            return response

        inner.policy = ViewPolicy(rule, about)  # type: ignore[attr-defined]
        return inner

    return wrap


def _missing(code: str) -> str:
    permission = _permissions.get(code)
    if permission is None or not permission.roles:
        return _("您的岗位没有这项权限。如工作需要，请联系本机构系统管理员。")
    holders = "、".join(role_label(role) for role in ROLES if role in permission.roles)
    return _(
        "您的岗位没有“%(permission)s”权限（有此权限的岗位：%(holders)s）。如工作需要，请联系本机构系统管理员。"
    ) % {
        "permission": _(permission.label),
        "holders": holders,
    }
