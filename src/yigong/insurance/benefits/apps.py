"""App registration."""

from django.apps import AppConfig


class BenefitsConfig(AppConfig):
    """Benefit plans: their pages; the engine itself needs no app."""

    name = "yigong.insurance.benefits"

    def ready(self) -> None:
        """Declare the plans of the packs and offer the pages in the menu."""
        from django.utils.translation import gettext_lazy as _

        from yigong.core.ui import menu
        from yigong.insurance.benefits import plans, policies

        assert plans.PLANS
        # The director reaches the plans from the page of the fund: the menu of a dozen is full.
        roles = frozenset({"insurance_clerk", "referral_office", "bureau", "admin"})
        menu.register(
            menu.MenuEntry(
                _("待遇方案"), "benefits:list", policies.READ, 56, "money", roles=roles, group="insurance.people"
            )
        )
