"""App registration."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DicomConfig(AppConfig):
    """The image archive."""

    name = "yigong.exchange.dicom"
    label = "dicom"
    verbose_name = "影像归档"

    def ready(self) -> None:
        """Policies, menu, and matching by the orders' room."""
        from yigong.access import api as access
        from yigong.core.events.api import subscribe
        from yigong.core.ui import menu
        from yigong.exchange.dicom import matching, policies, queries, waveforms
        from yigong.exchange.dicom.events import StudyArrived, StudyAttached, StudyDetached
        from yigong.orders import api as orders
        from yigong.residents.api import Holder, register_holder

        access.register_policy("study", policies.decide, policies.visible)
        subscribe(StudyArrived, matching.match_arrived)
        subscribe(StudyArrived, waveforms.hand_over)
        subscribe(StudyAttached, waveforms.hand_over)
        subscribe(StudyDetached, waveforms.take_back)
        register_holder(Holder("dicom", _("影像"), queries.held_about, order=25))
        orders.register_viewer(queries.viewer_links)
        menu.register(menu.MenuEntry(_("影像"), "dicom:studies", policies.READ, 45, "imaging", group="tests"))
        menu.register(menu.MenuEntry(_("待匹配影像"), "dicom:unmatched", policies.MATCH, 46, "link"))
        menu.register(menu.MenuEntry(_("影像设备"), "dicom:nodes", policies.MANAGE, 85, "imaging"))
