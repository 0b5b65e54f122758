"""App registration."""

from django.apps import AppConfig


class TasksConfig(AppConfig):
    """The to-do list."""

    name = "yigong.tasks"

    def ready(self) -> None:
        """Have the clocks escalate tasks; show the list on the home page, in the menu and behind the bell; listen to the record."""
        from django.utils.translation import gettext_lazy as _

        from yigong.core.events.api import subscribe
        from yigong.core.states import clocks
        from yigong.core.ui import home, menu, shell
        from yigong.network.events import DutySwapMoved, RosterGapsFound
        from yigong.records.events import ResultRecorded, VitalAlertRaised
        from yigong.residents.api import Holder, register_holder
        from yigong.tasks import handlers, policies, queries  # noqa: F401 - declares the rights
        from yigong.tasks.commands import escalate_due

        clocks.also(escalate_due)
        register_holder(Holder("tasks", _("待办"), queries.held_about, order=40))
        menu.register(menu.MenuEntry(_("待办"), "tasks:list", order=5, icon="tasks"))
        home.register(home.HomeCard("tasks/home_card.html", queries.home_card, order=0, wide=True))
        shell.provide("tasks", lambda request: queries.count_for(request.actor).waiting)
        shell.provide("pressing", lambda request: queries.count_for(request.actor).pressing)
        subscribe(DutySwapMoved, handlers.pass_on_swap)
        subscribe(RosterGapsFound, handlers.tell_of_gaps)
        subscribe(ResultRecorded, handlers.looked_again)
        subscribe(VitalAlertRaised, handlers.look_again)
