"""App registration."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class LogisticsConfig(AppConfig):
    """Everything that travels between houses: routes, runs, consignments."""

    name = "yigong.logistics"
    label = "logistics"

    def ready(self) -> None:
        """Workflows for the clocks, the morning's job, menu."""
        from yigong.core.states.api import bind
        from yigong.core.ui.menu import MenuEntry, MenuGroup, register, register_group
        from yigong.logistics import jobs, policies
        from yigong.logistics.models import Consignment, Run, Tap
        from yigong.logistics.queries import positions
        from yigong.logistics.rules.workflow import CONSIGNMENT, RUN, TAP
        from yigong.whereabouts.api import Mission, declare_mission

        bind(CONSIGNMENT, Consignment)
        bind(RUN, Run)
        bind(TAP, Tap)
        declare_mission(Mission(positions.KIND, positions.is_under_way, positions.is_aboard))
        assert jobs
        # What a house sends and gets: the tubes, packs and boxes of several rooms under one entry.
        houses = frozenset({"nurse", "gp", "village_doctor", "township_manager", "specialist"})
        register_group(MenuGroup("goods", _("标本与物品"), houses, order=14, icon="box"))
        benches = frozenset({"lab_technician", "pathology_technician", "sterile_technician", "pharmacist"})
        desk, road = frozenset({"logistics_dispatcher"}), frozenset({"driver"})
        register(MenuEntry(_("物流调度"), "logistics:board", policies.DISPATCH, order=10, icon="send"))
        register(MenuEntry(_("今日班次"), "logistics:drive", policies.DRIVE, order=10, icon="send"))
        register(
            MenuEntry(
                _("物品运送"),
                "logistics:consignments",
                policies.FOLLOW,
                17,
                "box",
                roles=desk | road | benches,
                group="goods",
            )
        )
        register(MenuEntry(_("线路与车辆"), "logistics:routes", policies.DISPATCH, order=52, icon="settings"))
        register(MenuEntry(_("物流指标"), "logistics:figures", policies.FIGURES, order=63, icon="chart", roles=desk))
