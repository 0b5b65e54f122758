"""App registration."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class NhsaConfig(AppConfig):
    """The national medical insurance interface."""

    name = "yigong.exchange.nhsa"
    label = "nhsa"

    def ready(self) -> None:
        """Offers the platform to settlement, the desk of messages to the insurance office."""
        from yigong.core.ui import menu
        from yigong.exchange.nhsa import api, parameters, policies
        from yigong.insurance.settlement.api import register_gateway

        assert parameters.RULES
        register_gateway(api.gateway_for)
        menu.register(menu.MenuEntry(_("医保接口报文"), "nhsa:messages", policies.READ, 66, "list"))
