"""What packs hold about sterile supply: materials, programmes, limits, instrument sets, prices."""

from collections.abc import Iterable
from datetime import date, timedelta

import msgspec
from django.utils.translation import gettext as _

from yigong.core.errors import InvalidInput
from yigong.core.packs import api as packs
from yigong.core.packs.api import Kind, Table
from yigong.core.pinyin import initials


class Material(msgspec.Struct, forbid_unknown_fields=True):
    """A packing material and for how many days a pack in it stays sterile."""

    code: str
    label: str
    days: int
    certainty: str
    note: str = ""


class Infection(msgspec.Struct, forbid_unknown_fields=True):
    """An infection after which instruments are treated apart from all others."""

    code: str
    label: str


class Programme(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """A programme of a machine: °C, minutes at temperature, gauge pressure in kPa, A0 in seconds at 80 °C.

    ``biological``: weekly, daily or load (how often a biological indicator goes in; loads with implants carry one always).
    """

    code: str
    label: str
    kind: str
    method: str
    certainty: str
    temperature: float | None = None
    minutes: float | None = None
    ceiling: float | None = None
    pressure_low: float | None = None
    pressure_high: float | None = None
    a0: int = 0
    bowie_dick: bool = False
    biological: str = ""
    note: str = ""


class Limits(msgspec.Struct, forbid_unknown_fields=True):
    """Numbers of the room; units are in their names."""

    undo_hours: int
    weekly_days: int
    resume_passes: int
    notify_minutes: int
    recover_hours: int
    biological_hours: int
    shortage_hours: int
    turnaround_hours: int
    most_packs_a_load: int


class Parameters(msgspec.Struct, forbid_unknown_fields=True):
    """``packs/*/sterile.toml``."""

    code: str
    version: str
    effective_from: date
    title: str
    material: list[Material]
    infection: list[Infection]
    programme: list[Programme]
    limits: Limits


class SetItem(msgspec.Struct, forbid_unknown_fields=True):
    """One kind of instrument in a set."""

    code: str
    name: str
    quantity: int


class SetDefinition(msgspec.Struct, forbid_unknown_fields=True):
    """``packs/*/sterile-sets/<code>.toml``: what belongs into a pack and how it is packed and sterilised."""

    code: str
    version: str
    effective_from: date
    title: str
    kind: str
    material: str
    methods: list[str]
    item: list[SetItem]
    source: str
    certainty: str
    high_level: bool = False

    @property
    def is_implant(self) -> bool:
        """Whether its load waits for the biological result."""
        return self.kind == "implant"

    @property
    def pieces(self) -> int:
        """How many instruments there are in all."""
        return sum(one.quantity for one in self.item)


class Price(msgspec.Struct, forbid_unknown_fields=True):
    """``packs/*/sterile-prices.csv``: what a receiving institution pays for one pack, in fen."""

    code: str
    price: int
    source: str
    certainty: str


SET_KINDS = {"basic": "常规器械包", "implant": "植入物", "loaner": "外来器械"}
METHODS = {
    "washer": "清洗消毒器", "steam": "预真空压力蒸汽", "steam_gravity": "下排气压力蒸汽", "plasma": "低温等离子", "eo": "环氧乙烷",
}  # fmt: skip


def _check(pack: Parameters) -> Iterable[tuple[str, str]]:
    for place, one in enumerate(pack.programme):
        if one.kind not in {"wash", "sterilise"} or one.method not in METHODS:
            yield f"programme[{place}].method", f"设备类型只能是 {'、'.join(METHODS)}"
        if one.biological not in {"", "weekly", "daily", "load"}:
            yield f"programme[{place}].biological", "生物监测只能是 weekly、daily、load"


def _check_set(pack: SetDefinition) -> Iterable[tuple[str, str]]:
    if pack.kind not in SET_KINDS:
        yield "kind", f"器械包类别只能是 {'、'.join(SET_KINDS)}"
    if len(pack.code) > 15:
        yield "code", "器械包代码最多 15 个字符"
    if unknown := set(pack.methods) - set(METHODS):
        yield "methods", f"灭菌方法 {'、'.join(sorted(unknown))} 不在目录中"
    if not pack.item or any(one.quantity < 1 for one in pack.item):
        yield "item", "每个器械包至少有一种器械，数量至少为 1"


PARAMETERS: Kind[Parameters] = packs.register(Kind("sterile", "sterile.toml", Parameters, _check))
SETS: Kind[SetDefinition] = packs.register(Kind("sterile-sets", "sterile-sets/*.toml", SetDefinition, _check_set))
PRICES: Table[Price] = packs.register(Table("sterile-prices", "sterile-prices.csv", Price))


def parameters() -> Parameters:
    """The parameters in force."""
    return packs.current(PARAMETERS, "sterile")


def limits() -> Limits:
    """The limits in force."""
    return parameters().limits


def sets() -> dict[str, SetDefinition]:
    """All instrument sets in force, by code."""
    return packs.every(SETS)


def instrument_set(code: str, version: str = "") -> SetDefinition:
    """A set in the version an old pack names, or the one in force; InvalidInput for an unknown code."""
    if version:
        return packs.released(SETS, code, version)
    if code not in sets():
        raise InvalidInput(errors={"set_code": _("没有“%(code)s”这种器械包，请从列表中选择。") % {"code": code}})
    return sets()[code]


def find_sets(text: str) -> list[SetDefinition]:
    """By part of the name, initials or code."""
    wanted = text.strip().lower()
    return [
        one
        for one in sets().values()
        if wanted in one.title.lower() or wanted in one.code.lower() or wanted in initials(one.title).lower()
    ]


def material(code: str) -> Material:
    """A packing material; InvalidInput for an unknown one."""
    for one in parameters().material:
        if one.code == code:
            return one
    raise InvalidInput(errors={"material": _("请选择包装材料。")})


def programme(code: str) -> Programme:
    """A programme; InvalidInput for an unknown one."""
    for one in parameters().programme:
        if one.code == code:
            return one
    raise InvalidInput(errors={"programme": _("请选择程序。")})


def programmes(method: str) -> list[Programme]:
    """What a machine of this method can run."""
    return [one for one in parameters().programme if one.method == method]


def infection_label(code: str) -> str:
    """The words for an infection; empty for none."""
    return next((one.label for one in parameters().infection if one.code == code), "")


def infection(code: str) -> str:
    """A known code of an infection or none; InvalidInput."""
    if code and not infection_label(code):
        raise InvalidInput(errors={"infection": _("请选择特殊感染的种类。")})
    return code


def price_of(code: str) -> int | None:
    """Fen for one pack; None where no price was agreed, which is not zero."""
    row = packs.rows(PRICES).get(code)
    return row.price if row else None


def expires(code: str, sterilised_on: date) -> date:
    """The last day on which a pack in this material may be used.

    The day of sterilisation is day 0: textile of 1 March with 14 days is good until 15 March.
    """
    return sterilised_on + timedelta(days=material(code).days)
