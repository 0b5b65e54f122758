"""App registration."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class InvoicesConfig(AppConfig):
    """Fiscal invoices."""

    name = "yigong.insurance.invoices"

    def ready(self) -> None:
        """Registers the rights, the workflow and the access policy; the pages are reached from the counter."""
        from yigong.access.api import register_policy
        from yigong.core.states.api import bind
        from yigong.insurance.invoices import policies, queries, rules  # noqa: F401 - declares the rights
        from yigong.insurance.invoices.models import Invoice
        from yigong.residents.api import Holder, register_holder

        bind(rules.INVOICE, Invoice)
        register_policy("invoice", queries.decide, queries.visible)
        register_holder(Holder("invoices", _("收费票据"), queries.held_about, order=46))
