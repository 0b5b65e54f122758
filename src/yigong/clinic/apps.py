"""App registration."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ClinicConfig(AppConfig):
    """Outpatient and inpatient desks."""

    name = "yigong.clinic"

    def ready(self) -> None:
        """Registers the workflows, the access policies and what this room keeps about a resident."""
        from yigong.access.api import register_policy
        from yigong.clinic import policies
        from yigong.clinic.commands.day_end import charge_the_day
        from yigong.clinic.queries import access, ward
        from yigong.clinic.rules import workflow  # noqa: F401 - declares and binds the state tables
        from yigong.core.states import clocks
        from yigong.core.ui import home, menu
        from yigong.residents.api import Holder, register_holder, register_panel
        from yigong.residents.data import ResidentPanel

        clocks.also(charge_the_day)
        for subject in access.SUBJECTS:
            register_policy(subject, access.policy(subject))
        register_holder(Holder("clinic", _("门诊与住院"), access.held_about, access.under_way_about, order=40))
        register_panel(
            ResidentPanel("charge", "clinic/charge_button.html", permission=policies.CONSULT, place="action", order=15)
        )
        doctors, wards = frozenset({"gp", "specialist"}), frozenset({"gp", "specialist", "nurse"})
        for entry in (
            menu.MenuEntry(_("挂号"), "clinic:desk", policies.REGISTER, 11, "calendar", roles=frozenset({"registrar"})),
            menu.MenuEntry(_("门诊接诊"), "clinic:queue", policies.CONSULT, 12, "person", roles=doctors),
            menu.MenuEntry(_("住院患者"), "clinic:ward", policies.READ, 13, "bed", roles=wards),
        ):
            menu.register(entry)
        home.register(home.HomeCard("clinic/home_card.html", ward.home_card, policies.CODE, order=15))
