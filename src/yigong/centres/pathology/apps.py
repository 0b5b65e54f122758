"""App registration."""

from types import ModuleType

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PathologyConfig(AppConfig):
    """The pathology centre: one service on the order mechanism, with containers, blocks, slides and loans of its own."""

    name = "yigong.centres.pathology"
    label = "pathology"

    def ready(self) -> None:
        """Declare the service and the workflows of specimens and loans."""
        from yigong.centres.pathology import policies
        from yigong.centres.pathology.commands import reading, sending
        from yigong.centres.pathology.models import Loan, Specimen
        from yigong.centres.pathology.queries import reports, specimens
        from yigong.centres.pathology.rules import catalogue
        from yigong.centres.pathology.rules.specimens import LOAN, SPECIMEN
        from yigong.core.events.api import subscribe
        from yigong.core.states import api as states
        from yigong.logistics import api as logistics
        from yigong.logistics.events import ConsignmentFailed
        from yigong.orders import api as orders
        from yigong.residents.api import Holder, register_holder

        rights = orders.Rights(
            request=policies.REQUEST, perform=policies.SEND, report=policies.REPORT, review=policies.REVIEW,
            statistics=policies.STATISTICS, work=policies.BENCH,
        )  # fmt: skip
        orders.declare_service(
            orders.definition_from_pack(
                "pathology", rights=rights, catalogue=catalogue.catalogue, panel=reports.panel, perform_page="pathology:specimens",
                ended=sending.cancel_all, figures_page="pathology:figures", unready=reports.unready, signed=reading.told,
                structured=catalogue.form_of, derived=reports.derived, pictures=reports.printed_pictures, handled=specimens.handled,
                asked=orders.Asked(samples=sending.begin_containers),
            )
        )  # fmt: skip
        orders.register_viewer(reports.viewer_links)
        states.bind(SPECIMEN, Specimen)
        states.bind(LOAN, Loan)
        logistics.declare_goods(logistics.Carried(sending.PATHOLOGY, sending.box_moved, "pathology:box"))
        subscribe(ConsignmentFailed, sending.box_failed)
        register_holder(Holder("pathology", _("病理标本"), specimens.held_about, specimens.under_way_about, order=28))
        self._show(policies)

    def _show(self, policies: ModuleType) -> None:
        """Menu, and the button on a resident's page."""
        from yigong.core.ui.menu import MenuEntry, register
        from yigong.residents import api as residents

        staff = frozenset({"pathologist", "senior_pathologist", "pathology_technician"})
        register(MenuEntry(_("病理阅片"), "orders:pathology_worklist", policies.REPORT, order=10, icon="pathology"))
        register(MenuEntry(_("病理核收"), "pathology:receive", policies.BENCH, order=11, icon="check"))
        register(MenuEntry(_("病理工作台"), "pathology:bench", policies.BENCH, order=12, icon="pathology"))
        register(MenuEntry(_("病理标本"), "pathology:listed", policies.FOLLOW, 14, "list", roles=staff))
        register(
            MenuEntry(
                _("病理送检"),
                "orders:pathology_workbench",
                policies.SEND,
                15,
                "pathology",
                roles=frozenset({"nurse"}),
                group="goods",
            )
        )
        register(MenuEntry(_("病理借还"), "pathology:loans", policies.ARCHIVE, order=15, icon="swap"))
        register(MenuEntry(_("病理指标"), "pathology:figures", policies.STATISTICS, 62, "chart", roles=staff))
        button = residents.ResidentPanel(
            "pathology-request",
            "pathology/request_button.html",
            lambda resident_id, actor: {},
            policies.REQUEST,
            "action",
            23,
        )
        residents.register_panel(button)
