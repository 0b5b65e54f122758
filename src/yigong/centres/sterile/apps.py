"""App registration."""

from types import ModuleType

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SterileConfig(AppConfig):
    """The sterile supply centre: packs from return to use, and back when a test fails."""

    name = "yigong.centres.sterile"
    label = "sterile"

    def ready(self) -> None:
        """Workflows for the clocks, what is kept about residents, menu."""
        from yigong.access.api import register_policy
        from yigong.centres.sterile import policies, queries
        from yigong.centres.sterile.commands import supplying
        from yigong.centres.sterile.rules import workflow
        from yigong.core.events.api import subscribe
        from yigong.logistics import api as logistics
        from yigong.logistics.events import ConsignmentFailed
        from yigong.residents.api import Holder, register_holder

        assert workflow.PACK.model, "bound below its table"
        logistics.declare_goods(logistics.Carried(supplying.CLEAN))
        logistics.declare_goods(logistics.Carried(supplying.USED))
        subscribe(ConsignmentFailed, supplying.delivery_failed)
        register_policy("sterile_use", queries.decide_use)
        register_holder(Holder("sterile", _("无菌包使用"), queries.held_about, order=28))
        self._show(policies)

    def _show(self, policies: ModuleType) -> None:
        """Menu, and the button on a resident's page."""
        from yigong.centres.sterile import queries
        from yigong.core.ui import home
        from yigong.core.ui.menu import MenuEntry, register
        from yigong.residents import api as residents

        centre = frozenset({"sterile_technician"})
        register(MenuEntry(_("扫码作业"), "sterile:scan_first", policies.PROCESS, order=10, icon="box"))
        register(MenuEntry(_("锅次与监测"), "sterile:loads", policies.READ, order=12, icon="refresh", roles=centre))
        register(
            MenuEntry(
                _("消毒供应"),
                "sterile:board",
                policies.READ,
                order=27,
                icon="drop",
                roles=centre,
                group="goods",
                tab=_("无菌包"),
            )
        )
        register(MenuEntry(_("器械包"), "sterile:packs", policies.READ, order=14, icon="list", roles=centre))
        register(
            MenuEntry(
                _("申领与发放"), "sterile:requests", policies.READ, order=16, icon="send", roles=centre, group="goods"
            )
        )
        register(MenuEntry(_("召回"), "sterile:recalls", policies.READ, order=18, icon="alert", roles=centre))
        register(
            MenuEntry(_("消毒供应指标"), "sterile:figures", policies.FIGURES, order=62, icon="chart", roles=centre)
        )
        register(MenuEntry(_("消毒供应费用"), "sterile:costs", policies.COSTS, order=64, icon="money", roles=centre))
        button = residents.ResidentPanel(
            "sterile-use", "sterile/use_button.html", lambda resident_id, actor: {}, policies.USE, "action", 27
        )
        # Those whose menu is full find the room on their home page.
        home.register(home.HomeCard("sterile/home_card.html", queries.home_card, order=60))
        residents.register_panel(button)
