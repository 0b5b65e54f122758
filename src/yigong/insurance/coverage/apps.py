"""App registration."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CoverageConfig(AppConfig):
    """Coverage."""

    name = "yigong.insurance.coverage"

    def ready(self) -> None:
        """Registers the rules, the access policy, the tab of a person's file and the menu."""
        from yigong.access.api import register_policy
        from yigong.core.states.api import bind
        from yigong.core.ui import home, menu
        from yigong.insurance.coverage import parameters, policies, workflow
        from yigong.insurance.coverage.models import Application
        from yigong.insurance.coverage.queries import applications, person
        from yigong.records.api import register_front
        from yigong.residents.api import Holder, register_holder, register_panel
        from yigong.residents.data import ResidentPanel
        from yigong.tasks.api import declare_kind

        assert parameters.RULES and parameters.DUAL_CHANNEL
        bind(workflow.APPLICATION, Application)
        declare_kind("coverage.application", _("待遇申报审核"))
        declare_kind("coverage.returned", _("待遇申报补正"))
        register_policy("coverage", policies.decide)
        register_front("coverage", person.front_part)
        register_holder(Holder("coverage", _("参保与待遇资格"), person.held_about, order=44))
        register_holder(Holder("coverage.application", _("待遇申报"), applications.held_about, order=45))
        register_panel(
            ResidentPanel(
                "coverage", permission=policies.READ, place="tab", order=69, label=_("参保"), url_name="coverage:person"
            )
        )
        office = frozenset({"insurance_clerk"})
        menu.register_group(menu.MenuGroup("insurance.people", _("参保与待遇"), office, 55, "people"))
        menu.register(
            menu.MenuEntry(
                _("参保名册"), "coverage:roll", policies.ROLL, 55, "people", roles=office, group="insurance.people"
            )
        )
        # The others' menus of a dozen are full.
        home.register(home.HomeCard("coverage/home_card.html", person.home_card, policies.ROLL, order=60))
