"""App registration."""

from dataclasses import replace

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ContractsConfig(AppConfig):
    """Family-doctor contracts."""

    name = "yigong.contracts"

    def ready(self) -> None:
        """Bind the workflow, register handlers, the clock, panels, figures, menu."""
        from yigong.contracts import events, policies
        from yigong.contracts.commands import groups, renewing
        from yigong.contracts.models import Contract
        from yigong.contracts.queries.contracts import held_about, under_way_about
        from yigong.contracts.rules.packs import PACKAGE, RULES
        from yigong.contracts.rules.workflow import CONTRACT
        from yigong.contracts.views import panels
        from yigong.core.states import clocks
        from yigong.core.states.api import bind
        from yigong.core.ui import home, menu
        from yigong.residents.api import Holder, ResidentPanel, register_holder, register_panel
        from yigong.tasks.api import declare_kind

        assert events and renewing and PACKAGE and RULES
        bind(CONTRACT, Contract)
        _listen()
        clocks.also(groups.daily)
        declare_kind("contracts.refund", _("签约费待退"))
        register_holder(Holder("contracts", _("家庭医生签约"), held_about, under_way_about, order=36))
        panel = ResidentPanel("contracts", "contracts/_panel.html", panels.panel, policies.READ, "panel", 12)
        register_panel(panel)
        register_panel(replace(panel, name="contracts_visit", provider=panels.beside_visit, place="visit", order=20))
        household = replace(panel, name="contracts_household", template="contracts/_household.html", place="household")
        register_panel(replace(household, provider=panels.household))
        # The menus of managers and village doctors are full: the home card leads them here.
        daily = frozenset({"gp", "nurse"})
        menu.register(menu.MenuEntry(_("签约"), "contracts:list", policies.READ, 16, "check", roles=daily))
        home.register(home.HomeCard("contracts/home_card.html", panels.home_card, policies.SIGN, order=25))


def _listen() -> None:
    from yigong.contracts import handlers
    from yigong.core.events.api import subscribe
    from yigong.programmes.events import EnrolmentEnded, PersonEnrolled, VisitRecorded, VisitVoided
    from yigong.records.events import EncounterClosed
    from yigong.residents.events import (
        LinkUndone,
        ResidentChanged,
        ResidentClosed,
        ResidentMerged,
        ResidentRegistered,
        ResidentReopened,
    )

    subscribe(ResidentClosed, handlers.person_closed)
    subscribe(ResidentReopened, handlers.person_reopened)
    subscribe(ResidentMerged, handlers.people_merged)
    subscribe(LinkUndone, handlers.link_undone)
    subscribe(ResidentRegistered, handlers.registered)
    subscribe(ResidentChanged, handlers.registered)
    subscribe(PersonEnrolled, handlers.managed)
    subscribe(EnrolmentEnded, handlers.managed)
    subscribe(VisitRecorded, handlers.served)
    subscribe(VisitVoided, handlers.served)
    subscribe(EncounterClosed, handlers.served)
