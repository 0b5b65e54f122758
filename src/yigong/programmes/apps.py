"""App registration."""

from dataclasses import replace

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ProgrammesConfig(AppConfig):
    """Programmes over years."""

    name = "yigong.programmes"

    def ready(self) -> None:
        """Bind the workflow, register handlers, the clock, tasks, panels, menu."""
        from yigong.core.events.api import subscribe
        from yigong.core.states import clocks
        from yigong.core.states.api import bind
        from yigong.core.ui import home, menu
        from yigong.programmes import events, handlers, policies
        from yigong.programmes.commands import finding, upkeep
        from yigong.programmes.models import Enrolment, PlannedActivity, Recall, SyndromeAlarm, VaccineLot
        from yigong.programmes.queries.front import front_part
        from yigong.programmes.queries.people import held_about, under_way_about
        from yigong.programmes.rules.entries import ENTRIES
        from yigong.programmes.rules.medicines import MEDICINES
        from yigong.programmes.rules.packs import PROGRAMME, SCREENING, STOCK
        from yigong.programmes.rules.sites import OUTREACH
        from yigong.programmes.rules.workflow import ENROLMENT, PLANNED, RECALL, SYNDROME_ALARM, VACCINE_LOT
        from yigong.programmes.views import visiting
        from yigong.programmes.views.managing import figures_card
        from yigong.programmes.views.people import home_card
        from yigong.records.api import register_front
        from yigong.records.events import ConditionAdded, ResultRecorded
        from yigong.residents.api import Holder, ResidentPanel, register_holder, register_panel
        from yigong.residents.events import LinkUndone, ResidentClosed, ResidentMerged, ResidentReopened
        from yigong.tasks.api import declare_kind

        assert events and finding and PROGRAMME and SCREENING and STOCK and OUTREACH and MEDICINES and ENTRIES
        bind(ENROLMENT, Enrolment)
        bind(VACCINE_LOT, VaccineLot)
        bind(RECALL, Recall)
        bind(SYNDROME_ALARM, SyndromeAlarm)
        bind(PLANNED, PlannedActivity)
        subscribe(ResidentClosed, handlers.person_closed)
        subscribe(ResidentReopened, handlers.person_reopened)
        subscribe(ResidentMerged, handlers.people_merged)
        subscribe(LinkUndone, handlers.link_undone)
        subscribe(ConditionAdded, handlers.diagnosed)
        subscribe(ResultRecorded, handlers.measured)
        clocks.also(upkeep.daily)
        register_front("programmes", front_part)
        register_holder(Holder("programmes", _("公卫管理"), held_about, under_way_about, order=35))
        for kind, label in _KINDS.items():
            declare_kind(f"programmes.{kind}", label)
        register_panel(
            ResidentPanel(
                "programmes",
                place="tab",
                label=_("公卫管理"),
                url_name="programmes:person",
                permission=policies.READ,
                order=30,
            )
        )
        due = ResidentPanel("programmes_due", "programmes/_at_visit.html", visiting.panel, policies.READ, "panel", 5)
        register_panel(due)
        register_panel(replace(due, name="programmes_visit", place="visit"))
        daily = frozenset({"village_doctor", "gp", "nurse"})
        menu.register(menu.MenuEntry(_("公卫随访"), "programmes:mine", policies.READ, 15, "heart", roles=daily))
        menu.register(
            menu.MenuEntry(
                _("公卫指标"), "programmes:rates", policies.FIGURES, 55, "chart", roles=frozenset({"bureau"})
            )
        )
        home.register(home.HomeCard("programmes/figures_card.html", figures_card, policies.FIGURES, order=45))
        home.register(home.HomeCard("programmes/home_card.html", home_card, policies.WORK, order=15))


_KINDS = {
    "visit": _("公卫随访"),
    "act": _("公卫处置"),
    "report": _("未访到报告"),
    "notify": _("传染病报告卡"),
    "site": _("单位巡查"),
    "plan": _("年度计划"),
    "recall": _("疫苗召回"),
    "held": _("超温疫苗判定"),
    "warning": _("症候群预警"),
    "check": _("随访电话抽查"),
    "untrue": _("不属实随访处理"),
}
