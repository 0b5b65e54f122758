"""App registration."""

from django.apps import AppConfig


class ImagingConfig(AppConfig):
    """The imaging centre: one service on the order mechanism."""

    name = "yigong.centres.imaging"
    label = "imaging"

    def ready(self) -> None:
        """Declare the service."""
        from yigong.centres.imaging import commands, forms, policies, queries
        from yigong.centres.imaging.rules.catalogue import catalogue
        from yigong.centres.imaging.rules.safety import check
        from yigong.orders import api as orders

        rights = orders.Rights(
            request=policies.REQUEST,
            perform=policies.PERFORM,
            report=policies.REPORT,
            review=policies.REVIEW,
            statistics=policies.STATISTICS,
        )
        definition = orders.definition_from_pack(
            "imaging",
            rights=rights,
            catalogue=catalogue,
            check=check,
            panel=queries.panel,
            perform_form=forms.PerformForm,
            performed=commands.record_detail,
        )
        orders.declare_service(definition)
