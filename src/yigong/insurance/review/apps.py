"""App registration."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ReviewConfig(AppConfig):
    """Risk checks on charges."""

    name = "yigong.insurance.review"

    def ready(self) -> None:
        """Declares rules, workflow, jobs and task kinds; listens to bills; offers the pages."""
        from yigong.access.api import register_policy
        from yigong.clinic.events import BillReopened, BillReturned, BillSettled
        from yigong.core.events.api import subscribe
        from yigong.core.ui import home, menu
        from yigong.insurance.review import handlers, nightly, policies  # noqa: F401 - nightly declares its task
        from yigong.insurance.review.queries import access
        from yigong.insurance.review.rules import workflow  # noqa: F401 - declares the state table
        from yigong.insurance.review.views import home_card
        from yigong.residents.api import Holder, register_holder
        from yigong.tasks.api import declare_kind

        register_policy("suspicion", access.decide, access.visible)
        register_holder(Holder("review", _("医保疑点"), access.held_about, access.under_way_about, order=61))
        subscribe(BillSettled, handlers.on_bill)
        subscribe(BillReopened, handlers.on_bill)
        subscribe(BillReturned, handlers.on_bill)
        declare_kind("review.notice", _("医保疑点核实"))
        declare_kind("review.decide", _("医保疑点认定"))
        roles = frozenset({"insurance_clerk"})
        menu.register(
            menu.MenuEntry(
                _("医保疑点"), "review:list", policies.READ, 41, "alert", roles=roles, group="insurance.lists"
            )
        )
        home.register(home.HomeCard("review/home_card.html", home_card, policies.READ, order=31))
