"""App registration."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ClaimsConfig(AppConfig):
    """Settlement lists and the coding desk."""

    name = "yigong.insurance.claims"

    def ready(self) -> None:
        """Declares definitions, workflows, jobs and task kinds; listens to front pages and settlements; offers the pages."""
        from yigong.access.api import register_policy
        from yigong.clinic.events import FrontPageCoded, FrontPageReopened
        from yigong.core.events.api import subscribe
        from yigong.core.ui import home, menu
        from yigong.insurance.claims import handlers, jobs, policies  # noqa: F401 - jobs declares its kinds
        from yigong.insurance.claims.queries import access
        from yigong.insurance.claims.queries.lists import home_card
        from yigong.insurance.claims.rules import questions, workflow  # noqa: F401 - declare definitions and state tables
        from yigong.insurance.settlement.events import BillSettled, SettlementReversed
        from yigong.residents.api import Holder, register_holder
        from yigong.tasks.api import declare_kind

        register_policy("settlement_list", access.decide_list, access.visible_lists)
        register_policy("coding_question", access.decide_question)
        register_holder(Holder("claims", _("结算清单"), access.held_about, access.under_way_about, order=60))
        subscribe(FrontPageCoded, handlers.on_coded)
        subscribe(FrontPageReopened, handlers.on_reopened)
        subscribe(BillSettled, handlers.on_settled)
        subscribe(SettlementReversed, handlers.on_reversed)
        for kind, label in _KINDS.items():
            declare_kind(f"claims.{kind}", label)
        clerk = frozenset({"insurance_clerk"})
        menu.register_group(menu.MenuGroup("insurance.lists", _("清单与疑点"), clerk, 40, "report"))
        menu.register(
            menu.MenuEntry(
                _("结算清单"), "claims:list", policies.READ, 40, "report", roles=clerk, group="insurance.lists"
            )
        )
        home.register(home.HomeCard("claims/home_card.html", home_card, policies.CODE, order=30))


_KINDS = {
    "rejected": _("结算清单被退回"),
    "late": _("结算清单到期未上传"),
    "question": _("病案书写问题"),
    "answered": _("医师已答复"),
}
