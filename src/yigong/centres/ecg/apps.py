"""App registration."""

from types import ModuleType

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class EcgConfig(AppConfig):
    """The ECG centre: one service on the order mechanism, with recordings of its own."""

    name = "yigong.centres.ecg"
    label = "ecg"

    def ready(self) -> None:
        """Declare the service, its viewer, and who measures what arrives."""
        from yigong.centres.ecg import policies, queries
        from yigong.centres.ecg.commands import alarming, measuring
        from yigong.centres.ecg.events import RecordingKept
        from yigong.centres.ecg.rules import chest_pain
        from yigong.centres.ecg.rules.catalogue import catalogue
        from yigong.core.events.api import subscribe
        from yigong.orders import api as orders
        from yigong.residents.api import Holder, register_holder

        rights = orders.Rights(
            request=policies.REQUEST, perform=policies.PERFORM, report=policies.REPORT, review=policies.REVIEW,
            statistics=policies.STATISTICS,
        )  # fmt: skip
        orders.declare_service(
            orders.definition_from_pack(
                "ecg", rights=rights, catalogue=catalogue, panel=queries.panel, perform_page="ecg:record", wide=True,
                first=chest_pain.first, proposals=queries.proposals, flagged=alarming.raise_alert,
                alarm_panel=queries.alarm_panel,
            )
        )  # fmt: skip
        orders.register_viewer(queries.viewer_links)
        subscribe(RecordingKept, measuring.measure_recording)
        register_holder(Holder("ecg", _("心电图"), queries.held_about, order=26))
        self._show(policies)

    def _show(self, policies: ModuleType) -> None:
        """Menu, and the button on a resident's page."""
        from yigong.core.ui.menu import MenuEntry, register
        from yigong.residents import api as residents

        register(MenuEntry(_("心电读图"), "orders:ecg_worklist", policies.REPORT, order=10, icon="ecg"))
        register(
            MenuEntry(_("心电采集"), "orders:ecg_workbench", policies.PERFORM, order=12, icon="ecg", group="tests")
        )
        register(MenuEntry(_("待归心电图"), "ecg:unmatched", policies.REPORT, order=47, icon="link"))
        button = residents.ResidentPanel(
            "ecg-request", "ecg/request_button.html", lambda resident_id, actor: {}, policies.REQUEST, "action", 21
        )
        residents.register_panel(button)
