"""App registration."""

from django.apps import AppConfig


class NhsaConfig(AppConfig):
    """The national medical insurance interface."""

    name = "yigong.exchange.nhsa"
    label = "nhsa"

    def ready(self) -> None:
        """Offers the platform to settlement; the messages are reached from the difference desk."""
        from yigong.exchange.nhsa import api, parameters
        from yigong.insurance.settlement.api import register_gateway

        assert parameters.RULES
        register_gateway(api.gateway_for)
