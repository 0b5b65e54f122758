"""A signed period and a figure for the guards."""

from typing import Any

from tests.guards.world import Sample

from yigong.indicators.commands import freezing
from yigong.indicators.tests.world import this_month, visit


def samples(world: Any) -> dict[str, Any]:
    """Addresses with keys."""
    from types import SimpleNamespace

    from yigong.indicators.commands.computing import compute_all
    from yigong.residents.models import Resident

    person = Resident.objects.create(name="数小明", name_key="数小明", pinyin="shuxiaoming", initials="sxm", sex="1")
    visit(SimpleNamespace(resident=person.id), world.institutions["township"], this_month(1), 3)
    compute_all(since=this_month(1))
    quality = world.actor("quality_manager")
    signed = freezing.open_period(kind="month", first=this_month(1), actor=quality)
    freezing.sign_period(period_id=signed, actor=quality, reason="样例")
    return {
        "indicators:list": Sample(query="?q=诊疗"), "indicators:export": Sample(query="?set=2024"),
        "indicators:indicator": Sample({"code": "primary-visit-share"}, "?by=township"), "indicators:indicator_export": Sample({"code": "visits"}),
        "indicators:rows": Sample({"code": "primary-visit-share", "side": "numerator"}, f"?month={this_month(1):%Y-%m}"),
        "indicators:period": Sample({"period_id": signed}), "indicators:period_export": Sample({"period_id": signed}),
        "indicators:act": Sample({"period_id": signed, "action": "return"}), "indicators:correct": Sample({"period_id": signed, "code": "visits"}),
    }  # fmt: skip
