"""Addresses of orders: shared by all centres."""

from django.urls import URLPattern, path

from yigong.orders.rules import services
from yigong.orders.views import (
    critical,
    lists,
    one,
    placing,
    quality,
    quality_figures,
    recognition,
    reporting,
    templates,
)

app_name = "orders"


def _named(code: str) -> list[URLPattern]:
    """A service's lists under names without arguments, for the menu."""
    fixed = {"service_code": code}
    return [
        path(f"{code}/workbench/", lists.workbench, fixed, name=f"{code}_workbench"),
        path(f"{code}/worklist/", lists.reading_list, fixed, name=f"{code}_worklist"),
        path(f"{code}/statistics/", lists.statistics, fixed, name=f"{code}_statistics"),
    ]


urlpatterns = [
    *(entry for code in services() for entry in _named(code)),
    path("", lists.own, name="list"),
    path("recognition/", recognition.overview, name="recognition"),
    path("recognition/rows/", recognition.rows, name="recognition_rows"),
    path("recognition/repeats/", recognition.repeats, name="repeats"),
    path("recognition/assessments/", recognition.assessments, name="assessments"),
    path("recognition/institutions/", recognition.pick_institution, name="pick_institution"),
    path("recognition/<uuid:recognition_id>/withdraw/", recognition.withdraw, name="withdraw_recognition"),
    path("quality/", quality.overview, name="quality"),
    path("quality/figures/", quality_figures.figures, name="quality_figures"),
    path("quality/rows/", quality_figures.rows, name="quality_rows"),
    path("quality/export/", quality_figures.export, name="quality_export"),
    path("quality/draws/<uuid:round_id>/", quality.round_page, name="quality_round"),
    path("quality/draws/<uuid:round_id>/print/", quality_figures.print_round, name="quality_print"),
    path("quality/<uuid:sample_id>/", quality.sample, name="quality_sample"),
    path("templates/", templates.overview, name="templates"),
    path("templates/new/", templates.new, name="template_new"),
    path("templates/export/", templates.export, name="template_export"),
    path("templates/<uuid:template_id>/", templates.one, name="template"),
    path("templates/<uuid:template_id>/compare/", templates.compare, name="template_compare"),
    path("templates/<uuid:template_id>/act/", templates.act, name="template_act"),
    path("critical/", critical.open_list, name="criticals"),
    path("critical/<uuid:critical_id>/", critical.page, name="critical"),
    path("<uuid:order_id>/", one.detail, name="detail"),
    path("<uuid:order_id>/act/", one.act, name="act"),
    path("<uuid:order_id>/perform/", one.perform, name="perform"),
    path("<uuid:order_id>/print/", one.print_report, name="print"),
    path("<uuid:order_id>/report/", reporting.page, name="report"),
    path("<uuid:order_id>/draft/", reporting.draft, name="draft"),
    path("<uuid:order_id>/critical/", critical.flag, name="flag"),
    path("<slug:service_code>/new/<uuid:resident_id>/", placing.new, name="new"),
    path("<slug:service_code>/new/<uuid:resident_id>/check/", placing.check, name="check"),
    path("<slug:service_code>/items/", placing.items, name="items"),
    path("<slug:service_code>/workbench/", lists.workbench, name="workbench"),
    path("<slug:service_code>/worklist/", lists.reading_list, name="worklist"),
    path("<slug:service_code>/next/", lists.take_next, name="next"),
    path("<slug:service_code>/statistics/", lists.statistics, name="statistics"),
]
