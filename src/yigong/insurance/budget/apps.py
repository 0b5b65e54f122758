"""App registration."""

from django.apps import AppConfig


class BudgetConfig(AppConfig):
    """The budget of the fund."""

    name = "yigong.insurance.budget"

    def ready(self) -> None:
        """Registers workflows, definitions, handlers, jobs and menu."""
        from django.utils.translation import gettext_lazy as _

        from yigong.core.events.api import subscribe
        from yigong.core.states.api import bind
        from yigong.core.ui import home, menu
        from yigong.insurance.budget import handlers, models, policies
        from yigong.insurance.budget.commands import whatif as jobs
        from yigong.insurance.budget.queries.paying import own_statement_card
        from yigong.insurance.budget.rules import states, terms
        from yigong.insurance.settlement.events import BillSettled, CaseGrouped, SettlementReversed
        from yigong.tasks.api import declare_kind

        assert terms.TERMS and jobs.JOB
        declare_kind("budget.pace", _("打包基金预计超支"))
        for table, model in (
            (states.PACKAGE, models.Package), (states.WEIGHTS, models.WeightSet),
            (states.SPECIAL, models.SpecialRequest), (states.STATEMENT, models.Statement), (states.APPRAISAL, models.Appraisal),
            (states.CLEARING, models.Clearing), (states.YEAR_CLOSE, models.YearClose),
        ):  # fmt: skip
            bind(table, model)
        subscribe(BillSettled, handlers.count_settlement)
        subscribe(SettlementReversed, handlers.count_correction)
        subscribe(CaseGrouped, handlers.group_case)
        menu.register(menu.MenuEntry(_("打包基金"), "budget:overview", policies.READ, order=54, icon="chart"))
        home.register(home.HomeCard("budget/home_card.html", own_statement_card, policies.OWN, order=45))
