"""App registration."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ClinicConfig(AppConfig):
    """Outpatient and inpatient desks."""

    name = "yigong.clinic"

    def ready(self) -> None:
        """Registers the workflows, the access policies and what this room keeps about a resident."""
        from yigong.access.api import register_policy
        from yigong.clinic.queries import access
        from yigong.clinic.rules import workflow  # noqa: F401 - declares and binds the state tables
        from yigong.residents.api import Holder, register_holder

        for subject in access.SUBJECTS:
            register_policy(subject, access.policy(subject))
        register_holder(Holder("clinic", _("门诊与住院"), access.held_about, access.under_way_about, order=40))
