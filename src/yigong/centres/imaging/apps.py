"""App registration."""

from types import ModuleType

from django.apps import AppConfig


class ImagingConfig(AppConfig):
    """The imaging centre: one service on the order mechanism."""

    name = "yigong.centres.imaging"
    label = "imaging"

    def ready(self) -> None:
        """Declare the service."""
        from yigong.centres.imaging import commands, forms, policies, queries
        from yigong.centres.imaging.rules.catalogue import catalogue
        from yigong.centres.imaging.rules.safety import check
        from yigong.orders import api as orders

        rights = orders.Rights(
            request=policies.REQUEST,
            perform=policies.PERFORM,
            report=policies.REPORT,
            review=policies.REVIEW,
            statistics=policies.STATISTICS,
        )
        definition = orders.definition_from_pack(
            "imaging",
            rights=rights,
            catalogue=catalogue,
            check=check,
            panel=queries.panel,
            perform_form=forms.PerformForm,
            performed=commands.record_detail,
        )
        orders.declare_service(definition)
        self._show(policies)

    def _show(self, policies: ModuleType) -> None:
        """Menu, and the button on a resident's page."""
        from django.utils.translation import gettext_lazy as _

        from yigong.core.ui.menu import MenuEntry, MenuGroup, register, register_group
        from yigong.residents import api as residents

        askers = frozenset({"village_doctor", "gp", "nurse", "township_manager"})
        register_group(MenuGroup("tests", _("检查"), askers, order=12, icon="order"))
        register(MenuEntry(_("影像阅片"), "orders:imaging_worklist", policies.REPORT, order=10, icon="imaging"))
        register(MenuEntry(_("影像工作台"), "orders:imaging_workbench", policies.PERFORM, order=11, icon="imaging"))
        register(MenuEntry(_("检查申请"), "orders:list", policies.REQUEST, order=20, icon="order", group="tests"))
        # A quality manager comes to it from the sampling page: a menu holds a dozen entries.
        heads = frozenset({"senior_radiologist", "director", "bureau", "township_manager"})
        register(MenuEntry(_("中心统计"), "orders:imaging_statistics", policies.STATISTICS, 60, "chart", roles=heads))
        button = residents.ResidentPanel(
            "imaging-request",
            "imaging/request_button.html",
            lambda resident_id, actor: {},
            policies.REQUEST,
            "action",
            20,
        )
        residents.register_panel(button)
