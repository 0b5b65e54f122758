"""App registration."""

from types import ModuleType

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ConsultationConfig(AppConfig):
    """The remote consultation centre: one service on the order mechanism, with experts, opinions and advice of its own."""

    name = "yigong.centres.consultation"
    label = "consultation"

    def ready(self) -> None:
        """Declare the service, its policy and what is kept about residents."""
        from yigong.access.api import register_policy
        from yigong.centres.consultation import policies
        from yigong.centres.consultation.commands import following, inviting, opining, requesting
        from yigong.centres.consultation.queries import reading
        from yigong.centres.consultation.rules import definitions, workflow
        from yigong.core.events.api import subscribe
        from yigong.orders import api as orders
        from yigong.orders.events import ReportWithdrawn
        from yigong.residents.api import Holder, register_holder

        assert workflow.INVITATION.model, "bound below its table"
        rights = orders.Rights(
            request=policies.REQUEST, perform=policies.COORDINATE, report=policies.OPINE, review=policies.REVIEW,
            statistics=policies.STATISTICS,
        )  # fmt: skip
        orders.declare_service(
            orders.definition_from_pack(
                "consultation", rights=rights, catalogue=definitions.catalogue, placed=requesting.begin_file, ended=inviting.end_all,
                unready=opining.unready, signed=opining.signed, alarm_panel=reading.alarm_panel, request_page="consultation:new",
                detail_page="consultation:detail", report_page="consultation:conclude", figures_page="consultation:figures",
                took_part=reading.took_part, asked=orders.Asked(one_item=True, choices=definitions.choices, pieces=definitions.pieces),
            )
        )  # fmt: skip
        register_policy("consultation", policies.decide)
        subscribe(ReportWithdrawn, following.take_back)
        register_holder(Holder("consultation", _("会诊资料"), reading.held_about, order=29))
        self._show(policies)

    def _show(self, policies: ModuleType) -> None:
        """Menu, and the button on a resident's page."""
        from yigong.centres.consultation.queries import reading
        from yigong.core.ui import home
        from yigong.core.ui.menu import MenuEntry, register
        from yigong.residents import api as residents

        register(MenuEntry(_("我的会诊"), "consultation:mine", policies.MINE, order=13, icon="people"))
        register(MenuEntry(_("会诊安排"), "consultation:desk", policies.COORDINATE, order=13, icon="calendar"))
        register(
            MenuEntry(
                _("会诊统计"),
                "consultation:figures",
                policies.STATISTICS,
                61,
                "chart",
                roles=frozenset({"referral_office"}),
            )
        )
        # Experts of other posts come through their tasks and this card.
        home.register(home.HomeCard("consultation/home_card.html", reading.home_card, order=40))
        button = residents.ResidentPanel(
            "consultation-request",
            "consultation/request_button.html",
            lambda resident_id, actor: {},
            policies.REQUEST,
            "action",
            24,
        )
        residents.register_panel(button)
