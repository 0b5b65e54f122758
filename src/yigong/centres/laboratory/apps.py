"""App registration."""

from types import ModuleType

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class LaboratoryConfig(AppConfig):
    """The laboratory centre: one service on the order mechanism, with tubes, values and control charts of its own."""

    name = "yigong.centres.laboratory"
    label = "laboratory"

    def ready(self) -> None:
        """Declare the service and the workflow of tubes."""
        from yigong.centres.laboratory import policies
        from yigong.centres.laboratory.commands import collecting, receiving, reviewing
        from yigong.centres.laboratory.models import Tube
        from yigong.centres.laboratory.queries import tubes
        from yigong.centres.laboratory.rules import catalogue
        from yigong.centres.laboratory.rules.tubes import SPECIMEN, TUBE
        from yigong.core.events.api import subscribe
        from yigong.core.states import api as states
        from yigong.logistics import api as logistics
        from yigong.logistics.events import ConsignmentFailed
        from yigong.orders import api as orders
        from yigong.orders.events import ReportWithdrawn
        from yigong.residents.api import Holder, register_holder

        rights = orders.Rights(
            request=policies.REQUEST, perform=policies.COLLECT, report=policies.REPORT, review=policies.REVIEW,
            statistics=policies.STATISTICS,
        )  # fmt: skip
        critical = {a.code: a.name for a in catalogue.analytes().values() if a.may_be_critical}
        orders.declare_service(
            orders.definition_from_pack(
                "laboratory", rights=rights, critical_items=critical, catalogue=catalogue.catalogue, priced=catalogue.priced,
                panel=tubes.panel, draft_panel=tubes.draft_panel, placed=collecting.tubes_of_order, ended=collecting.cancel_tubes, reminded=collecting.reminded,
                report_page="laboratory:report", unready=reviewing.unready, signed=reviewing.file_results,
                figures_page="laboratory:turnaround", handled=tubes.handled,
            )
        )  # fmt: skip
        states.bind(TUBE, Tube)
        logistics.declare_goods(logistics.Carried(SPECIMEN, collecting.move_tubes, "laboratory:box"))
        subscribe(ConsignmentFailed, receiving.box_failed)
        subscribe(ReportWithdrawn, reviewing.take_back_results)
        register_holder(Holder("laboratory", _("检验标本"), tubes.held_about, tubes.under_way_about, order=27))
        self._show(policies)

    def _show(self, policies: ModuleType) -> None:
        """Menu, and the button on a resident's page."""
        from yigong.centres.laboratory.queries.tubes import home_card
        from yigong.core.ui import home
        from yigong.core.ui.menu import MenuEntry, register
        from yigong.residents import api as residents

        staff = frozenset(
            {"lab_technician", "lab_doctor"}
        )  # others come to these from the list of tubes and the centre's statistics
        register(MenuEntry(_("检验审核"), "orders:laboratory_worklist", policies.REPORT, order=10, icon="lab"))
        register(MenuEntry(_("标本签收"), "laboratory:receive", policies.LABORATORY, order=11, icon="check"))
        register(MenuEntry(_("检验标本"), "laboratory:tubes", policies.FOLLOW, order=13, icon="tube", group="goods"))
        register(MenuEntry(_("标本箱"), "laboratory:boxes", policies.FOLLOW, 14, "case", roles=staff, group="goods"))
        register(MenuEntry(_("室内质控"), "laboratory:quality", policies.QUALITY, 15, "chart", roles=staff))
        register(MenuEntry(_("标本保存"), "laboratory:storage", policies.LABORATORY, order=16, icon="archive"))
        register(MenuEntry(_("检验时效"), "laboratory:turnaround", policies.STATISTICS, 61, "clock", roles=staff))
        home.register(home.HomeCard("laboratory/home_card.html", home_card, policies.LABORATORY, order=5, wide=True))
        button = residents.ResidentPanel(
            "laboratory-request",
            "laboratory/request_button.html",
            lambda resident_id, actor: {},
            policies.REQUEST,
            "action",
            22,
        )
        residents.register_panel(button)
