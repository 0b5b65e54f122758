"""App registration."""

from django.apps import AppConfig


class NhsaConfig(AppConfig):
    """The national medical insurance interface."""

    name = "yigong.exchange.nhsa"
    label = "nhsa"

    def ready(self) -> None:
        """Offers the platform to settlement; the messages are reached from the difference desk."""
        from yigong.exchange.nhsa import api, parameters, policies
        from yigong.insurance.settlement.api import register_gateway

        # Declared here, not with the first page: who signs in before anybody has opened one has the right as well.
        assert parameters.RULES and policies.READ
        register_gateway(api.gateway_for)
